//! The collector's settings: a TOML file, every setting with a default, checked
//! as a whole.
//!
//! ```toml
//! data_dir = "/var/lib/gnomon-collector"
//! listen = "[::]:8443"
//! # What agents and people call this machine; loopback is always among them.
//! names = ["collector.example.com", "192.0.2.10"]
//! max_connections = 10000
//!
//! [enrolment]
//! token_lifetime = "24h"
//! certificate_lifetime = "90d"
//!
//! [ingest]
//! max_batch = 10000          # records in one message
//!
//! [log]
//! level = "info"             # error, warn, info, debug, trace
//! format = "text"            # or json
//! ```
//!
//! [`read`] takes the text as typed (`raw`) to a [`Config`] as meant; whatever
//! is wrong with it is reported in one go, each problem with its line.

mod duration;
mod problem;
mod raw;
#[cfg(test)]
mod tests;

use std::fs;
use std::net::{IpAddr, Ipv6Addr, SocketAddr};
use std::ops::RangeInclusive;
use std::path::{Path, PathBuf};
use std::time::Duration;

use rustls_pki_types::ServerName;

pub use duration::parse_duration;
pub use problem::{Problem, Problems};
use raw::{Raw, Typed};

/// The config file that is read when none is named, if it is there.
pub const DEFAULT_PATH: &str = "/etc/gnomon/collector.toml";
/// Where everything is kept unless the file or the command line says otherwise.
pub const DEFAULT_DATA_DIR: &str = "/var/lib/gnomon-collector";
/// The port agents and people connect to.
pub const DEFAULT_PORT: u16 = 8443;

/// More of a file than this is not read.
const MAX_FILE_BYTES: u64 = 1 << 20;
const MAX_NAMES: usize = 100;
const DAY: Duration = Duration::from_secs(24 * 3600);
const TOKEN_LIFETIME: RangeInclusive<Duration> =
    Duration::from_secs(60)..=Duration::from_secs(30 * 24 * 3600);
const CERTIFICATE_LIFETIME: RangeInclusive<Duration> =
    Duration::from_secs(600)..=Duration::from_secs(825 * 24 * 3600);
/// So many that an acknowledgement that refuses them all stays below the 4 MiB
/// that gRPC clients read.
const BATCH: RangeInclusive<usize> = 1..=20_000;
const CONNECTIONS: RangeInclusive<usize> = 16..=100_000;

/// How log lines look.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogFormat {
    /// For people.
    Text,
    /// One JSON object a line.
    Json,
}

/// What the collector was told, all of it within its bounds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Config {
    /// The folder of the store and of the CA.
    pub data_dir: PathBuf,
    /// Where the one port is.
    pub listen: SocketAddr,
    /// DNS names and addresses of the server's certificate, without loopback.
    pub names: Vec<String>,
    /// Agents connected at the same time.
    pub max_connections: usize,
    /// How long an enrolment token can be redeemed when its maker does not say.
    pub token_lifetime: Duration,
    /// How long a sensor's certificate is valid.
    pub certificate_lifetime: Duration,
    /// Records in one batch.
    pub max_batch: usize,
    /// The least important log lines that are written.
    pub log_level: tracing::Level,
    /// How log lines look.
    pub log_format: LogFormat,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            data_dir: PathBuf::from(DEFAULT_DATA_DIR),
            listen: SocketAddr::new(IpAddr::V6(Ipv6Addr::UNSPECIFIED), DEFAULT_PORT),
            names: Vec::new(),
            max_connections: 10_000,
            token_lifetime: DAY,
            certificate_lifetime: DAY * 90,
            max_batch: 10_000,
            log_level: tracing::Level::INFO,
            log_format: LogFormat::Text,
        }
    }
}

impl Config {
    /// Everything that the server's certificate is for, besides loopback: the
    /// names, and the address it listens on when that is a single one.
    #[must_use]
    pub fn certificate_names(&self) -> Vec<String> {
        let address = self.listen.ip().to_canonical();
        let listens_on = (!address.is_unspecified()).then(|| address.to_string());
        self.names.iter().cloned().chain(listens_on).collect()
    }
}

/// Why there is no [`Config`].
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The file is not there, or may not be read.
    #[error("{}: {source}", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// Larger than any config file.
    #[error("{}: is larger than 1 MiB, which no config file is", .0.display())]
    TooLarge(PathBuf),
    /// Everything that has to be corrected.
    #[error(transparent)]
    Problems(#[from] Problems),
}

/// Reads the file at `path`.
///
/// # Errors
///
/// When it cannot be read, or with everything that is wrong in it.
pub fn load(path: &Path) -> Result<Config, Error> {
    let unreadable = |source| Error::Unreadable {
        path: path.to_owned(),
        source,
    };
    if fs::metadata(path).map_err(unreadable)?.len() > MAX_FILE_BYTES {
        return Err(Error::TooLarge(path.to_owned()));
    }
    let text = fs::read_to_string(path).map_err(unreadable)?;
    Ok(read(&path.display().to_string(), &text)?)
}

