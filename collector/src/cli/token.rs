//! `token create`, `token list`, `token revoke`.

use std::time::Duration;

use anyhow::{Context, Result};
use clap::Subcommand;
use inventory::Timestamp;
use serde::Serialize;
use store::{NewToken, Store, TokenId, TokenState};

use super::output::{self, Format, Row};
use super::{Place, Usage, actor};
use crate::clock;
use crate::config::{Config, parse_duration};
use crate::enrol::{Authority, Token};
use crate::ingest::text::brief;
use crate::server::certificate;

/// Longest life of a token.
const MAX_TTL: Duration = Duration::from_secs(30 * 24 * 3600);
const MAX_LABEL: usize = 200;

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Make a token that enrols one agent, and print it
    #[command(after_help = CREATE_HELP)]
    Create {
        /// Where agents reach this collector; the first of the config's `names` if left out
        #[arg(long, value_name = "HOST:PORT")]
        address: Option<String>,
        /// How long it can be used, such as 30m, 24h or 7d
        #[arg(long, value_parser = ttl)]
        ttl: Option<Duration>,
        /// What it is for, in your words
        #[arg(long, default_value = "")]
        label: String,
    },
    /// List tokens and what became of them
    #[command(after_help = "Example:\n  gnomon-collector token list --format json")]
    List {
        /// How to print
        #[arg(long, value_enum, default_value_t)]
        format: Format,
    },
    /// End a token that was not used
    #[command(after_help = "Example:\n  gnomon-collector token revoke 17")]
    Revoke {
        /// Its number, as `token list` shows it
        id: u64,
    },
}

const CREATE_HELP: &str = "\
The token holds a secret: who has it can enrol one machine. It works once.

Example:
  gnomon-collector token create --address collector.example.com:8443 --label laptop-7
  gnomon-agent enroll TOKEN";

impl Command {
    pub(super) fn run(self, place: &Place) -> Result<()> {
        match self {
            Self::Create {
                address,
                ttl,
                label,
            } => create(place, address, ttl, label),
            Self::List { format } => list(place, format),
            Self::Revoke { id } => revoke(place, id),
        }
    }
}

fn ttl(text: &str) -> Result<Duration, String> {
    parse_duration(text)
        .filter(|ttl| (Duration::from_secs(1)..=MAX_TTL).contains(ttl))
        .ok_or_else(|| "must be from 1s to 30d, such as 30m, 24h or 7d".to_owned())
}

fn create(
    place: &Place,
    address: Option<String>,
    ttl: Option<Duration>,
    label: String,
) -> Result<()> {
    let config = place.config()?;
    let address = match address {
        Some(address) => address,
        None => default_address(&config)?,
    };
    check_address(&config, &address)?;
    let (config, store) = place.open_or_create()?;
    let now = clock::now();
    let authority = Authority::open(&config.data_dir, now)?;
    let expires_at = now.saturating_add(ttl.unwrap_or(config.token_lifetime));
    let seconds = expires_at.as_nanos().div_euclid(1_000_000_000);
    let token = Token::generate(address, authority.fingerprint(), seconds)?;
    let new = NewToken {
        secret: token.hash(),
        label: brief(label, MAX_LABEL),
        expires_at: Timestamp::from_nanos(seconds.saturating_mul(1_000_000_000)),
    };
    store
        .create_token(&new, &actor(), now)
        .context("keep the token")?;
    output::line(&token.encode()?)
}

/// The first name this machine is called by, or the address it listens on.
fn default_address(config: &Config) -> Result<String> {
    let port = config.listen.port();
    match config.names.first() {
        Some(name) if name.contains(':') => Ok(format!("[{name}]:{port}")),
        Some(name) => Ok(format!("{name}:{port}")),
        None if !config.listen.ip().is_unspecified() => Ok(config.listen.to_string()),
        None => {
            let message = "say with --address HOST:PORT where agents reach this collector";
            Err(Usage(message.to_owned()).into())
        }
    }
}

/// A token whose address the server's certificate does not cover would only
/// fail later, on another machine.
fn check_address(config: &Config, address: &str) -> Result<()> {
    let host = host_of(address).ok_or_else(|| {
        Usage(format!(
            "--address must be HOST:PORT or [IPV6]:PORT, not {address:?}"
        ))
    })?;
    if certificate::covers(&config.certificate_names(), host) {
        return Ok(());
    }
    let message = format!(
        "the server's certificate is not for {host}, so no agent would accept it; \
         add \"{host}\" to `names` in the config file and restart the collector"
    );
    Err(Usage(message).into())
}

