//! Who is at the other end of a connection. Put into the extensions of every
//! request by the listener; nothing in the request itself says who sent it.

use std::net::SocketAddr;

use inventory::{SensorId, Timestamp};
use rustls_pki_types::CertificateDer;
use uuid::Uuid;

use crate::enrol::certificate;

/// The other end of a connection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Peer {
    /// Its address.
    pub address: SocketAddr,
    /// The sensor it is, when it showed a certificate.
    pub identity: Option<Identity>,
}

/// A sensor, as its certificate says, which TLS has verified. Whether it is
/// still welcome only the store knows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identity {
    /// The sensor's id.
    pub sensor: SensorId,
    /// Serial number of the certificate, hex.
    pub serial: String,
    /// When the certificate ends: a connection can outlive it.
    pub not_after: Timestamp,
}

impl Identity {
    /// Reads who a verified chain stands for, its leaf first. `None` when the
    /// name is not one that this collector gives.
    #[must_use]
    pub fn of_chain(chain: &[CertificateDer<'_>]) -> Option<Self> {
        let facts = certificate::read(chain.first()?).ok()?;
        let id = Uuid::try_parse(&facts.common_name).ok()?;
        // One spelling, so that one sensor cannot be two.
        (id.hyphenated().to_string() == facts.common_name).then_some(Self {
            sensor: SensorId::new(facts.common_name),
            serial: facts.serial,
            not_after: facts.not_after,
        })
    }
}
