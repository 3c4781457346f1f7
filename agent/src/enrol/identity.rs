//! The agent's identity: its key, the certificate chain that the collector signed, and where the
//! collector is. It is one file, so that a crash never leaves a key without its certificate.

use std::fmt;
use std::fs;
use std::io;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use data_encoding::BASE64;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use serde::{Deserialize, Serialize};

use crate::state::{Audience, StateDir, replace};

/// Version of the file's format.
const VERSION: u32 = 1;

/// Who this agent is, and how it proves it.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Identity {
    /// The name that the collector gave.
    pub(crate) sensor_id: String,
    /// `host:port`.
    pub(crate) collector: String,
    /// DER, leaf first.
    pub(crate) chain: Vec<Vec<u8>>,
    /// DER of the collector's CA.
    pub(crate) authority: Vec<u8>,
    /// PKCS #8 DER.
    pub(crate) key: Vec<u8>,
    /// When the leaf begins to be valid, in nanoseconds since the Unix epoch.
    pub(crate) not_before: i64,
    /// When the leaf ends, in nanoseconds since the Unix epoch.
    pub(crate) not_after: i64,
}

impl fmt::Debug for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Identity")
            .field("sensor_id", &self.sensor_id)
            .field("collector", &self.collector)
            .finish_non_exhaustive()
    }
}

#[derive(Serialize, Deserialize)]
struct Stored {
    version: u32,
    sensor_id: String,
    collector: String,
    certificate_chain: Vec<String>,
    ca_certificate: String,
    private_key: String,
}

impl Identity {
    /// Puts together what the collector answered; the dates come from the leaf itself.
    pub(crate) fn new(
        sensor_id: String,
        collector: String,
        chain: Vec<Vec<u8>>,
        authority: Vec<u8>,
        key: Vec<u8>,
    ) -> Result<Self> {
        let leaf = chain.first().context("there is no certificate")?;
        let (_, leaf) = x509_parser::parse_x509_certificate(leaf)
            .map_err(|_| anyhow::anyhow!("the certificate cannot be read"))?;
        let nanos = |seconds: i64| seconds.saturating_mul(1_000_000_000);
        let not_before = nanos(leaf.validity().not_before.timestamp());
        let not_after = nanos(leaf.validity().not_after.timestamp());
        Ok(Self {
            sensor_id,
            collector,
            not_before,
            not_after,
            chain,
            authority,
            key,
        })
    }

    /// Reads the identity; `None` when this agent was never enrolled.
    pub(crate) fn load(state: &StateDir) -> Result<Option<Self>> {
        let path = state.identity_file();
        let text = match fs::read(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => {
                return Err(error).with_context(|| format!("cannot read {}", path.display()));
            }
        };
        let damaged = || format!("{} is damaged; enrol this agent again", path.display());
        let stored: Stored = serde_json::from_slice(&text).with_context(damaged)?;
        if stored.version != VERSION {
            bail!(
                "{} was written by another version of the agent; enrol this agent again",
                path.display()
            );
        }
        let decode = |text: &str| BASE64.decode(text.as_bytes());
        let chain: Vec<Vec<u8>> = stored
            .certificate_chain
            .iter()
            .map(|certificate| decode(certificate))
            .collect::<Result<_, _>>()
            .with_context(damaged)?;
        let authority = decode(&stored.ca_certificate).with_context(damaged)?;
        let key = decode(&stored.private_key).with_context(damaged)?;
        Self::new(stored.sensor_id, stored.collector, chain, authority, key)
            .map(Some)
            .with_context(damaged)
    }

    /// Writes the identity, replacing the one before.
    pub(crate) fn store(&self, state: &StateDir) -> Result<()> {
        let stored = Stored {
            version: VERSION,
            sensor_id: self.sensor_id.clone(),
            collector: self.collector.clone(),
            certificate_chain: self.chain.iter().map(|der| BASE64.encode(der)).collect(),
            ca_certificate: BASE64.encode(&self.authority),
            private_key: BASE64.encode(&self.key),
        };
        let path = state.identity_file();
        let text = serde_json::to_vec_pretty(&stored).context("cannot write the identity")?;
        replace(&path, &text, Audience::Agent)
            .with_context(|| format!("cannot write {}", path.display()))
    }

    /// The chain in the form that TLS takes.
    pub(crate) fn certificates(&self) -> Vec<CertificateDer<'static>> {
        self.chain
            .iter()
            .map(|der| CertificateDer::from(der.clone()))
            .collect()
    }

    /// The key in the form that TLS takes.
    pub(crate) fn private_key(&self) -> PrivateKeyDer<'static> {
        PrivateKeyDer::from(PrivatePkcs8KeyDer::from(self.key.clone()))
    }

    /// When it is time to renew: after two thirds of the certificate's life.
    pub(crate) const fn renew_at(&self) -> i64 {
        let life = self.not_after.saturating_sub(self.not_before);
        self.not_before
            .saturating_add(life.saturating_div(3).saturating_mul(2))
    }

    /// What is left at `now` of the certificate's life; `None` when it has ended.
    pub(crate) fn remaining(&self, now: i64) -> Option<Duration> {
        let left = self.not_after.saturating_sub(now);
        u64::try_from(left)
            .ok()
            .filter(|left| *left > 0)
            .map(Duration::from_nanos)
    }
}
