//! Settings that matter on an endpoint alone: whose flows are, what is on the device, and how much
//! of the machine all of that may cost. A tap and a replay read them and use none of them.

use std::ops::RangeInclusive;
use std::time::Duration;

use flow::TraceKind;
use host::sockets;

use super::checker::Checker;
use super::raw;
use super::walk::At;

/// Time between two scans of the device, when nothing changes on it.
const PRESENCE_INTERVAL: RangeInclusive<Duration> =
    Duration::from_secs(60)..=Duration::from_secs(7 * 86_400);
/// Share of one core, in percent.
const CPU_PERCENT: RangeInclusive<i64> = 1..=400;
/// Resident memory.
const MEMORY: RangeInclusive<u64> = 32 << 20..=16 << 30;

/// Bytes of the contact in the notice for employees.
const MAX_CONTACT: usize = 300;

/// How the program behind a flow is found.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Backend {
    /// The best that works here.
    Auto,
    /// Events of the kernel.
    Ebpf,
    /// The kernel's table of sockets.
    SockDiag,
    /// The tables below `/proc/net`.
    Procfs,
    /// Not at all.
    Off,
}

impl Backend {
    /// The best that may be used.
    pub(crate) const fn best(self) -> sockets::Backend {
        match self {
            Self::Auto | Self::Ebpf => sockets::Backend::Ebpf,
            Self::SockDiag => sockets::Backend::SockDiag,
            Self::Procfs => sockets::Backend::Procfs,
            Self::Off => sockets::Backend::None,
        }
    }
}

/// What is looked for on the device.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Presence {
    /// Whether anything is.
    pub enabled: bool,
    /// Time between two scans when nothing changes; twice that on battery.
    pub interval: Duration,
    /// The kinds of traces that are reported.
    pub kinds: Vec<TraceKind>,
}

impl Default for Presence {
    fn default() -> Self {
        Self {
            enabled: true,
            interval: Duration::from_secs(6 * 3600),
            kinds: PARTS
                .iter()
                .flat_map(|(_, kinds)| *kinds)
                .copied()
                .collect(),
        }
    }
}

/// What the agent may take of the machine before it sheds work.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Limits {
    /// Percent of one core, over a minute.
    pub cpu_percent: u32,
    /// Bytes of resident memory.
    pub memory_bytes: u64,
}

impl Default for Limits {
    /// A laptop's agent stays far below both: they are for the day on which something is wrong.
    fn default() -> Self {
        Self {
            cpu_percent: 5,
            memory_bytes: 200 << 20,
        }
    }
}

const BACKENDS: [(&str, Backend); 5] = [
    ("auto", Backend::Auto),
    ("ebpf", Backend::Ebpf),
    ("sock_diag", Backend::SockDiag),
    ("procfs", Backend::Procfs),
    ("off", Backend::Off),
];

/// The words for parts of a scan, and the traces that each gives.
const PARTS: [(&str, &[TraceKind]); 7] = [
    (
        "applications",
        &[TraceKind::Application, TraceKind::Configuration],
    ),
    ("processes", &[TraceKind::Process, TraceKind::Listener]),
    ("packages", &[TraceKind::Package]),
    (
        "extensions",
        &[TraceKind::IdeExtension, TraceKind::BrowserExtension],
    ),
    ("mcp", &[TraceKind::McpServer, TraceKind::AgentSetting]),
    ("models", &[TraceKind::LocalModel]),
    ("accounts", &[TraceKind::Account]),
];

impl Checker<'_> {
    pub(super) fn attribution(&mut self, raw: raw::Attribution) -> Backend {
        self.one_of("attribution.backend", raw.backend, &BACKENDS)
            .unwrap_or(Backend::Auto)
    }

    pub(super) fn presence(&mut self, raw: raw::Presence) -> Presence {
        let default = Presence::default();
        let interval = self
            .duration("presence.interval", raw.interval, PRESENCE_INTERVAL)
            .unwrap_or(default.interval);
        let mut kinds = Vec::new();
        let parts = raw.parts.map(|typed| typed.value);
        let is_given = parts.is_some();
        let words: Vec<(&str, &[TraceKind])> = PARTS.to_vec();
        for part in parts.into_iter().flatten() {
            if let Some(found) = self.one_of("presence.parts", Some(part), &words) {
                kinds.extend_from_slice(found);
            }
        }
        kinds.sort_unstable();
        kinds.dedup();
        Presence {
            enabled: raw.enabled.is_none_or(|typed| typed.value),
            interval,
            kinds: if is_given { kinds } else { default.kinds },
        }
    }

    /// One line that employees can read.
    pub(super) fn contact(&mut self, typed: Option<At<String>>) -> Option<String> {
        let typed = typed?;
        let text = typed.value.trim();
        if text.is_empty() || text.len() > MAX_CONTACT || text.chars().any(char::is_control) {
            let message =
                format!("`privacy.contact` must be one line of text, at most {MAX_CONTACT} bytes");
            self.add(typed.line, message);
            return None;
        }
        Some(text.to_owned())
    }

    pub(super) fn limits(&mut self, raw: raw::Limits) -> Limits {
        let default = Limits::default();
        let cpu_percent = raw
            .cpu_percent
            .and_then(|typed| self.within("limits.cpu_percent", typed, CPU_PERCENT, i64::to_string))
            .and_then(|percent| u32::try_from(percent).ok())
            .unwrap_or(default.cpu_percent);
        let memory_bytes = self
            .size("limits.memory", raw.memory, MEMORY)
            .unwrap_or(default.memory_bytes);
        Limits {
            cpu_percent,
            memory_bytes,
        }
    }
}
