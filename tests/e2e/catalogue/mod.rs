//! The catalogue of a running fleet: bundles, local files, history.

mod fleet;
mod history;
mod local;
mod switch;
