//! What an engine says about one matched flow, or about look-ups of one service's names.

use std::sync::Arc;

use signatures::{Confidence, ServiceId, Specificity, Surface};
use wire::Timestamp;
use wire::fingerprint::Ja4;

use crate::attribution::Attribution;
use crate::device::Device;
use crate::finding::{EvidenceKind, Stage, StageLimit};
use crate::key::{CommunityId, FiveTuple};
use crate::presence::Attribute;

/// The flow that a report is about.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct FlowIdentity {
    /// The name by which other sources know the same flow.
    pub community_id: CommunityId,
    /// Its endpoints.
    pub tuple: FiveTuple,
    /// When its first packet was seen, in whichever window.
    pub started: Timestamp,
}

/// The socket at the client's end of a flow or a look-up, by which its program is found.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct ClientSocket {
    /// Both ends; the originator is the client, whichever side opened the flow.
    pub tuple: FiveTuple,
    /// When it was first seen to send.
    pub started: Timestamp,
}

/// One observation that matched the catalogue, counted over the flow's life.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ReportedEvidence {
    /// By what the service was recognised.
    pub kind: EvidenceKind,
    /// What was observed.
    pub value: Arc<str>,
    /// The indicator that matched, in its text form.
    pub indicator: Arc<str>,
    /// What more is known about what was observed.
    pub attributes: Arc<[Attribute]>,
    /// How far the indicator can be relied on.
    pub indicator_confidence: Confidence,
    /// How often it was observed since the flow began.
    pub count: u64,
    /// First observation.
    pub first_seen: Timestamp,
    /// Last observation.
    pub last_seen: Timestamp,
}

/// What one engine says about one matched flow so far.
///
/// Counters are cumulative over the flow, so a report that was lost on the way costs nothing but
/// time. All that is new since the report before belongs to the window of `window_start`: the
/// engine reports a flow before it lets it cross into the next window.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct FlowReport {
    /// Index of the capture source.
    pub source: u16,
    /// Number of the matched flow in its source, from 1; the same in all reports about it.
    pub number: u64,
    /// The flow; `None` for look-ups of the service's names.
    pub flow: Option<FlowIdentity>,
    /// The client's socket; `None` where the sensor does not stand on the client's machine, and for
    /// what is not traffic.
    pub socket: Option<ClientSocket>,
    /// How the client opened the connection, where that was seen whole; on its own machine only.
    pub ja4: Option<Ja4>,
    /// Time of the engine when it reported: never goes back unless the capture's clock was set back.
    pub at: Timestamp,
    /// Start of the window that everything new belongs to.
    pub window_start: Timestamp,
    /// The client.
    pub device: Device,
    /// Names that the network gave the client.
    pub device_names: Vec<Arc<str>>,
    /// The service.
    pub service: ServiceId,
    /// The side of the service.
    pub surface: Surface,
    /// Tenant or resource that the name carried.
    pub tenant: Option<String>,
    /// How much the indicator says about AI use.
    pub specificity: Specificity,
    /// Whether this alone makes a finding; a shared host only strengthens another.
    pub stands_alone: bool,
    /// How far it went so far.
    pub stage: Stage,
    /// Why not farther.
    pub stage_limit: Option<StageLimit>,
    /// First packet of what is new in this window.
    pub first_seen: Timestamp,
    /// Last packet so far.
    pub last_seen: Timestamp,
    /// Payload bytes the client sent, since the flow began.
    pub bytes_out: u64,
    /// Payload bytes the client received, since the flow began.
    pub bytes_in: u64,
    /// What matched, in the order of first observation; only ever grows at its end.
    pub evidence: Vec<ReportedEvidence>,
    /// Version of the catalogue that matched.
    pub catalogue_version: Arc<str>,
    /// Process and user.
    pub attribution: Attribution,
    /// No further report about it follows.
    pub ended: bool,
}
