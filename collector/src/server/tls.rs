//! TLS of the one port: our certificate for everybody, and a sensor's
//! certificate from whoever has one.
//!
//! A client without a certificate is let through the handshake, because people
//! with API tokens and agents that enrol have none; each service demands what it
//! needs. A certificate that our CA did not sign, or that has ended, fails the
//! handshake. Sessions are not resumed: each connection shows its certificate.

use std::sync::Arc;

use anyhow::Result;
use rustls::server::{NoServerSessionStorage, WebPkiClientVerifier};
use rustls::{RootCertStore, ServerConfig};

use super::certificate::ServerCertificate;
use crate::enrol::Authority;

/// Makes the TLS settings of the listener.
///
/// # Errors
///
/// When the CA's certificate cannot be a root.
pub fn server_config(
    authority: &Authority,
    certificate: Arc<ServerCertificate>,
) -> Result<Arc<ServerConfig>> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let mut roots = RootCertStore::empty();
    roots.add(authority.certificate().clone())?;
    let verifier =
        WebPkiClientVerifier::builder_with_provider(Arc::new(roots), Arc::clone(&provider))
            .allow_unauthenticated()
            .build()?;
    let mut config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .with_client_cert_verifier(verifier)
        .with_cert_resolver(certificate);
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    config.session_storage = Arc::new(NoServerSessionStorage {});
    config.send_tls13_tickets = 0;
    Ok(Arc::new(config))
}
