//! From settings as typed to settings as meant: every value within its bounds,
//! one problem for each that is not.

use std::net::SocketAddr;
use std::ops::RangeInclusive;
use std::path::PathBuf;
use std::time::Duration;

use inventory::{Factor, RiskModel};
use rustls_pki_types::ServerName;

use super::duration::{parse_duration, show};
use super::problem::Problem;
use super::raw::{Raw, Typed};
use super::{Config, LogFormat, UsersMode};

const MAX_NAMES: usize = 100;
const TOKEN_LIFETIME: RangeInclusive<Duration> =
    Duration::from_secs(60)..=Duration::from_secs(30 * 24 * 3600);
const CERTIFICATE_LIFETIME: RangeInclusive<Duration> =
    Duration::from_secs(600)..=Duration::from_secs(825 * 24 * 3600);
/// So many that an acknowledgement that refuses them all stays below the 4 MiB
/// that gRPC clients read.
const BATCH: RangeInclusive<usize> = 1..=20_000;
const WEIGHT: RangeInclusive<usize> = 0..=100;
const CONNECTIONS: RangeInclusive<usize> = 16..=100_000;

/// Takes values as typed to values as meant, one problem for each that is not.
struct Check<'p> {
    problems: &'p mut Vec<Problem>,
}

/// The settings as meant; whatever is wrong has its default and a problem.
pub(super) fn config(raw: Raw, problems: &mut Vec<Problem>) -> Config {
    Check { problems }.config(raw)
}

impl Check<'_> {
    fn config(&mut self, raw: Raw) -> Config {
        let default = Config::default();
        Config {
            data_dir: self
                .folder("data_dir", raw.data_dir)
                .unwrap_or(default.data_dir),
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
            catalogue_local: self.folder("catalogue.local", raw.catalogue_local),
            users: self.users(raw.users).unwrap_or(default.users),
            officers: raw
                .officers
                .map_or(default.officers, |files| self.officers(files)),
            risk: self.risk(raw.risk_countries, raw.risk_weights),
            log_level: self.log_level(raw.log_level).unwrap_or(default.log_level),
            log_format: self
                .log_format(raw.log_format)
                .unwrap_or(default.log_format),
        }
    }

    fn problem(&mut self, line: usize, message: String) {
        self.problems.push(Problem { line, message });
    }

    fn folder(&mut self, key: &str, typed: Option<Typed<String>>) -> Option<PathBuf> {
        let Typed { value, line } = typed?;
        let path = PathBuf::from(&value);
        if path.is_absolute() {
            return Some(path);
        }
        self.problem(line, format!("`{key}` must be a full path, not {value:?}"));
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
            let (low, high) = (show(*bounds.start()), show(*bounds.end()));
            let message = format!(
                "`{key}` must be a duration such as \"24h\" or \"90d\", from {low} to {high}, \
                 not {value:?}"
            );
            self.problem(line, message);
        }
        duration
    }

    fn users(&mut self, typed: Option<Typed<String>>) -> Option<UsersMode> {
        let Typed { value, line } = typed?;
        let modes = [UsersMode::Pseudonym, UsersMode::Plain, UsersMode::None];
        let mode = modes.into_iter().find(|mode| mode.as_str() == value);
        if mode.is_none() {
            let message = format!(
                "`privacy.users` must be \"pseudonym\", \"plain\" or \"none\", not {value:?}"
            );
            self.problem(line, message);
        }
        mode
    }

    /// One officer alone could unmask, and three could not tell who did.
    fn officers(&mut self, typed: Vec<Typed<String>>) -> Vec<PathBuf> {
        if let Some(first) = typed.first()
            && typed.len() != 2
        {
            self.problem(
                first.line,
                "`privacy.officers` must name two public key files, or none".to_owned(),
            );
        }
        (typed.into_iter())
            .filter_map(|file| self.folder("privacy.officers", Some(file)))
            .collect()
    }

    fn risk(
        &mut self,
        countries: Option<Vec<Typed<String>>>,
        weights: Vec<(Factor, Typed<i64>)>,
    ) -> RiskModel {
        let mut model = RiskModel::default();
        for Typed { value, line } in countries.unwrap_or_default() {
            if value.len() == 2 && value.bytes().all(|byte| byte.is_ascii_uppercase()) {
                model.declare_country(&value);
            } else {
                let message = format!(
                    "`risk.countries` must hold ISO 3166-1 alpha-2 codes in upper case, not {value:?}"
                );
                self.problem(line, message);
            }
        }
        for (factor, weight) in weights {
            let key = format!("risk.weights.{factor}");
            let weight = self.count(&key, Some(weight), WEIGHT);
            if let Some(weight) = weight.and_then(|weight| weight.try_into().ok()) {
                model.set_weight(factor, weight);
            }
        }
        model
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
