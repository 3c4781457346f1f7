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
//! [catalogue]
//! local = "/etc/gnomon/catalogue"   # folder of own TOML files; without it there are none
//!
//! [privacy]
//! users = "pseudonym"        # or plain, none: how people are named in what agents report
//! officers = ["/etc/gnomon/officer-1.pub", "/etc/gnomon/officer-2.pub"]   # who can unmask, both together; or none
//!
//! [risk]
//! countries = []             # headquarters that you declare a concern, ISO 3166-1 alpha-2, such as "AQ"
//!
//! [risk.weights]             # most points of a factor, 0 to 100; see `gnomon-collector catalogue risk`
//! data_use = 25
//!
//! [log]
//! level = "info"             # error, warn, info, debug, trace
//! format = "text"            # or json
//! ```
//!
//! [`read`] takes the text as typed (`raw`) to a [`Config`] as meant; whatever
//! is wrong with it is reported in one go, each problem with its line.

mod check;
mod duration;
pub mod fuzzing;
mod problem;
mod raw;
#[cfg(test)]
mod tests;

use std::fs;
use std::net::{IpAddr, Ipv6Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::time::Duration;

pub use duration::parse_duration;
use inventory::RiskModel;
pub use problem::{Problem, Problems};

/// The config file that is read when none is named, if it is there.
pub const DEFAULT_PATH: &str = "/etc/gnomon/collector.toml";
/// Where everything is kept unless the file or the command line says otherwise.
pub const DEFAULT_DATA_DIR: &str = "/var/lib/gnomon-collector";
/// The port agents and people connect to.
pub const DEFAULT_PORT: u16 = 8443;

/// More of a file than this is not read.
const MAX_FILE_BYTES: u64 = 1 << 20;
const DAY: Duration = Duration::from_secs(24 * 3600);

/// How log lines look.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogFormat {
    /// For people.
    Text,
    /// One JSON object a line.
    Json,
}

/// How people are named in what agents report.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UsersMode {
    /// By a keyed label.
    Pseudonym,
    /// By login name.
    Plain,
    /// Not at all.
    None,
}

impl UsersMode {
    /// As it is in files and messages.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Pseudonym => "pseudonym",
            Self::Plain => "plain",
            Self::None => "none",
        }
    }
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
    /// Folder of local catalogue files.
    pub catalogue_local: Option<PathBuf>,
    /// How people are named in what agents report.
    pub users: UsersMode,
    /// Public key files of the officers who can unmask, both together: none, or two.
    pub officers: Vec<PathBuf>,
    /// How risk scores are made.
    pub risk: RiskModel,
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
            catalogue_local: None,
            users: UsersMode::Pseudonym,
            officers: Vec::new(),
            risk: RiskModel::default(),
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
    let config = check::config(raw, &mut problems);
    if problems.is_empty() {
        Ok(config)
    } else {
        Err(Problems::new(file.to_owned(), problems))
    }
}
