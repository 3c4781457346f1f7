//! What a tracker counts.

use wire::LinkType;
use wire::dissect::Counters;

/// The kinds of messages that are counted.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum MessageKind {
    Tls,
    Quic,
    Dns,
    Http,
    Dtls,
    SslV2,
    Gquic,
    Mdns,
    Llmnr,
    Http2,
    Other,
}

/// The counter of each kind, in the order of [`MessageKind`].
const MESSAGE_NAMES: [&str; 11] = [
    "messages_tls",
    "messages_quic",
    "messages_dns",
    "messages_http",
    "messages_dtls",
    "messages_sslv2",
    "messages_gquic",
    "messages_mdns",
    "messages_llmnr",
    "messages_http2",
    "messages_other",
];

impl MessageKind {
    pub(super) const fn is_dns(self) -> bool {
        matches!(self, Self::Dns | Self::Mdns | Self::Llmnr)
    }
}

/// Declares counters together with the names under which they are shown.
macro_rules! counts {
    ($($(#[$doc:meta])* $field:ident,)+) => {
        /// Everything a tracker counts.
        #[derive(Clone, Debug, Default)]
        pub(super) struct Counts {
            $($(#[$doc])* pub(super) $field: u64,)+
            messages: [u64; MESSAGE_NAMES.len()],
            /// Bytes that gave no message, by reason.
            pub(super) rejects: Counters,
        }

        impl Counts {
            fn plain(&self) -> Vec<(&'static str, u64)> {
                vec![$((stringify!($field), self.$field),)+]
            }
        }
    };
}

counts! {
    /// Frames that came in.
    frames,
    /// Their length on the wire.
    bytes,
    /// Frames that gave a packet.
    packets,
    /// Flows that were begun.
    flows_started,
    /// Flows given up to keep to the cap on flows.
    flows_evicted,
    /// Flows given up by a new connection of the same endpoints.
    flows_reused,
    /// Dissectors given up to keep to the cap on their memory.
    dissectors_evicted,
    /// QUIC packets left unopened to keep to the budget.
    quic_openings_shed,
    /// Datagrams that repeat the one before them.
    datagrams_repeated,
    /// TCP segments without payload that belong to no flow.
    segments_astray,
    /// How often the clock of the frames was set back.
    clock_set_back,
}

impl Counts {
    pub(super) fn count_message(&mut self, kind: MessageKind) {
        if let Some(count) = self.messages.get_mut(kind as usize) {
            *count = count.saturating_add(1);
        }
    }

    /// Every counter with its name; zeros too, but for the rejects.
    pub(super) fn rows(&self) -> Vec<(&'static str, u64)> {
        let mut rows = self.plain();
        rows.extend(MESSAGE_NAMES.into_iter().zip(self.messages));
        rows.extend(self.rejects.iter().filter(|(_, count)| *count > 0));
        rows
    }
}

/// Adds one to a counter.
pub(super) const fn bump(counter: &mut u64) {
    *counter = counter.saturating_add(1);
}

/// Counts of a tracker, each with a stable name.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct TrackerCounters {
    pub(super) rows: Vec<(&'static str, u64)>,
    pub(super) unknown_link_types: Vec<LinkType>,
}

impl TrackerCounters {
    /// Returns every counter with its name, in a fixed order; of the rejects those that happened.
    pub fn iter(&self) -> impl Iterator<Item = (&'static str, u64)> {
        self.rows.iter().copied()
    }

    /// Returns the first link types met that are not read.
    #[must_use]
    pub fn unknown_link_types(&self) -> &[LinkType] {
        &self.unknown_link_types
    }

    /// Returns the counter called `name`; zero when there is none.
    #[must_use]
    pub fn count_of(&self, name: &str) -> u64 {
        self.rows
            .iter()
            .find(|(known, _)| *known == name)
            .map_or(0, |(_, count)| *count)
    }
}
