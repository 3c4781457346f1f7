//! What was seen and what could not be seen, in figures: no answer goes without it.

use std::collections::BTreeMap;

use proto::v1;
use serde::{Deserialize, Serialize};

use crate::text::{counted, time};

/// Coverage of everything an answer rests on.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, Default, Debug)]
pub(crate) struct Coverage {
    pub(crate) first_seen: Option<String>,
    pub(crate) last_seen: Option<String>,
    pub(crate) frames: u64,
    pub(crate) bytes: u64,
    pub(crate) frames_dropped: u64,
    pub(crate) flows: u64,
    pub(crate) flows_named: u64,
    pub(crate) flows_hidden: u64,
    pub(crate) flows_unnamed: u64,
    pub(crate) flows_mid_stream: u64,
    pub(crate) flows_evicted: u64,
    pub(crate) flows_encrypted_dns: u64,
    pub(crate) flows_tunnelled: u64,
    pub(crate) rejects: BTreeMap<String, u64>,
}

impl Coverage {
    /// Adds another window to this account.
    pub(crate) fn add(&mut self, window: &v1::CoverageWindow) {
        let (first, last) = (time(window.first_seen_ns), time(window.last_seen_ns));
        if window.frames > 0 {
            let earlier = self.first_seen.take().filter(|present| *present < first);
            self.first_seen = Some(earlier.unwrap_or(first));
            let later = self.last_seen.take().filter(|present| *present > last);
            self.last_seen = Some(later.unwrap_or(last));
        }
        let pairs = [
            (&mut self.frames, window.frames),
            (&mut self.bytes, window.bytes),
            (&mut self.frames_dropped, window.frames_dropped),
            (&mut self.flows, window.flows),
            (&mut self.flows_named, window.flows_named),
            (&mut self.flows_hidden, window.flows_hidden),
            (&mut self.flows_unnamed, window.flows_unnamed),
            (&mut self.flows_mid_stream, window.flows_mid_stream),
            (&mut self.flows_evicted, window.flows_evicted),
            (&mut self.flows_encrypted_dns, window.flows_encrypted_dns),
            (&mut self.flows_tunnelled, window.flows_tunnelled),
        ];
        for (sum, more) in pairs {
            *sum = sum.saturating_add(more);
        }
        for (reason, count) in &window.rejects {
            let sum = self.rejects.entry(reason.clone()).or_default();
            *sum = sum.saturating_add(*count);
        }
    }

    /// What could not be seen, for people; empty when nothing was missed.
    pub(crate) fn blind_spots(&self) -> Vec<String> {
        let spots = [
            (
                self.frames_dropped,
                "frame",
                "lost before they could be read",
            ),
            (
                self.flows_hidden,
                "flow",
                "with a hidden name (Encrypted ClientHello)",
            ),
            (self.flows_unnamed, "flow", "without a name"),
            (self.flows_mid_stream, "flow", "older than the capture"),
            (self.flows_evicted, "flow", "given up for lack of room"),
            (
                self.flows_encrypted_dns,
                "flow",
                "of encrypted name look-ups",
            ),
            (self.flows_tunnelled, "flow", "of a VPN or relay"),
        ];
        spots
            .into_iter()
            .filter(|(count, _, _)| *count > 0)
            .map(|(count, noun, what)| format!("{} {what}", counted(count, noun)))
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn windows_add_up() {
        let mut coverage = Coverage::default();
        let mut window = v1::CoverageWindow {
            first_seen_ns: 2_000_000_000,
            last_seen_ns: 3_000_000_000,
            frames: 10,
            flows_hidden: 1,
            rejects: [("x".to_owned(), 2)].into(),
            ..Default::default()
        };
        coverage.add(&window);
        window.first_seen_ns = 1_000_000_000;
        coverage.add(&window);
        assert_eq!(coverage.frames, 20);
        assert_eq!(
            coverage.first_seen.as_deref(),
            Some("1970-01-01T00:00:01.000000Z")
        );
        assert_eq!(
            coverage.last_seen.as_deref(),
            Some("1970-01-01T00:00:03.000000Z")
        );
        assert_eq!(coverage.rejects.get("x"), Some(&4));
        assert_eq!(
            coverage.blind_spots(),
            ["2 flows with a hidden name (Encrypted ClientHello)"]
        );
    }
}
