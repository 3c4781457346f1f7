//! Heartbeats as sent to heartbeats as meant. They inform and decide nothing,
//! so what is too long is cut, not refused.

use inventory::{Heartbeat, InterfaceHealth, SpoolHealth, Timestamp};
use proto::v1;

use super::convert::epoch;
use super::text::brief;

/// Bytes of one text.
const MAX_TEXT: usize = 512;
/// Interfaces of one sensor.
const MAX_INTERFACES: usize = 64;
/// Things one sensor cannot do.
const MAX_DEGRADATIONS: usize = 64;
/// Counters of one sensor.
const MAX_COUNTERS: usize = 512;

/// What `request` means to a collector whose clock says `now`.
pub(super) fn heartbeat(request: v1::HeartbeatRequest, now: Timestamp) -> Heartbeat {
    let short = |text| brief(text, MAX_TEXT);
    let spool = request.spool.unwrap_or_default();
    Heartbeat {
        agent_version: short(request.agent_version),
        catalogue_version: short(request.catalogue_version),
        epoch: epoch(&request.epoch).ok(),
        mode: short(request.mode),
        os: short(request.os),
        hostname: short(request.hostname),
        interfaces: request
            .interfaces
            .into_iter()
            .take(MAX_INTERFACES)
            .map(interface)
            .collect(),
        spool: SpoolHealth {
            pending_records: spool.pending_records,
            pending_bytes: spool.pending_bytes,
            shed_records: spool.shed_records,
            shed_bytes: spool.shed_bytes,
        },
        degradations: request
            .degradations
            .into_iter()
            .take(MAX_DEGRADATIONS)
            .map(short)
            .collect(),
        counters: request
            .counters
            .into_iter()
            .take(MAX_COUNTERS)
            .map(|(name, count)| (short(name), count))
            .collect(),
        clock_offset_ns: request.agent_time_ns.saturating_sub(now.as_nanos()),
    }
}

fn interface(interface: v1::InterfaceHealth) -> InterfaceHealth {
    let short = |text| brief(text, MAX_TEXT);
    InterfaceHealth {
        name: short(interface.name),
        backend: short(interface.backend),
        capturing: interface.capturing,
        problem: short(interface.problem),
        frames: interface.frames,
        frames_dropped: interface.frames_dropped,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_too_much_is_cut_and_the_clock_is_compared() {
        let request = v1::HeartbeatRequest {
            agent_time_ns: 90,
            hostname: "h".repeat(5000),
            epoch: vec![1; 3],
            interfaces: vec![v1::InterfaceHealth::default(); 1000],
            degradations: vec!["d\u{7}".to_owned(); 1000],
            counters: (0..1000).map(|n| (n.to_string(), n)).collect(),
            ..v1::HeartbeatRequest::default()
        };
        let heartbeat = heartbeat(request, Timestamp::from_nanos(100));
        assert_eq!(heartbeat.clock_offset_ns, -10);
        assert_eq!(heartbeat.hostname.len(), MAX_TEXT);
        assert_eq!(heartbeat.epoch, None);
        assert_eq!(heartbeat.interfaces.len(), MAX_INTERFACES);
        assert_eq!(heartbeat.degradations.len(), MAX_DEGRADATIONS);
        assert_eq!(heartbeat.degradations[0], "d\u{fffd}");
        assert_eq!(heartbeat.counters.len(), MAX_COUNTERS);
    }
}
