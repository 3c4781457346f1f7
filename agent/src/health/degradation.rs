//! What the agent cannot do as well as it should, derived from the status.

use std::fmt;
use std::time::Duration;

use super::{Attribution, Status};
use crate::text::{counted, short_time, span};

/// A clock that is further off than this makes times unreliable.
const CLOCK_TOLERANCE_MS: u64 = 5_000;
/// A certificate with less life than this should have been renewed.
const EXPIRY_WARNING: Duration = Duration::from_secs(3 * 86_400);

/// One reduced ability, with its reason.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum Degradation {
    NoInterface(String),
    NotCapturing {
        interface: String,
        problem: String,
    },
    WeakerBackend {
        interface: String,
        backend: String,
        reason: String,
    },
    WeakerFilter {
        interface: String,
        filter: String,
        reason: String,
    },
    CaptureDrops {
        interface: String,
        frames: u64,
    },
    SpoolShed {
        records: u64,
    },
    SpoolDamaged {
        bytes: u64,
    },
    SpoolFailing(String),
    NotEnrolled,
    CollectorUnavailable(String),
    RecordsRefused {
        records: u64,
        last: String,
    },
    ClockOffset {
        milliseconds: i64,
    },
    CertificateExpires {
        at: i64,
        problem: Option<String>,
    },
    NoAttribution(String),
    PresenceReduced(String),
    PrivilegesKept(String),
    OverBudget(String),
    WeakerAttribution {
        backend: String,
        problem: String,
    },
    CatalogueRefused(String),
    LocalFilesRefused(String),
}

impl fmt::Display for Degradation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoInterface(reason) => write!(f, "nothing is captured: {reason}"),
            Self::NotCapturing { interface, problem } => {
                write!(f, "nothing is captured on {interface}: {problem}")
            }
            Self::WeakerBackend {
                interface,
                backend,
                reason,
            } => {
                write!(f, "{interface} is captured through {backend}: {reason}")
            }
            Self::WeakerFilter {
                interface,
                filter,
                reason,
            } => {
                let effect = effect_of(filter);
                write!(f, "on {interface} {effect}: {reason}")
            }
            Self::CaptureDrops { interface, frames } => write!(
                f,
                "{} on {interface} lost before they could be read",
                counted(*frames, "frame")
            ),
            Self::SpoolShed { records } => write!(
                f,
                "{} thrown away undelivered because the spool was full",
                counted(*records, "record")
            ),
            Self::SpoolDamaged { bytes } => {
                write!(
                    f,
                    "{} of the spool were damaged and skipped",
                    counted(*bytes, "byte")
                )
            }
            Self::SpoolFailing(problem) => write!(f, "findings cannot be stored: {problem}"),
            Self::NotEnrolled => f.write_str("not enrolled: findings stay on this machine"),
            Self::CollectorUnavailable(problem) | Self::OverBudget(problem) => f.write_str(problem),
            Self::RecordsRefused { records, last } => write!(
                f,
                "{} refused by the collector, the last because: {last}",
                counted(*records, "record")
            ),
            Self::ClockOffset { milliseconds } => clock(f, *milliseconds),
            Self::CertificateExpires { at, problem } => {
                write!(f, "the certificate ends on {}", short_time(*at))?;
                match problem {
                    Some(problem) => write!(f, " and could not be renewed: {problem}"),
                    None => f.write_str(" and is not renewed yet"),
                }
            }
            Self::NoAttribution(problem) => write!(
                f,
                "programs and users are unknown, only packets are watched: {problem}"
            ),
            Self::PrivilegesKept(problem) => {
                write!(f, "capabilities that are not used are kept: {problem}")
            }
            Self::PresenceReduced(problem) => {
                write!(f, "AI tools on this machine are not all seen: {problem}")
            }
            Self::WeakerAttribution { backend, problem } => {
                write!(f, "programs are found through {backend}: {problem}")
            }
            Self::CatalogueRefused(problem) => {
                write!(f, "the catalogue is not replaced: {problem}")
            }
            Self::LocalFilesRefused(problem) => {
                write!(f, "the local catalogue files are not taken in: {problem}")
            }
        }
    }
}

/// What a weaker filter in the kernel means.
fn effect_of(filter: &str) -> &'static str {
    if filter == "classic" {
        "more packets are read than needed, and those that are not are not counted"
    } else {
        "every packet is read, at a higher cost"
    }
}

