//! HTTPS to the collector: trusts its CA only, says plainly why it cannot.

use std::fs;
use std::io::Read as _;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use rustls::crypto::ring;
use rustls_pki_types::CertificateDer;
use rustls_pki_types::pem::PemObject as _;
use serde::Deserialize;
use serde_json::value::RawValue;
use ureq::http::{Response, StatusCode};
use ureq::tls::{Certificate, RootCerts, TlsConfig, TlsProvider};
use ureq::{Agent, Body};

use super::config::Config;
use super::failure::Failure;
use crate::api::{BASE, Problem};

const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
const TIMEOUT: Duration = Duration::from_secs(120);
/// Longest answer that is read.
const MAX_ANSWER: u64 = 256 << 20;

/// A connection to one collector.
pub(super) struct Client {
    agent: Agent,
    config: Config,
}

/// The one shape of answers, items and coverage as they came.
#[derive(Debug, Deserialize)]
pub(super) struct Page {
    pub(super) items: Vec<Box<RawValue>>,
    pub(super) coverage: Box<RawValue>,
    pub(super) next: Option<String>,
}

/// Name and value of query parameters.
pub(super) type Params = Vec<(&'static str, String)>;

impl Client {
    pub(super) fn new(config: Config) -> Result<Self, Failure> {
        let tls = TlsConfig::builder()
            .provider(TlsProvider::Rustls)
            .unversioned_rustls_crypto_provider(Arc::new(ring::default_provider()))
            .root_certs(roots(&config.ca)?)
            .build();
        let agent = Agent::config_builder()
            .tls_config(tls)
            .https_only(true)
            .http_status_as_error(false)
            .max_redirects(0)
            .timeout_connect(Some(CONNECT_TIMEOUT))
            .timeout_global(Some(TIMEOUT))
            .user_agent(concat!("gnomon/", env!("CARGO_PKG_VERSION")))
            .build()
            .new_agent();
        Ok(Self { agent, config })
    }

    fn url(&self, path: &str) -> String {
        format!("{}{BASE}{path}", self.config.collector)
    }

    fn authorization(&self) -> String {
        format!("Bearer {}", self.config.token)
    }

    /// Asks for one page.
    pub(super) fn page(&self, path: &str, params: &Params) -> Result<Page, Failure> {
        let text = self.get(path, params)?;
        serde_json::from_str(&text).map_err(|_| self.not_a_collector())
    }

    /// Asks for something that is text.
    pub(super) fn get(&self, path: &str, params: &Params) -> Result<String, Failure> {
        let params = params.iter().map(|(name, value)| (*name, value));
        let request = self
            .agent
            .get(self.url(path))
            .query_pairs(params)
            .header("authorization", self.authorization());
        self.finish(request.call())
    }

    /// Puts a JSON body.
    pub(super) fn put(&self, path: &str, body: &str) -> Result<String, Failure> {
        let request = self
            .agent
            .put(self.url(path))
            .header("authorization", self.authorization())
            .content_type("application/json");
        self.finish(request.send(body))
    }

    /// Posts a policy file.
    pub(super) fn post(&self, path: &str, params: &Params, body: &str) -> Result<String, Failure> {
        let params = params.iter().map(|(name, value)| (*name, value));
        let request = self
            .agent
            .post(self.url(path))
            .query_pairs(params)
            .header("authorization", self.authorization())
            .content_type("application/toml");
        self.finish(request.send(body))
    }

    /// Posts a JSON body.
    pub(super) fn post_json(&self, path: &str, body: &str) -> Result<String, Failure> {
        let request = self
            .agent
            .post(self.url(path))
            .header("authorization", self.authorization())
            .content_type("application/json");
        self.finish(request.send(body))
    }

    /// Deletes.
    pub(super) fn delete(&self, path: &str, params: &Params) -> Result<(), Failure> {
        let params = params.iter().map(|(name, value)| (*name, value));
        let request = self
            .agent
            .delete(self.url(path))
            .query_pairs(params)
            .header("authorization", self.authorization());
        self.finish(request.call()).map(drop)
    }

    fn finish(&self, result: Result<Response<Body>, ureq::Error>) -> Result<String, Failure> {
        let mut response = result.map_err(|error| self.unreachable(&error))?;
        let status = response.status();
        let mut text = String::new();
        let mut body = response
            .body_mut()
            .as_reader()
            .take(MAX_ANSWER.saturating_add(1));
        body.read_to_string(&mut text)
            .map_err(|error| Failure::failed(format!("the answer broke off: {error}")))?;
        if u64::try_from(text.len()).unwrap_or(u64::MAX) > MAX_ANSWER {
            return Err(Failure::failed("the answer is too long")
                .hint("ask for less: --since, --service, --device, --limit"));
        }
        if status.is_success() {
            return Ok(text);
        }
        match serde_json::from_str::<Problem>(&text) {
            Ok(problem) => Err(Failure::problem(&problem)),
            Err(_) if status == StatusCode::SERVICE_UNAVAILABLE => {
                Err(Failure::failed("the collector is too busy; try again"))
            }
            Err(_) => Err(self.not_a_collector()),
        }
    }

    fn not_a_collector(&self) -> Failure {
        let address = &self.config.collector;
        Failure::failed(format!(
            "{address} answers, but not as a Gnomon collector of this version"
        ))
        .hint("is the address right, and is a proxy in between?")
    }

    fn unreachable(&self, error: &ureq::Error) -> Failure {
        let address = &self.config.collector;
        let ca = self.config.ca.display();
        let text = error.to_string();
        if let Some(error) = tls_error(error) {
            return certificate(address, &ca.to_string(), error);
        }
        let failure = Failure::failed(format!("cannot reach the collector at {address}: {text}"));
        if matches!(error, ureq::Error::HostNotFound) {
            failure.hint("is the name spelled right?")
        } else if matches!(error, ureq::Error::Timeout(_)) {
            failure.hint("is a firewall in between?")
        } else {
            failure.hint("is it running there, and is the port right?")
        }
    }
}

/// The TLS error, also where it came through as one of I/O.
fn tls_error(error: &ureq::Error) -> Option<&rustls::Error> {
    if let ureq::Error::Rustls(error) = error {
        return Some(error);
    }
    let ureq::Error::Io(error) = error else {
        return None;
    };
    error.get_ref()?.downcast_ref()
}

fn certificate(address: &str, ca: &str, error: &rustls::Error) -> Failure {
    use rustls::CertificateError as Wrong;
    let rustls::Error::InvalidCertificate(wrong) = error else {
        return Failure::failed(format!("no TLS with {address}: {error}"))
            .hint("is that the collector's port?");
    };
    if matches!(wrong, Wrong::UnknownIssuer | Wrong::BadSignature) {
        Failure::failed(format!(
            "{address} shows a certificate that is not of the CA in {ca}"
        ))
        .hint("take ca.pem from the data folder of this very collector")
        .hint("if that is what you have, somebody is in between: do not go on")
    } else if matches!(
        wrong,
        Wrong::NotValidForName | Wrong::NotValidForNameContext { .. }
    ) {
        Failure::failed(format!(
            "the collector's certificate is not for the name in {address}"
        ))
        .hint("use a name it has, or add yours to `names` in the collector's config")
    } else {
        Failure::failed(format!("the collector's certificate is refused: {error}"))
            .hint("is the clock of this machine right?")
    }
}

fn roots(path: &Path) -> Result<RootCerts, Failure> {
    let wrong = |what: String| {
        Failure::usage(format!("{what}: {}", path.display()))
            .hint("copy ca.pem from the collector's data folder")
    };
    let pem = fs::read(path).map_err(|error| wrong(format!("cannot read the CA ({error})")))?;
    let certificates: Vec<CertificateDer<'static>> = CertificateDer::pem_slice_iter(&pem)
        .collect::<Result<_, _>>()
        .map_err(|_| wrong("the CA file is damaged".to_owned()))?;
    if certificates.is_empty() {
        return Err(wrong("the CA file holds no certificate".to_owned()));
    }
    let certificates = certificates
        .iter()
        .map(|der| Certificate::from_der(der).to_owned());
    let certificates: Vec<Certificate<'static>> = certificates.collect();
    Ok(RootCerts::new_with_certs(&certificates))
}
