//! stub
use crate::model::{Match, Service};

/// One HTTP request line to a server on the device or in the local network.
#[derive(Clone, Copy, Debug, Default)]
pub struct LocalRequest<'a> {
    /// Host header or authority, with or without a port.
    pub host: Option<&'a [u8]>,
    /// Request method.
    pub method: &'a [u8],
    /// Request target: path, with or without a query.
    pub path: &'a [u8],
    /// Port of the responder.
    pub port: u16,
    /// User-Agent header.
    pub user_agent: Option<&'a [u8]>,
}

/// Finds the service of a name or of a local request.
#[derive(Debug, Default)]
pub struct Matcher {
    services: Vec<Service>,
}

impl Matcher {
    pub(crate) fn new(services: Vec<Service>) -> Self {
        Self { services }
    }
    pub(crate) fn services(&self) -> &[Service] {
        &self.services
    }
    /// Finds the service that `name` belongs to.
    #[must_use]
    pub fn match_name(&self, _name: &[u8]) -> Option<Match<'_>> {
        None
    }
    /// Finds the local runtime that `request` speaks to.
    #[must_use]
    pub fn match_local(&self, _request: &LocalRequest<'_>) -> Option<Match<'_>> {
        None
    }
}