/// Reads the text of a config file; `file` is its name in messages.
///
/// # Errors
///
/// Everything that is wrong: syntax, unknown keys, types, values out of bounds.
pub fn read(file: &str, text: &str) -> Result<Config, Problems> {
    let (raw, mut problems) = raw::read(text);
    let config = Check {
        problems: &mut problems,
    }
    .config(raw);
    if problems.is_empty() {
        Ok(config)
    } else {
        Err(Problems::new(file.to_owned(), problems))
    }
}

/// Takes values as typed to values as meant, one problem for each that is not.
struct Check<'p> {
    problems: &'p mut Vec<Problem>,
}

impl Check<'_> {
    fn config(&mut self, raw: Raw) -> Config {
        let default = Config::default();
        Config {
            data_dir: self.data_dir(raw.data_dir).unwrap_or(default.data_dir),
            listen: self.listen(raw.listen).unwrap_or(default.listen),
            names: raw.names.map_or(default.names, |names| self.names(names)),
            max_connections: self
                .count("max_connections", raw.max_connections, CONNECTIONS)
                .unwrap_or(default.max_connections),
            token_lifetime: self
                .duration(
                    "enrolment.token_lifetime",
                    raw.token_lifetime,
                    TOKEN_LIFETIME,
                )
                .unwrap_or(default.token_lifetime),
            certificate_lifetime: self
                .duration(
                    "enrolment.certificate_lifetime",
                    raw.certificate_lifetime,
                    CERTIFICATE_LIFETIME,
                )
                .unwrap_or(default.certificate_lifetime),
            max_batch: self
                .count("ingest.max_batch", raw.max_batch, BATCH)
                .unwrap_or(default.max_batch),
            log_level: self.log_level(raw.log_level).unwrap_or(default.log_level),
            log_format: self
                .log_format(raw.log_format)
                .unwrap_or(default.log_format),
        }
    }

    fn problem(&mut self, line: usize, message: String) {
        self.problems.push(Problem { line, message });
    }

    fn data_dir(&mut self, typed: Option<Typed<String>>) -> Option<PathBuf> {
        let Typed { value, line } = typed?;
        let path = PathBuf::from(&value);
        if path.is_absolute() {
            return Some(path);
        }
        self.problem(
            line,
            format!("`data_dir` must be a full path, not {value:?}"),
        );
        None
    }

    fn listen(&mut self, typed: Option<Typed<String>>) -> Option<SocketAddr> {
        let Typed { value, line } = typed?;
        let parsed = value.parse().ok();
        if parsed.is_none() {
            let example = "an address and a port such as \"0.0.0.0:8443\" or \"[::]:8443\"";
            self.problem(line, format!("`listen` must be {example}, not {value:?}"));
        }
        parsed
    }

    fn names(&mut self, typed: Vec<Typed<String>>) -> Vec<String> {
        if let Some(first_too_many) = typed.get(MAX_NAMES) {
            let line = first_too_many.line;
            self.problem(
                line,
                format!("`names` must have at most {MAX_NAMES} entries"),
            );
        }
        for Typed { value, line } in &typed {
            if ServerName::try_from(value.as_str()).is_err() {
                let message = format!("`names` must hold host names or addresses, not {value:?}");
                self.problem(*line, message);
            }
        }
        typed.into_iter().map(|name| name.value).collect()
    }

    fn count(
        &mut self,
        key: &str,
        typed: Option<Typed<i64>>,
        bounds: RangeInclusive<usize>,
    ) -> Option<usize> {
        let Typed { value, line } = typed?;
        let count = usize::try_from(value)
            .ok()
            .filter(|count| bounds.contains(count));
        if count.is_none() {
            let (low, high) = (bounds.start(), bounds.end());
            self.problem(
                line,
                format!("`{key}` must be from {low} to {high}, not {value}"),
            );
        }
        count
    }

    fn duration(
        &mut self,
        key: &str,
        typed: Option<Typed<String>>,
        bounds: RangeInclusive<Duration>,
    ) -> Option<Duration> {
        let Typed { value, line } = typed?;
        let duration = parse_duration(&value).filter(|duration| bounds.contains(duration));
        if duration.is_none() {
            let (low, high) = (
                duration::show(*bounds.start()),
                duration::show(*bounds.end()),
            );
            let message = format!(
                "`{key}` must be a duration such as \"24h\" or \"90d\", from {low} to {high}, \
                 not {value:?}"
            );
            self.problem(line, message);
        }
        duration
    }

    fn log_level(&mut self, typed: Option<Typed<String>>) -> Option<tracing::Level> {
        let Typed { value, line } = typed?;
        let levels = ["error", "warn", "info", "debug", "trace"];
        if levels.contains(&value.as_str()) {
            return value.parse().ok();
        }
        self.problem(
            line,
            format!("`log.level` must be one of {levels:?}, not {value:?}"),
        );
        None
    }

    fn log_format(&mut self, typed: Option<Typed<String>>) -> Option<LogFormat> {
        let Typed { value, line } = typed?;
        match value.as_str() {
            "text" => Some(LogFormat::Text),
            "json" => Some(LogFormat::Json),
            _ => {
                self.problem(
                    line,
                    format!("`log.format` must be \"text\" or \"json\", not {value:?}"),
                );
                None
            }
        }
    }
}
