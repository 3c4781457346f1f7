//! What this process may do: the capabilities it uses, each with what it is for and what is lost
//! without it, and how it lets go of all others.
//!
//! All are let go before the first thread starts, so that every thread has the same few. Those that
//! open the sources stay, because interfaces come and go and are opened again.

#[cfg_attr(target_os = "linux", path = "linux.rs")]
#[cfg_attr(not(target_os = "linux"), path = "stub.rs")]
mod imp;

use host::sockets::Need;
use serde::{Deserialize, Serialize};

use crate::config::{Config, Mode};

const NET_RAW: Need = Need {
    capability: "CAP_NET_RAW",
    purpose: "opens interfaces to capture on",
    without: "nothing is captured: the agent does not start",
};
const FILTER: Need = Need {
    capability: "CAP_BPF",
    purpose: "loads the filter that keeps packets without a name in the kernel",
    without: "a weaker filter is used, which takes more of the processor",
};
/// Without it the kernel checks programs by the rules for strangers, which that filter does not meet.
const CHECKED: Need = Need {
    capability: "CAP_PERFMON",
    purpose: "lets the kernel take that filter",
    without: "a weaker filter is used, which takes more of the processor",
};
const PRESENCE: Need = Need {
    capability: "CAP_DAC_READ_SEARCH",
    purpose: "reads in people's home folders which AI tools are installed and set up",
    without: "only tools of the whole machine are seen",
};
const FILES: Need = Need {
    capability: "CAP_DAC_OVERRIDE",
    purpose: "writes the state folder, which belongs to another user than the agent runs as",
    without: "nothing can be stored",
};

/// A capability in the status.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, Default, Debug)]
#[serde(default)]
pub(crate) struct Held {
    pub(crate) capability: String,
    pub(crate) purpose: String,
    pub(crate) without: String,
    pub(crate) held: bool,
}

/// What a run with this configuration uses, in a fixed order; one capability may serve two ends.
fn needs(config: &Config) -> Vec<Need> {
    let mut needs = vec![NET_RAW];
    if imp::belongs_to_another(&config.state_dir) {
        needs.push(FILES);
    }
    if config.mode == Mode::Endpoint {
        needs.extend([FILTER, CHECKED]);
        needs.extend_from_slice(config.attribution.best().needs());
        if config.presence.enabled {
            needs.push(PRESENCE);
        }
    }
    needs
}

/// The capabilities that a run uses, and whether this process has them.
pub(crate) fn held(config: &Config) -> Vec<Held> {
    needs(config)
        .into_iter()
        .map(|need| Held {
            capability: need.capability.to_owned(),
            purpose: need.purpose.to_owned(),
            without: need.without.to_owned(),
            held: imp::has(need.capability),
        })
        .collect()
}

/// Lets go of every capability that a run does not use; only the calling thread and those it starts.
///
/// # Errors
/// In words, when the system refuses; then the process goes on with what it has.
pub(crate) fn drop_others(config: &Config) -> Result<(), String> {
    let keep: Vec<&str> = needs(config).iter().map(|need| need.capability).collect();
    imp::keep_only(&keep)
}

/// The capability that capturing lacks, if it lacks one. Where the system does not say, opening the
/// interface will.
pub(crate) fn missing_for_capture() -> Option<&'static str> {
    (!imp::has(NET_RAW.capability)).then_some(NET_RAW.capability)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::endpoint;

    #[test]
    fn a_tap_needs_one_capability_and_an_endpoint_says_what_each_is_for() {
        let own = tempfile::tempdir().unwrap();
        let mut config = Config {
            mode: Mode::Tap,
            state_dir: own.path().join("not/yet/there"),
            ..Config::default()
        };
        assert!(!imp::belongs_to_another(&config.state_dir));
        let names = |config: &Config| -> Vec<String> {
            held(config)
                .into_iter()
                .map(|held| held.capability)
                .collect()
        };
        assert_eq!(names(&config), ["CAP_NET_RAW"]);
        config.mode = Mode::Endpoint;
        let all = names(&config);
        assert!(all.contains(&"CAP_SYS_PTRACE".to_owned()), "{all:?}");
        config.attribution = endpoint::Backend::Off;
        config.presence.enabled = false;
        assert_eq!(names(&config), ["CAP_NET_RAW", "CAP_BPF", "CAP_PERFMON"]);
        assert!(held(&config).iter().all(|held| !held.without.is_empty()));
    }
}
