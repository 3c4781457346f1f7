//! Where the collector is and who asks: flags, else environment, else the config file.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};

use serde::Deserialize;

use super::args::Place;
use super::failure::Failure;

/// Longest file that is read for a token.
const MAX_TOKEN: usize = 4096;

/// What it takes to ask.
pub(super) struct Config {
    /// `https://host:port`, without a slash at the end.
    pub(super) collector: String,
    /// PEM file of the only CA that is trusted.
    pub(super) ca: PathBuf,
    /// API token.
    pub(super) token: String,
}

/// The file, as typed.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Raw {
    collector: Option<String>,
    ca: Option<PathBuf>,
    token_file: Option<PathBuf>,
}

impl Config {
    /// Puts it together; says everything that is missing at once.
    pub(super) fn load(place: &Place) -> Result<Self, Failure> {
        let (file, raw) = read(place.config.as_deref())?;
        let folder = file.parent().unwrap_or(Path::new(""));
        let collector = place.collector.clone().or(raw.collector);
        let ca = place.ca.clone().or(raw.ca.map(|path| folder.join(path)));
        let token_file = place.token_file.clone();
        let token = match (
            token_file,
            env::var("GNOMON_TOKEN").ok().filter(|t| !t.is_empty()),
        ) {
            (Some(path), _) => Some(read_token(&path)?),
            (None, Some(token)) => Some(token.trim().to_owned()),
            (None, None) => raw
                .token_file
                .map(|path| read_token(&folder.join(path)))
                .transpose()?,
        };
        match (collector, ca, token) {
            (Some(collector), Some(ca), Some(token)) => Ok(Self {
                collector: address(&collector)?,
                ca,
                token,
            }),
            (collector, ca, token) => Err(missing(&file, collector, ca, token)),
        }
    }
}

fn missing(
    file: &Path,
    collector: Option<String>,
    ca: Option<PathBuf>,
    token: Option<String>,
) -> Failure {
    let mut failure = Failure::usage("it is not said where the collector is and who asks");
    if collector.is_none() {
        failure = failure
            .hint("address: --collector URL, GNOMON_COLLECTOR, or `collector` in the config file");
    }
    if ca.is_none() {
        failure = failure
            .hint("CA: --ca FILE, GNOMON_CA, or `ca` in the config file; copy ca.pem from the collector's data folder");
    }
    if token.is_none() {
        failure = failure.hint(
            "token: --token-file FILE, GNOMON_TOKEN_FILE, GNOMON_TOKEN, or `token_file` in the config file; `gnomon-collector user add` makes one",
        );
    }
    failure.hint(format!("config file: {}", file.display()))
}

/// The path of the config file, there or not, and what it says.
fn read(asked: Option<&Path>) -> Result<(PathBuf, Raw), Failure> {
    let path = asked.map_or_else(default_path, Path::to_owned);
    let text = match fs::read_to_string(&path) {
        Ok(text) => text,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound && asked.is_none() => {
            return Ok((path, Raw::default()));
        }
        Err(error) => {
            return Err(Failure::usage(format!(
                "cannot read {}: {error}",
                path.display()
            )));
        }
    };
    match toml::from_str(&text) {
        Ok(raw) => Ok((path, raw)),
        Err(error) => {
            let start = error.span().map_or(0, |span| span.start);
            let before = text.get(..start).unwrap_or_default();
            let line = before.matches('\n').count().saturating_add(1);
            let message = format!("{}:{line}: {}", path.display(), error.message());
            Err(Failure::usage(message).hint("known are collector, ca and token_file"))
        }
    }
}

fn default_path() -> PathBuf {
    let folder = env::var_os("XDG_CONFIG_HOME")
        .map(PathBuf::from)
        .filter(|path| path.is_absolute())
        .or_else(|| env::var_os("HOME").map(|home| Path::new(&home).join(".config")));
    folder.unwrap_or_default().join("gnomon/config.toml")
}

fn read_token(path: &Path) -> Result<String, Failure> {
    let text = fs::read_to_string(path).map_err(|error| {
        Failure::usage(format!(
            "cannot read the API token in {}: {error}",
            path.display()
        ))
    })?;
    let token = text.trim();
    if token.is_empty() || token.len() > MAX_TOKEN || token.contains(char::is_whitespace) {
        let message = format!("{} holds no API token", path.display());
        return Err(Failure::usage(message).hint("it is one line that begins with gnu1_"));
    }
    Ok(token.to_owned())
}

/// `host:port` is taken as `https://host:port`; the token must not travel in clear.
fn address(text: &str) -> Result<String, Failure> {
    let address = match text.split_once("://") {
        Some(("https", rest)) => rest,
        Some((scheme, _)) => {
            return Err(
                Failure::usage(format!("{scheme}:// is not safe for an API token"))
                    .hint(format!("write https:// in {text}")),
            );
        }
        None => text,
    };
    let address = address.trim_end_matches('/');
    if address.is_empty() || address.contains(['/', '?', '#', '@', ' ']) {
        return Err(
            Failure::usage(format!("{text:?} is no address of a collector"))
                .hint("it looks like https://collector.example.com:8443"),
        );
    }
    Ok(format!("https://{address}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_become_https_without_a_path() {
        for (text, address_of) in [
            ("https://c.example:8443", "https://c.example:8443"),
            ("https://c.example:8443/", "https://c.example:8443"),
            ("c.example:8443", "https://c.example:8443"),
            ("[::1]:8443", "https://[::1]:8443"),
        ] {
            assert_eq!(address(text).ok().as_deref(), Some(address_of));
        }
        for text in [
            "",
            "http://c.example",
            "https://c/api",
            "https://u@c",
            "https://",
            "a b",
        ] {
            assert!(address(text).is_err(), "{text}");
        }
    }
}
