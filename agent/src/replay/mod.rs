//! The offline twin of the sensor: the same code on capture files, without a collector.

mod capture;
pub(crate) mod dissect;
mod line;
mod message;
pub(crate) mod scan;

pub(crate) use dissect::dissect;
pub(crate) use scan::scan;
