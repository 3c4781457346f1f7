//! The inventory: what sensors sighted, folded into who uses which AI service, and what was decided about it.
//!
//! This crate holds the meaning and nothing else: no files, no network, no clock. A store keeps
//! sightings and answers queries; [`Inventory`] here is the reference that says what the right
//! answer is, and every store is tested against it.
//!
//! The words, from the wire to the answer:
//!
//! * a [`Sighting`] is one finding that one sensor reported, with its key and revision;
//! * [`Usage`] is device x service x process x user x class of client (with surface and tenant) over time;
//! * a [`Decision`] is what somebody decided about a service, for everybody or for a [`Scope`];
//! * a [`Verdict`] is the status that applies to a usage, and by which decision;
//! * [`Coverage`] is what the sensors saw and could not see, and goes with every answer, because
//!   "no data" is not "no AI".
//!
//! # Folding
//!
//! Of all sightings with the same (sensor, key) the one with the highest revision counts and the
//! others never existed, so delivery may repeat and reorder. A sensor's content for one key and
//! revision is always the same. Counters of different keys add up, `first_seen` is the earliest,
//! `last_seen` the latest, `stage` the highest. Names and addresses of a device are a set that
//! only grows. See [`Inventory`].
#![forbid(unsafe_code)]
#![warn(missing_docs)]

mod answer;
mod attribution;
mod check;
mod coverage;
mod device;
mod fold;
mod history;
mod policy;
mod query;
pub mod risk;
mod rollup;
mod sensor;
mod sighting;
#[cfg(any(test, feature = "testing"))]
pub mod testing;
#[cfg(test)]
mod tests;
mod time;
mod words;

pub use answer::{DeviceUse, FoundSighting, ServiceUse, StatusCounts, Totals, Usage, UsageKey};
pub use attribution::{
    Attribute, Attribution, Client, ClientClass, MatchQuality, Package, ParentProcess,
    ProcessIdentity,
};
pub use check::{
    Invalid, MAX_ATTRIBUTE_VALUE, MAX_ATTRIBUTES, MAX_COUNTER, MAX_DEVICE_NAMES, MAX_EVIDENCE,
    MAX_IDENTIFIER, MAX_LIST, MAX_PARENTS, MAX_REJECTS, MAX_SEALED, MAX_TEXT, MAX_USER,
};
pub use coverage::{
    Counters, Coverage, CoverageWindow, EpochCoverage, EpochPart, Gap, GapReason, MAX_GAPS,
    SILENT_AFTER, SensorCoverage, SensorState,
};
pub use device::{Device, DeviceId, DeviceIdError, DeviceIdentity};
pub use fold::Inventory;
pub use history::{
    KeptEvidence, KeptSighting, ObservedValue, ReEvaluated, ReEvaluatedUse, ReEvaluation, Reading,
};
pub use policy::{
    Decision, DecisionId, NewDecision, Policy, PolicyFile, PolicyFileError, PolicyProblem, Scope,
    Status, Subject, Verdict,
};
pub use query::{Cursor, Page, PageRequest, Query, StatusFilter};
pub use risk::{Factor, RestsOn, Risk, RiskFactor, RiskLevel, RiskModel};
pub use rollup::{DeviceRollup, ServiceRollup};
pub use sensor::{Heartbeat, InterfaceHealth, Sensor, SensorId, SpoolHealth};
pub use sighting::{
    Confidence, ConfidenceLevel, Epoch, Evidence, Sighting, SightingKey, Specificity, Stage,
    StageLimit,
};
pub use time::{Range, Timestamp, TimestampError};
pub use words::ParseError;
