//! Messages to findings, without I/O: flow table, names, matching, stages and aggregation.
//!
//! A [`Tracker`] turns frames into flows and messages; an [`Engine`] is a tracker with a catalogue
//! and says what each matched flow amounts to, as [`FlowReport`]s; an [`Aggregator`] folds the
//! reports of all engines into one [`Finding`] for each device, service, surface and window.
//! Time is that of the frames, so a replay gives the same findings, revision by revision. Every
//! table and queue has a named cap, and what a cap costs is counted.
//!
//! ```
//! use flow::{Aggregator, AggregatorConfig, Engine, EngineConfig, Epoch};
//!
//! let mut engine = Engine::new(EngineConfig::default());
//! let mut aggregator = Aggregator::new(AggregatorConfig::new(Epoch([0; 16])));
//! // for each frame: engine.handle_frame(&frame);
//! engine.finish();
//! while let Some(report) = engine.poll_report() {
//!     aggregator.record(report);
//! }
//! aggregator.record_coverage(0, engine.take_coverage());
//! aggregator.finish();
//! assert!(aggregator.poll().is_none());
//! ```
#![forbid(unsafe_code)]
#![warn(missing_docs)]

mod aggregate;
mod attribution;
mod attributor;
mod bounded;
mod client;
mod confidence;
mod coverage;
mod device;
mod engine;
mod finding;
#[doc(hidden)]
pub mod fuzzing;
mod key;
mod names;
mod presence;
mod report;
mod sockets;
mod table;
mod tracker;
mod window;

pub use aggregate::{Aggregator, AggregatorConfig, AggregatorCounters, Output};
pub use attribution::{
    Attribution, Client, ClientClass, MatchQuality, Package, ParentProcess, ProcessIdentity, User,
};
pub use attributor::{Attributor, AttributorConfig, HOLD, Owners};
pub use client::Classifier;
pub use confidence::{Caveat, Confidence, Factor, Level};
pub use coverage::{CoverageDelta, CoverageSlice, CoverageWindow};
pub use device::Device;
pub use engine::{Engine, EngineConfig, EngineCounters, Mode, REPORT_INTERVAL, WINDOW};
pub use finding::{
    Epoch, Evidence, EvidenceKind, Finding, FindingKey, Specificity, Stage, StageLimit,
};
pub use key::{CommunityId, FiveTuple, FlowKey, TransportProtocol};
pub use presence::{
    Attribute, Listed, MAX_TRACE_TEXT, MAX_TRACES, PresenceBook, PresenceReport, Trace, TraceKind,
    Wanted, WantedProcess,
};
pub use report::{ClientSocket, FlowIdentity, FlowReport, ReportedEvidence};
pub use sockets::{
    CLOSED_KEPT, MAX_SOCKETS, OPEN_KEPT, Owned, REASON_NOT_SEEN, SKEW, SocketCounters, SocketEvent,
    SocketOwner, SocketTable,
};
pub use tracker::{
    EndReason, FlowId, FlowView, MAX_DISSECTOR_MEMORY, MAX_FLOWS_ENDPOINT, MAX_FLOWS_TAP,
    MessageContext, Observer, Tracker, TrackerConfig, TrackerCounters,
};
