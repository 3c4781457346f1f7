//! The catalogue of AI services, and the matcher over it.
#![forbid(unsafe_code)]
#![warn(missing_docs)]

mod catalogue;
mod id;
mod load;
mod local;
mod matcher;
mod model;
mod name;
pub mod pattern;
mod public_suffix;
mod version;
mod vocabulary;

pub use catalogue::Catalogue;
pub use id::{InvalidServiceId, MAX_SERVICE_ID, ServiceId};
pub use load::{LoadError, MAX_FILE_BYTES, MAX_FILES, MAX_INDICATORS, MAX_SERVICES, Problem};
pub use local::LocalRequest;
pub use matcher::Matcher;
pub use model::{
    Artefact, Examples, Indicator, IndicatorKind, Match, Process, Provenance, Service,
};
pub use name::MAX_NAME;
pub use vocabulary::{
    Basis, Category, Confidence, DataUse, EnterpriseTier, Platform, Specificity, Surface,
    UnknownWord,
};
