//! The server's own certificate: made when there is none that fits, replaced
//! while the server runs, long before it ends.
//!
//! `server.pem` in the data folder (0600) holds the private key and the
//! certificate. The CA's certificate is sent along, so that an agent that knows
//! only its fingerprint can check the chain.

use std::collections::BTreeSet;
use std::fmt;
use std::fs;
use std::net::IpAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result, anyhow};
use arc_swap::ArcSwap;
use inventory::Timestamp;
use rcgen::{KeyPair, SanType};
use rustls::server::{ClientHello, ResolvesServerCert};
use rustls::sign::CertifiedKey;
use rustls_pki_types::pem::PemObject;
use rustls_pki_types::{CertificateDer, PrivateKeyDer};
use x509_parser::certificate::X509Certificate;
use x509_parser::extensions::GeneralName;
use x509_parser::prelude::FromDer;

use crate::enrol::{Authority, write_secret};

const LIFETIME: Duration = Duration::from_secs(90 * 24 * 3600);
/// Replaced when less than this is left.
const RENEW_BEFORE: Duration = Duration::from_secs(30 * 24 * 3600);
/// Names that every certificate has besides those of the config.
const LOOPBACK: [&str; 3] = ["localhost", "127.0.0.1", "::1"];

/// The certificate in use, and what it takes to make the next one.
pub struct ServerCertificate {
    authority: Arc<Authority>,
    path: PathBuf,
    names: BTreeSet<String>,
    current: ArcSwap<Held>,
}

struct Held {
    key: Arc<CertifiedKey>,
    not_after: Timestamp,
}

impl fmt::Debug for ServerCertificate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ServerCertificate")
            .field("names", &self.names)
            .finish_non_exhaustive()
    }
}

impl ServerCertificate {
    /// Takes the certificate in `data_dir` if it is for `names`, and else makes
    /// a new one.
    ///
    /// # Errors
    ///
    /// When none can be made.
    pub fn open(
        authority: Arc<Authority>,
        data_dir: &Path,
        names: &[String],
        now: Timestamp,
    ) -> Result<Self> {
        let path = data_dir.join("server.pem");
        let names = all_names(names);
        let held = match load(&path, &authority, &names, now) {
            Ok(held) => held,
            Err(reason) => {
                tracing::info!(%reason, "a new server certificate is made");
                make(&authority, &path, &names, now)?
            }
        };
        Ok(Self {
            authority,
            path,
            names,
            current: ArcSwap::from_pointee(held),
        })
    }

    /// Replaces the certificate when its end is near; says whether it did.
    ///
    /// # Errors
    ///
    /// When none can be made; the old one stays in use.
    pub fn renew_if_due(&self, now: Timestamp) -> Result<bool> {
        if !is_due(self.current.load().not_after, now) {
            return Ok(false);
        }
        let held = make(&self.authority, &self.path, &self.names, now)?;
        self.current.store(Arc::new(held));
        Ok(true)
    }
}

impl ResolvesServerCert for ServerCertificate {
    fn resolve(&self, _: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(Arc::clone(&self.current.load().key))
    }
}

/// Whether a certificate with these configured names answers to `host`.
#[must_use]
pub fn covers(names: &[String], host: &str) -> bool {
    all_names(names).contains(&plain_name(host))
}

fn all_names(names: &[String]) -> BTreeSet<String> {
    LOOPBACK
        .into_iter()
        .map(plain_name)
        .chain(names.iter().map(|name| plain_name(name)))
        .collect()
}

/// One spelling of each name: lower case, addresses in their shortest form.
fn plain_name(name: &str) -> String {
    match name.parse::<IpAddr>() {
        Ok(address) => address.to_string(),
        Err(_) => name.trim_end_matches('.').to_ascii_lowercase(),
    }
}

fn is_due(not_after: Timestamp, now: Timestamp) -> bool {
    not_after.since(now) < RENEW_BEFORE
}

/// Takes the certificate at `path`, unless there is a reason to make another.
fn load(
    path: &Path,
    authority: &Authority,
    names: &BTreeSet<String>,
    now: Timestamp,
) -> Result<Held> {
    let pem = fs::read(path).context("none is there")?;
    let key = PrivateKeyDer::from_pem_slice(&pem).map_err(|_| anyhow!("its key is unreadable"))?;
    let leaf =
        CertificateDer::from_pem_slice(&pem).map_err(|_| anyhow!("the old one is unreadable"))?;
    let (_, parsed) =
        X509Certificate::from_der(&leaf).map_err(|_| anyhow!("the old one is unreadable"))?;
    let (_, ca) = X509Certificate::from_der(authority.certificate())?;
    parsed
        .verify_signature(Some(ca.public_key()))
        .map_err(|_| anyhow!("the old one is of another CA"))?;
    anyhow::ensure!(names_of(&parsed) == *names, "the names have changed");
    let seconds = parsed.validity().not_after.timestamp();
    let not_after = Timestamp::from_nanos(seconds.saturating_mul(1_000_000_000));
    anyhow::ensure!(!is_due(not_after, now), "the old one ends soon");
    hold(authority, leaf.clone(), key, not_after)
}

