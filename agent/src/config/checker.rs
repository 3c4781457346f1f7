//! The checks that every kind of value shares; each that fails adds its problem.

use std::ops::RangeInclusive;
use std::path::PathBuf;
use std::time::Duration;

use super::problem::Problem;
use super::units;
use super::walk::At;

/// Collects what is wrong.
#[derive(Debug)]
pub(super) struct Checker<'p> {
    problems: &'p mut Vec<Problem>,
}

impl<'p> Checker<'p> {
    pub(super) fn new(problems: &'p mut Vec<Problem>) -> Self {
        Self { problems }
    }

    pub(super) fn add(&mut self, line: usize, message: String) {
        self.problems.push(Problem { line, message });
    }

    pub(super) fn one_of<T: Copy>(
        &mut self,
        key: &str,
        typed: Option<At<String>>,
        choices: &[(&str, T)],
    ) -> Option<T> {
        let typed = typed?;
        if let Some((_, choice)) = choices.iter().find(|(name, _)| *name == typed.value) {
            return Some(*choice);
        }
        let names: Vec<String> = choices
            .iter()
            .map(|(name, _)| format!("\"{name}\""))
            .collect();
        self.add(
            typed.line,
            format!(
                "`{key}` must be one of {}, but is {:?}",
                names.join(", "),
                typed.value
            ),
        );
        None
    }

    pub(super) fn within<T: PartialOrd>(
        &mut self,
        key: &str,
        typed: At<T>,
        bounds: RangeInclusive<T>,
        show: impl Fn(&T) -> String,
    ) -> Option<T> {
        if bounds.contains(&typed.value) {
            return Some(typed.value);
        }
        let (low, high) = (show(bounds.start()), show(bounds.end()));
        self.add(
            typed.line,
            format!(
                "`{key}` must be from {low} to {high}, but is {}",
                show(&typed.value)
            ),
        );
        None
    }

    pub(super) fn path(&mut self, key: &str, typed: Option<At<String>>) -> Option<PathBuf> {
        let typed = typed?;
        let path = PathBuf::from(&typed.value);
        if path.is_absolute() {
            return Some(path);
        }
        self.add(
            typed.line,
            format!("`{key}` must be an absolute path, but is {:?}", typed.value),
        );
        None
    }

    pub(super) fn address(&mut self, key: &str, typed: Option<At<String>>) -> Option<String> {
        let typed = typed?;
        if host_and_port(&typed.value).is_some() {
            return Some(typed.value);
        }
        self.add(
            typed.line,
            format!("`{key}` must be \"host:port\", but is {:?}", typed.value),
        );
        None
    }

    pub(super) fn size(
        &mut self,
        key: &str,
        typed: Option<At<String>>,
        bounds: RangeInclusive<u64>,
    ) -> Option<u64> {
        let typed = typed?;
        let Some(value) = units::size(&typed.value) else {
            self.add(
                typed.line,
                format!(
                    "`{key}` must be a size such as \"64 MiB\", but is {:?}",
                    typed.value
                ),
            );
            return None;
        };
        self.within(
            key,
            At {
                value,
                line: typed.line,
            },
            bounds,
            |bytes| crate::text::bytes(*bytes),
        )
    }

    pub(super) fn duration(
        &mut self,
        key: &str,
        typed: Option<At<String>>,
        bounds: RangeInclusive<Duration>,
    ) -> Option<Duration> {
        let typed = typed?;
        let Some(value) = units::duration(&typed.value) else {
            self.add(
                typed.line,
                format!(
                    "`{key}` must be a duration such as \"60s\" or \"1h\", but is {:?}",
                    typed.value
                ),
            );
            return None;
        };
        self.within(
            key,
            At {
                value,
                line: typed.line,
            },
            bounds,
            |duration| format!("{}s", duration.as_secs()),
        )
    }
}

/// Splits `host:port`; IPv6 addresses are in brackets.
pub(crate) fn host_and_port(text: &str) -> Option<(&str, u16)> {
    let (host, port) = text.rsplit_once(':')?;
    let bare = host
        .strip_prefix('[')
        .and_then(|rest| rest.strip_suffix(']'));
    let valid = match bare {
        Some(address) => address.parse::<std::net::Ipv6Addr>().is_ok(),
        None => {
            !host.is_empty()
                && host
                    .bytes()
                    .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b'_'))
        }
    };
    let port: u16 = port.parse().ok().filter(|port| *port != 0)?;
    valid.then_some((bare.unwrap_or(host), port))
}