fn clock(f: &mut fmt::Formatter<'_>, milliseconds: i64) -> fmt::Result {
    let side = if milliseconds > 0 {
        "behind"
    } else {
        "ahead of"
    };
    let off = Duration::from_millis(milliseconds.unsigned_abs());
    write!(
        f,
        "this machine's clock is {} {side} the collector's",
        span(off)
    )
}

/// What is reduced in `status` at `now`.
pub(crate) fn degradations(status: &Status, now: i64) -> Vec<Degradation> {
    let mut list = Vec::new();
    if let Some(reason) = &status.no_interface {
        list.push(Degradation::NoInterface(reason.clone()));
    }
    for interface in status.interfaces.values() {
        let name = || interface.name.clone();
        if let Some(problem) = interface.problem.clone().filter(|_| !interface.capturing) {
            list.push(Degradation::NotCapturing {
                interface: name(),
                problem,
            });
        }
        if let Some(reason) = interface.fallback.clone() {
            let backend = interface.backend.clone();
            list.push(Degradation::WeakerBackend {
                interface: name(),
                backend,
                reason,
            });
        }
        if let Some(reason) = interface.filter_reason.clone() {
            list.push(Degradation::WeakerFilter {
                interface: name(),
                filter: interface.filter.clone(),
                reason,
            });
        }
        if interface.frames_dropped > 0 {
            let frames = interface.frames_dropped;
            list.push(Degradation::CaptureDrops {
                interface: name(),
                frames,
            });
        }
    }
    if !status.replay && status.mode == "endpoint" {
        attribution(&status.attribution, &mut list);
        let problems = status.presence.problems.iter().cloned();
        list.extend(problems.map(Degradation::PresenceReduced));
    }
    if let Some(problem) = status.privileges_kept.clone() {
        list.push(Degradation::PrivilegesKept(problem));
    }
    if let Some(problem) = status.over_budget.clone() {
        list.push(Degradation::OverBudget(problem));
    }
    if let Some(problem) = status.catalogue.refused.clone() {
        list.push(Degradation::CatalogueRefused(problem));
    }
    if let Some(problem) = status.catalogue.local_problem.clone() {
        list.push(Degradation::LocalFilesRefused(problem));
    }
    spool(status, &mut list);
    collector(status, now, &mut list);
    list
}

fn attribution(status: &Attribution, list: &mut Vec<Degradation>) {
    let backend = || status.backend.clone();
    for problem in status.problems.iter().cloned() {
        list.push(if matches!(status.backend.as_str(), "" | "none") {
            Degradation::NoAttribution(problem)
        } else {
            Degradation::WeakerAttribution {
                backend: backend(),
                problem,
            }
        });
    }
}

fn spool(status: &Status, list: &mut Vec<Degradation>) {
    let spool = &status.spool;
    if spool.shed_records > 0 {
        list.push(Degradation::SpoolShed {
            records: spool.shed_records,
        });
    }
    if spool.corrupt_bytes > 0 {
        list.push(Degradation::SpoolDamaged {
            bytes: spool.corrupt_bytes,
        });
    }
    if let Some(problem) = &spool.problem {
        list.push(Degradation::SpoolFailing(problem.clone()));
    }
}

fn collector(status: &Status, now: i64, list: &mut Vec<Degradation>) {
    let collector = &status.collector;
    if collector.sensor_id.is_none() {
        list.push(Degradation::NotEnrolled);
    } else if let Some(problem) = &collector.problem {
        list.push(Degradation::CollectorUnavailable(problem.clone()));
    }
    if collector.records_refused > 0 {
        list.push(Degradation::RecordsRefused {
            records: collector.records_refused,
            last: collector.last_refusal.clone().unwrap_or_default(),
        });
    }
    if let Some(milliseconds) = collector.clock_offset_ms
        && milliseconds.unsigned_abs() > CLOCK_TOLERANCE_MS
    {
        list.push(Degradation::ClockOffset { milliseconds });
    }
    if let Some(at) = collector.certificate_expires_at_ns {
        let warn_at = i64::try_from(EXPIRY_WARNING.as_nanos()).unwrap_or(i64::MAX);
        let problem = collector.renewal_problem.clone();
        if at <= now || problem.is_some() && at.saturating_sub(now) < warn_at {
            list.push(Degradation::CertificateExpires { at, problem });
        }
    }
}