fn names_of(certificate: &X509Certificate<'_>) -> BTreeSet<String> {
    let extension = certificate.subject_alternative_name().ok().flatten();
    let names = extension
        .iter()
        .flat_map(|extension| &extension.value.general_names);
    names
        .filter_map(|name| {
            if let GeneralName::DNSName(name) = name {
                return Some(plain_name(name));
            }
            let GeneralName::IPAddress(bytes) = name else {
                return None;
            };
            address(bytes).map(|address| address.to_string())
        })
        .collect()
}

fn address(bytes: &[u8]) -> Option<IpAddr> {
    match bytes.len() {
        4 => <[u8; 4]>::try_from(bytes).ok().map(IpAddr::from),
        16 => <[u8; 16]>::try_from(bytes).ok().map(IpAddr::from),
        _ => None,
    }
}

fn make(
    authority: &Authority,
    path: &Path,
    names: &BTreeSet<String>,
    now: Timestamp,
) -> Result<Held> {
    let key = KeyPair::generate_for(&rcgen::PKCS_ECDSA_P256_SHA256)?;
    let issued = authority.issue_server(&key, alternative_names(names)?, now, LIFETIME)?;
    let pem = format!(
        "{}{}",
        key.serialize_pem(),
        crate::enrol::pem("CERTIFICATE", &issued.der)
    );
    if let Err(error) = write_secret(path, pem.as_bytes()) {
        // It serves from memory all the same; the next start makes another.
        tracing::warn!(%error, path = %path.display(), "the server certificate cannot be kept");
    }
    let key = PrivateKeyDer::try_from(key.serialize_der()).map_err(anyhow::Error::msg)?;
    hold(authority, issued.der, key, issued.not_after)
}

fn alternative_names(names: &BTreeSet<String>) -> Result<Vec<SanType>> {
    let mut alternatives = Vec::new();
    for name in names {
        alternatives.push(match name.parse::<IpAddr>() {
            Ok(address) => SanType::IpAddress(address),
            Err(_) => SanType::DnsName(name.as_str().try_into()?),
        });
    }
    Ok(alternatives)
}

fn hold(
    authority: &Authority,
    leaf: CertificateDer<'static>,
    key: PrivateKeyDer<'static>,
    not_after: Timestamp,
) -> Result<Held> {
    let key = rustls::crypto::ring::sign::any_supported_type(&key)?;
    let key = CertifiedKey::new(vec![leaf, authority.certificate().clone()], key);
    key.keys_match().context("its key is another's")?;
    Ok(Held {
        key: Arc::new(key),
        not_after,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::from_nanos(1_800_000_000_000_000_000);

    fn leaf(certificate: &ServerCertificate) -> Vec<u8> {
        certificate.current.load().key.cert[0].to_vec()
    }

    fn open(folder: &Path, names: &[&str], now: Timestamp) -> ServerCertificate {
        let authority = Arc::new(Authority::open(folder, NOW).unwrap());
        let names: Vec<String> = names.iter().map(|&name| name.to_owned()).collect();
        ServerCertificate::open(authority, folder, &names, now).unwrap()
    }

    #[test]
    fn is_kept_over_a_restart_until_names_change_or_its_end_is_near() {
        let folder = tempfile::tempdir().unwrap();
        let first = leaf(&open(
            folder.path(),
            &["Collector.Example", "192.0.2.1"],
            NOW,
        ));
        let again = leaf(&open(
            folder.path(),
            &["192.0.2.1", "collector.example."],
            NOW,
        ));
        assert_eq!(first, again);
        let other = leaf(&open(folder.path(), &["other.example"], NOW));
        assert_ne!(first, other);
        let later = NOW.saturating_add(LIFETIME - RENEW_BEFORE + Duration::from_secs(1));
        assert_ne!(leaf(&open(folder.path(), &["other.example"], later)), other);
    }

    #[test]
    fn renews_itself_while_it_runs() {
        let folder = tempfile::tempdir().unwrap();
        let certificate = open(folder.path(), &[], NOW);
        let first = leaf(&certificate);
        assert!(!certificate.renew_if_due(NOW).unwrap());
        let later = NOW.saturating_add(LIFETIME);
        assert!(certificate.renew_if_due(later).unwrap());
        assert_ne!(leaf(&certificate), first);
        assert!(!certificate.renew_if_due(later).unwrap());
    }

    #[test]
    fn a_damaged_file_is_replaced() {
        let folder = tempfile::tempdir().unwrap();
        let first = leaf(&open(folder.path(), &[], NOW));
        fs::write(folder.path().join("server.pem"), "-----BEGIN").unwrap();
        assert_ne!(leaf(&open(folder.path(), &[], NOW)), first);
    }

    #[test]
    fn loopback_is_always_covered() {
        let names = ["Collector.example".to_owned(), "2001:DB8:0::1".to_owned()];
        for host in [
            "127.0.0.1",
            "::1",
            "localhost",
            "collector.EXAMPLE",
            "2001:db8::1",
        ] {
            assert!(covers(&names, host), "{host}");
        }
        assert!(!covers(&names, "192.0.2.1"));
    }
}
