//! TLS as the agent speaks it: version 1.3, trusting the collector's CA and nobody else, with the
//! agent's certificate.

use std::sync::Arc;

use anyhow::{Context, Result};
use rustls::crypto::CryptoProvider;
use rustls::pki_types::CertificateDer;
use rustls::{ClientConfig, RootCertStore};

use crate::enrol::identity::Identity;

/// The protocol that is negotiated inside TLS: HTTP/2, which gRPC runs on.
pub(crate) const HTTP2: &[u8] = b"h2";

/// The cryptography behind TLS.
pub(crate) fn provider() -> Arc<CryptoProvider> {
    Arc::new(rustls::crypto::ring::default_provider())
}

/// TLS with the agent's certificate, towards the collector that enrolled it.
pub(crate) fn client_config(identity: &Identity) -> Result<Arc<ClientConfig>> {
    let mut roots = RootCertStore::empty();
    roots
        .add(CertificateDer::from(identity.authority.clone()))
        .context("the collector's CA certificate cannot be used")?;
    let mut config = ClientConfig::builder_with_provider(provider())
        .with_protocol_versions(&[&rustls::version::TLS13])
        .context("cannot set up TLS")?
        .with_root_certificates(roots)
        .with_client_auth_cert(identity.certificates(), identity.private_key())
        .context("this agent's certificate cannot be used; enrol it again")?;
    config.alpn_protocols = vec![HTTP2.to_vec()];
    Ok(Arc::new(config))
}
