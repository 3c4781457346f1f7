//! A TLS server on loopback with a CA of its own, and the program `gnomon` run against it.

use std::fs;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::{Command, Output, Stdio};
use std::sync::Arc;

use axum::Router;
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::service::TowerToHyperService;
use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
use rustls::ServerConfig;
use rustls_pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use tempfile::TempDir;
use tokio::net::TcpListener;
use tokio::runtime::Runtime;
use tokio_rustls::TlsAcceptor;

use crate::api_suite::site::{ANALYST, Site};

pub(super) struct Server {
    pub(super) address: SocketAddr,
    _site: Site,
    pub(super) folder: TempDir,
    // Dropping it ends the server.
    _runtime: Runtime,
}

/// What a run of the program left.
#[derive(Debug)]
pub(super) struct Run {
    pub(super) code: Option<i32>,
    pub(super) out: String,
    pub(super) err: String,
}

impl Run {
    pub(super) fn ok(self) -> String {
        assert_eq!(self.code, Some(0), "{}", self.err);
        self.out
    }

    pub(super) fn json(self) -> serde_json::Value {
        serde_json::from_str(&self.ok()).unwrap()
    }
}

fn certificates(names: &[&str]) -> (String, ServerConfig) {
    let mut authority = CertificateParams::new(Vec::<String>::new()).unwrap();
    authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let authority_key = KeyPair::generate().unwrap();
    let pem = authority.self_signed(&authority_key).unwrap().pem();
    let issuer = Issuer::new(authority, authority_key);
    let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
    let key = KeyPair::generate().unwrap();
    let leaf = CertificateParams::new(names)
        .unwrap()
        .signed_by(&key, &issuer)
        .unwrap();
    let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der()));
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![leaf.der().clone()], key)
        .unwrap();
    (pem, config)
}

async fn serve(listener: TcpListener, tls: TlsAcceptor, router: Router) {
    loop {
        let Ok((stream, _)) = listener.accept().await else {
            return;
        };
        let (tls, router) = (tls.clone(), router.clone());
        tokio::spawn(async move {
            let Ok(stream) = tls.accept(stream).await else {
                return;
            };
            let service = TowerToHyperService::new(router);
            let server = hyper_util::server::conn::auto::Builder::new(TokioExecutor::new());
            drop(server.serve_connection(TokioIo::new(stream), service).await);
        });
    }
}

impl Server {
    pub(super) fn start(site: Site) -> Self {
        let router = site.router.clone();
        Self::start_with(site, router, &["localhost", "127.0.0.1"])
    }

    pub(super) fn start_with(site: Site, router: Router, names: &[&str]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let (pem, config) = certificates(names);
        fs::write(folder.path().join("ca.pem"), pem).unwrap();
        fs::write(folder.path().join("token"), format!("{ANALYST}\n")).unwrap();
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .enable_all()
            .build();
        let runtime = runtime.unwrap();
        let listener = runtime.block_on(TcpListener::bind("127.0.0.1:0")).unwrap();
        let address = listener.local_addr().unwrap();
        runtime.spawn(serve(listener, TlsAcceptor::from(Arc::new(config)), router));
        Self {
            address,
            _site: site,
            folder,
            _runtime: runtime,
        }
    }

    pub(super) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// The program without any configuration of this machine.
    pub(super) fn command(&self) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_gnomon"));
        command
            .env_clear()
            .env("HOME", self.folder.path())
            .stdin(Stdio::null());
        command
    }

    /// Runs the program as somebody who may decide.
    pub(super) fn gnomon(&self, args: &[&str]) -> Run {
        let mut command = self.command();
        command
            .env("GNOMON_COLLECTOR", format!("https://{}", self.address))
            .env("GNOMON_CA", self.path("ca.pem"))
            .env("GNOMON_TOKEN_FILE", self.path("token"))
            .args(args);
        run(&mut command)
    }
}

pub(super) fn run(command: &mut Command) -> Run {
    let Output {
        status,
        stdout,
        stderr,
    } = command.output().unwrap();
    Run {
        code: status.code(),
        out: String::from_utf8(stdout).unwrap(),
        err: String::from_utf8(stderr).unwrap(),
    }
}