fn host_of(address: &str) -> Option<&str> {
    let (host, port) = address.rsplit_once(':')?;
    let port: u16 = port.parse().ok()?;
    let bare = match host.strip_prefix('[') {
        Some(rest) => rest.strip_suffix(']')?,
        None if host.contains(':') => return None,
        None => host,
    };
    (port != 0 && rustls_pki_types::ServerName::try_from(bare).is_ok()).then_some(bare)
}

#[derive(Serialize)]
struct Listed {
    id: u64,
    label: String,
    state: &'static str,
    expires_at: Timestamp,
    created_at: Timestamp,
    created_by: String,
    sensor: Option<String>,
}

impl Row for Listed {
    const HEADER: &'static [&'static str] = &[
        "id",
        "label",
        "state",
        "expires_at",
        "created_at",
        "created_by",
        "sensor",
    ];
    const NONE: &'static str = "no tokens; make one with `gnomon-collector token create`";

    fn cells(&self) -> Vec<String> {
        vec![
            self.id.to_string(),
            self.label.clone(),
            self.state.to_owned(),
            output::moment(self.expires_at),
            output::moment(self.created_at),
            self.created_by.clone(),
            self.sensor.clone().unwrap_or_default(),
        ]
    }
}

fn list(place: &Place, format: Format) -> Result<()> {
    let now = clock::now();
    let tokens = place.open()?.tokens().context("read the tokens")?;
    let listed: Vec<Listed> = tokens.into_iter().map(|token| listed(token, now)).collect();
    output::rows(&listed, format)
}

fn listed(token: store::Token, now: Timestamp) -> Listed {
    let (state, sensor) = match token.state {
        TokenState::Waiting if now >= token.expires_at => ("expired", None),
        TokenState::Waiting => ("waiting", None),
        TokenState::Used { sensor, .. } => ("used", Some(sensor.to_string())),
        TokenState::Revoked { .. } => ("revoked", None),
    };
    Listed {
        id: token.id.0,
        label: token.label,
        state,
        expires_at: token.expires_at,
        created_at: token.created_at,
        created_by: token.created_by,
        sensor,
    }
}

fn revoke(place: &Place, id: u64) -> Result<()> {
    let revoked = place
        .open()?
        .revoke_token(TokenId(id), &actor(), clock::now())?;
    anyhow::ensure!(
        revoked,
        "there is no token {id} that waits; see `gnomon-collector token list`"
    );
    output::line(&format!("token {id} is revoked"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_a_host_and_a_port() {
        assert_eq!(host_of("c.example:8443"), Some("c.example"));
        assert_eq!(host_of("192.0.2.1:1"), Some("192.0.2.1"));
        assert_eq!(host_of("[2001:db8::1]:8443"), Some("2001:db8::1"));
        for text in [
            "",
            "c.example",
            "c.example:",
            "c.example:0",
            "c.example:99999",
            "::1:8443",
            "a b:1",
        ] {
            assert_eq!(host_of(text), None, "{text}");
        }
    }

    #[test]
    fn an_address_must_be_one_that_the_certificate_is_for() {
        let config = Config {
            names: vec!["c.example".to_owned()],
            ..Config::default()
        };
        assert!(check_address(&config, "C.example:443").is_ok());
        assert!(check_address(&config, "localhost:8443").is_ok());
        let error = check_address(&config, "other.example:8443").unwrap_err();
        assert!(
            error.is::<Usage>() && error.to_string().contains("`names`"),
            "{error}"
        );
    }

    #[test]
    fn the_default_address_is_the_first_name() {
        let mut config = Config::default();
        assert!(default_address(&config).is_err());
        config.listen = "127.0.0.1:9".parse().unwrap();
        assert_eq!(default_address(&config).unwrap(), "127.0.0.1:9");
        config.names = vec!["2001:db8::1".to_owned()];
        assert_eq!(default_address(&config).unwrap(), "[2001:db8::1]:9");
    }

    #[test]
    fn a_ttl_has_bounds() {
        assert_eq!(ttl("24h"), Ok(Duration::from_secs(86_400)));
        assert!(ttl("0s").is_err() && ttl("31d").is_err() && ttl("x").is_err());
    }
}
