//! Delivers what is in the spool to the collector.

pub(crate) mod backoff;
pub(crate) mod convert;
pub(crate) mod dial;
pub(crate) mod proxy;
pub(crate) mod tls;
pub(crate) mod trouble;
