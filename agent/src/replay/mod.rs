//! The offline twin of the sensor: the same code on capture files, without a collector.

mod address;
mod dissect;
pub(crate) mod files;
pub(crate) mod fuzzing;
mod line;
mod message;
mod rows;
mod scan;

pub(crate) use dissect::dissect;
pub(crate) use scan::scan;
