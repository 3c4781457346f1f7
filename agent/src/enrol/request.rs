//! Asks the collector for a certificate: the first with a token, later ones with the one before.

use std::sync::Arc;

use anyhow::{Context, Result, bail};
use proto::v1;
use proto::v1::enrolment_client::EnrolmentClient;
use proto::v1::{EnrolRequest, EnrolResponse, RenewRequest};
use rcgen::{CertificateParams, KeyPair, PKCS_ECDSA_P256_SHA256, PublicKeyData};
use rustls::ClientConfig;
use signatures::bundle::PublicKey;
use tonic::transport::Channel;

use super::identity::Identity;
use super::token::Token;
use super::verify::{PinnedAuthority, has_fingerprint};
use crate::config::Proxy;
use crate::ship::dial::{CALL_TIMEOUT, Target, channel};
use crate::ship::tls::{HTTP2, provider};
use crate::ship::trouble::Trouble;

/// Longest answer that is read, in bytes.
const MAX_ANSWER: usize = 256 * 1024;
/// Most certificates in a chain.
const MAX_CHAIN: usize = 8;

/// A fresh key and the request to sign it.
struct Request {
    key: KeyPair,
    csr: Vec<u8>,
}

impl Request {
    fn new() -> Result<Self> {
        let key =
            KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256).context("cannot make a private key")?;
        let csr = CertificateParams::default()
            .serialize_request(&key)
            .context("cannot make a certificate request")?
            .der()
            .to_vec();
        Ok(Self { key, csr })
    }

    /// Checks what came back and makes an identity of it.
    fn answered(self, collector: String, answer: EnrolResponse) -> Result<Identity> {
        if answer.certificate_chain.is_empty() || answer.certificate_chain.len() > MAX_CHAIN {
            bail!("the collector's answer has no usable certificate chain");
        }
        if answer.sensor_id.is_empty() || answer.sensor_id.len() > 128 {
            bail!("the collector's answer has no usable sensor id");
        }
        let identity = Identity::new(
            answer.sensor_id,
            collector,
            answer.certificate_chain,
            answer.ca_certificate,
            self.key.serialize_der(),
        )
        .context("the collector's answer cannot be used")?;
        let leaf = identity
            .chain
            .first()
            .map(Vec::as_slice)
            .unwrap_or_default();
        let (_, leaf) = x509_parser::parse_x509_certificate(leaf)
            .map_err(|_| anyhow::anyhow!("the certificate cannot be read"))?;
        if leaf.public_key().raw != self.key.subject_public_key_info() {
            bail!("the collector signed another key than the one it was asked to sign");
        }
        Ok(identity)
    }
}

/// What an enrolment brings; nothing of it is stored yet.
pub(crate) struct Enrolled {
    pub(crate) identity: Identity,
    /// Checks catalogue bundles; it is kept from now on. `None`: the collector has none.
    pub(crate) catalogue_key: Option<PublicKey>,
    /// How users are named; `None`: an older collector does not say.
    pub(crate) privacy: Option<v1::PrivacySettings>,
}

/// Enrols this machine with `token`.
pub(crate) async fn enrol(token: &Token, proxy: Option<&Proxy>) -> Result<Enrolled> {
    let verifier = PinnedAuthority::new(token.fingerprint, provider());
    let mut config = ClientConfig::builder_with_provider(provider())
        .with_protocol_versions(&[&rustls::version::TLS13])
        .context("cannot set up TLS")?
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(verifier))
        .with_no_client_auth();
    config.alpn_protocols = vec![HTTP2.to_vec()];
    let target = Target::new(&token.collector, proxy)?;
    let channel = channel(&target, Arc::new(config)).await?;
    let request = Request::new()?;
    let mut call = tonic::Request::new(EnrolRequest {
        secret: token.secret.clone(),
        csr: request.csr.clone(),
        hostname: crate::machine::name(),
        os: crate::machine::os(),
        agent_version: crate::VERSION.to_owned(),
    });
    call.set_timeout(CALL_TIMEOUT);
    let mut answer = EnrolmentClient::new(channel)
        .max_decoding_message_size(MAX_ANSWER)
        .enrol(call)
        .await
        .map_err(|status| Trouble::from_status(&status))?
        .into_inner();
    if !has_fingerprint(&answer.ca_certificate, &token.fingerprint) {
        bail!("the collector answered with another CA than the one that the token names");
    }
    let catalogue_key = match answer.catalogue_public_key.as_str() {
        "" => None,
        text => Some(
            text.parse()
                .context("the collector's answer cannot be used")?,
        ),
    };
    Ok(Enrolled {
        privacy: answer.privacy.take(),
        identity: request.answered(token.collector.clone(), answer)?,
        catalogue_key,
    })
}

/// What a renewal brings; nothing of it is stored yet.
pub(crate) struct Renewed {
    pub(crate) identity: Identity,
    pub(crate) privacy: Option<v1::PrivacySettings>,
}

/// Gets a new certificate for a new key, over a connection that the present one opened.
pub(crate) async fn renew(channel: Channel, present: &Identity) -> Result<Renewed> {
    let request = Request::new()?;
    let mut call = tonic::Request::new(RenewRequest {
        csr: request.csr.clone(),
    });
    call.set_timeout(CALL_TIMEOUT);
    let mut answer = EnrolmentClient::new(channel)
        .max_decoding_message_size(MAX_ANSWER)
        .renew(call)
        .await
        .map_err(|status| Trouble::from_status(&status))?
        .into_inner();
    if answer.sensor_id != present.sensor_id {
        bail!("the collector answered for another sensor");
    }
    if answer.ca_certificate != present.authority {
        bail!("the collector answered with another CA than the one that enrolled this agent");
    }
    Ok(Renewed {
        privacy: answer.privacy.take(),
        identity: request.answered(present.collector.clone(), answer)?,
    })
}
