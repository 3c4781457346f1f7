//! What answers look like as JSON: the format that clients rely on, apart from the types that the
//! inventory computes with. `gnomon` reads the same types.
//!
//! A field that is not known is `null`, never left out. Fields may be added.

mod coverage;
mod names;
mod policy;
mod risk;
mod rows;
mod sensor;
mod unmask;
mod why;

pub use coverage::{
    CoverageView, GapView, SENSORS_IN_ANSWER, SensorCounts, SensorCoverageView, TrafficView,
};
pub use names::{DeviceName, Provenance, ServiceName};
pub use policy::{DecisionView, ImportView, NewDecisionView, ScopeView, VerdictView};
pub use risk::{RiskFactorView, RiskView};
pub use rows::{
    CatalogueView, DeviceView, FindingView, ReEvaluatedUseView, ReEvaluatedView, ServiceView,
    StatusCountsView, UsageView,
};
pub use sensor::{InterfaceView, SensorView, SpoolView};
pub use unmask::{OpenedView, SealedNameView, UnmaskView};
pub use why::{
    AttributeView, AttributionView, ConfidenceView, EvidenceView, PackageView, ParentView,
    ProcessView,
};
