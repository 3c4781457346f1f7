//! What the collector reads from a certificate that TLS has already verified.

use anyhow::{Result, anyhow};
use data_encoding::HEXLOWER;
use inventory::Timestamp;
use x509_parser::certificate::X509Certificate;
use x509_parser::prelude::FromDer;

/// The parts of a certificate that matter here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Facts {
    /// Common name of the subject.
    pub common_name: String,
    /// Serial number without leading zeros, lower-case hex.
    pub serial: String,
    /// When it ends.
    pub not_after: Timestamp,
    /// DER of the public key's SubjectPublicKeyInfo.
    pub public_key: Vec<u8>,
}

/// Reads a certificate in DER.
///
/// # Errors
///
/// When it is not one, or has not exactly one common name.
pub fn read(der: &[u8]) -> Result<Facts> {
    let (_, certificate) =
        X509Certificate::from_der(der).map_err(|_| anyhow!("it is not X.509 in DER"))?;
    let mut names = certificate.subject().iter_common_name();
    let (Some(name), None) = (names.next(), names.next()) else {
        return Err(anyhow!("it has not exactly one common name"));
    };
    let name = name
        .as_str()
        .map_err(|_| anyhow!("its common name is not text"))?;
    let seconds = certificate.validity().not_after.timestamp();
    Ok(Facts {
        common_name: name.to_owned(),
        serial: HEXLOWER.encode(significant(certificate.raw_serial())),
        not_after: Timestamp::from_nanos(seconds.saturating_mul(1_000_000_000)),
        public_key: certificate.public_key().raw.to_vec(),
    })
}

fn significant(serial: &[u8]) -> &[u8] {
    let zeros = serial.iter().take_while(|byte| **byte == 0).count();
    serial.get(zeros..).unwrap_or_default()
}
