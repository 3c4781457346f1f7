//! The catalogue of AI services, and the matcher over it.
#![forbid(unsafe_code)]
#![warn(missing_docs)]

mod catalogue;
mod id;
mod load;
mod matcher;
mod model;
pub mod pattern;
mod version;
mod vocabulary;

pub use catalogue::Catalogue;
pub use id::{InvalidServiceId, MAX_SERVICE_ID, ServiceId};
pub use load::{LoadError, Problem};
pub use matcher::{LocalRequest, Matcher};
pub use model::{
    Artefact, Examples, Indicator, IndicatorKind, Match, Process, Provenance, Service,
};
pub use vocabulary::{
    Basis, Category, Confidence, DataUse, EnterpriseTier, Platform, Specificity, Surface,
    UnknownWord,
};
