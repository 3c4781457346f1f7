//! The status as the heartbeat carries it.

use proto::v1;

use super::Status;

/// Longest list of degradations that is sent.
const MAX_DEGRADATIONS: usize = 64;

/// What the collector is told, every time.
pub(crate) fn heartbeat(status: Status, epoch: [u8; 16]) -> v1::HeartbeatRequest {
    let interfaces = status
        .interfaces
        .into_values()
        .map(|interface| v1::InterfaceHealth {
            name: interface.name,
            backend: interface.backend,
            capturing: interface.capturing,
            problem: interface.problem.unwrap_or_default(),
            frames: interface.frames,
            frames_dropped: interface.frames_dropped,
        })
        .collect();
    let spool = v1::SpoolHealth {
        pending_records: status.spool.pending_records,
        pending_bytes: status.spool.pending_bytes,
        shed_records: status.spool.shed_records,
        shed_bytes: status.spool.shed_bytes,
    };
    v1::HeartbeatRequest {
        agent_time_ns: crate::text::now(),
        agent_version: status.agent_version,
        catalogue_version: status.catalogue_version,
        epoch: epoch.to_vec(),
        mode: status.mode,
        os: crate::machine::os(),
        hostname: crate::machine::name(),
        interfaces,
        spool: Some(spool),
        degradations: status
            .degradations
            .into_iter()
            .take(MAX_DEGRADATIONS)
            .collect(),
        counters: status.counters,
        // Whoever sends it knows.
        privacy_version: 0,
    }
}
