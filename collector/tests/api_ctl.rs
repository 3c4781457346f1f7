//! The REST API over a real store, and the CLI against it over real TLS.

#[cfg(test)]
mod api_suite;
#[cfg(test)]
mod ctl_suite;
