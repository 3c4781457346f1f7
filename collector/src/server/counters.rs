//! What the listener has met, by name: the part of its health that no log line
//! per event could show.

use std::sync::atomic::{AtomicU64, Ordering};

macro_rules! counters {
    ($($(#[doc = $doc:literal])+ $name:ident),+ $(,)?) => {
        /// Counts since the start of the program.
        #[derive(Debug, Default)]
        pub struct Counters {
            $($(#[doc = $doc])+ pub $name: Counter,)+
        }

        impl Counters {
            /// Every counter with its name, in a fixed order.
            pub fn iter(&self) -> impl Iterator<Item = (&'static str, u64)> {
                [$((stringify!($name), self.$name.get())),+].into_iter()
            }
        }
    };
}

/// One count; it wraps after 2^64.
#[derive(Debug, Default)]
pub struct Counter(AtomicU64);

impl Counter {
    /// One more.
    pub fn increment(&self) {
        self.add(1);
    }

    /// `count` more.
    pub fn add(&self, count: u64) {
        self.0.fetch_add(count, Ordering::Relaxed);
    }

    /// How many so far.
    #[must_use]
    pub fn get(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

counters! {
    /// Connections accepted from the kernel.
    connections,
    /// Closed at once because their address had failed too often.
    refused_for_failures,
    /// Closed at once because too many handshakes were going on.
    refused_handshakes_full,
    /// Closed after the handshake because there were too many like it.
    refused_connections_full,
    /// The peer spoke HTTP without TLS.
    plain_http,
    /// The peer spoke something else than TLS.
    not_tls,
    /// The handshake took too long.
    handshake_timeout,
    /// No TLS version or cipher in common.
    handshake_incompatible,
    /// The client's certificate did not verify.
    handshake_bad_certificate,
    /// Handshakes that failed otherwise.
    handshake_failed,
    /// Handshakes of sensors that succeeded.
    sensors,
    /// Handshakes without a certificate that succeeded.
    anonymous,
    /// Sensors that were enrolled.
    enrolled,
    /// Enrolments that were refused.
    enrolment_refused,
    /// Certificates that were renewed.
    renewed,
    /// Calls of sensors that are revoked, unknown or whose certificate ended.
    sensor_refused,
    /// Batches that were made durable.
    batches,
    /// Records that were made durable.
    records,
    /// Records that were refused for good.
    records_refused,
    /// Batches that could not be made durable.
    batches_failed,
    /// Heartbeats.
    heartbeats,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_counter_is_listed_by_its_name() {
        let counters = Counters::default();
        counters.plain_http.increment();
        counters.records.add(41);
        let listed: Vec<_> = counters.iter().filter(|(_, count)| *count > 0).collect();
        assert_eq!(listed, [("plain_http", 1), ("records", 41)]);
    }
}
