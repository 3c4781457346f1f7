//! A certificate authority, as a collector has one.

use std::net::{IpAddr, Ipv4Addr};
use std::time::Duration;

use data_encoding::{BASE64URL_NOPAD, HEXLOWER};
use rcgen::{
    BasicConstraints, CertificateParams, CertificateSigningRequestParams, CertifiedIssuer, IsCa,
    KeyPair, PKCS_ECDSA_P256_SHA256, SanType,
};
use rustls::pki_types::{CertificateSigningRequestDer, PrivateKeyDer, PrivatePkcs8KeyDer};

/// Signs the collector's certificate and those of its sensors.
pub(crate) struct Authority {
    issuer: CertifiedIssuer<'static, KeyPair>,
}

/// A server's chain and key.
pub(crate) struct ServerIdentity {
    pub(crate) chain: Vec<rustls::pki_types::CertificateDer<'static>>,
    pub(crate) key: PrivateKeyDer<'static>,
}

fn key() -> KeyPair {
    KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256).expect("a key")
}

impl Authority {
    pub(crate) fn new() -> Self {
        let mut params = CertificateParams::new(Vec::new()).expect("no names");
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let issuer = CertifiedIssuer::self_signed(params, key()).expect("signed");
        Self { issuer }
    }

    pub(crate) fn der(&self) -> Vec<u8> {
        self.issuer.der().to_vec()
    }

    /// A certificate for a server on the loopback address.
    pub(crate) fn server(&self) -> ServerIdentity {
        let mut params = CertificateParams::new(Vec::new()).expect("no names");
        params.subject_alt_names = vec![SanType::IpAddress(IpAddr::V4(Ipv4Addr::LOCALHOST))];
        let key = key();
        let leaf = params.signed_by(&key, &self.issuer).expect("signed");
        ServerIdentity {
            chain: vec![leaf.der().clone(), self.issuer.der().clone()],
            key: PrivateKeyDer::from(PrivatePkcs8KeyDer::from(key.serialize_der())),
        }
    }

    /// Signs a sensor's request for `lifetime`, which begins now.
    pub(crate) fn sign(&self, request: &[u8], lifetime: Duration) -> Vec<u8> {
        let request = CertificateSigningRequestDer::from(request.to_vec());
        let mut request = CertificateSigningRequestParams::from_der(&request).expect("a request");
        let now = std::time::SystemTime::now();
        request.params.not_before = now.into();
        request.params.not_after = (now + lifetime).into();
        request
            .signed_by(&self.issuer)
            .expect("signed")
            .der()
            .to_vec()
    }

    /// A token for a collector at `address`.
    pub(crate) fn token(&self, address: &str, secret: &str, expires: i64) -> String {
        let fingerprint = ring::digest::digest(&ring::digest::SHA256, &self.der());
        let fingerprint = HEXLOWER.encode(fingerprint.as_ref());
        let json =
            format!(r#"{{"a":"{address}","f":"{fingerprint}","s":"{secret}","e":{expires}}}"#);
        format!("gnm1_{}", BASE64URL_NOPAD.encode(json.as_bytes()))
    }
}
