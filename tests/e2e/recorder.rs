//! Stands between an agent and its collector and keeps every byte that the agent sends, decrypted.
//!
//! It can, because the test owns both ends: it shows the agent the collector's own certificate, and the collector the
//! agent's. Neither program is told or built otherwise than in the field.

use std::fs;
use std::io::{ErrorKind, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::sync::mpsc::sync_channel;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use anyhow::{Context as _, Result};
use e2e::{Agent, Site};
use nix::sched::{CloneFlags, setns};
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use rustls::{
    ClientConfig, ClientConnection, RootCertStore, ServerConfig, ServerConnection, StreamOwned,
};

/// How long one side is waited for before the other has its turn.
const TURN: Duration = Duration::from_millis(5);

/// What was recorded, and where.
pub(crate) struct Recorder {
    sent: Arc<Mutex<Vec<u8>>>,
    /// `host:port` that the agent has to be told as its collector's address.
    pub(crate) address: String,
}

/// The TLS settings of both sides.
#[derive(Clone)]
struct Sides {
    to_agent: Arc<ServerConfig>,
    to_collector: Arc<ClientConfig>,
    collector: String,
}

impl Recorder {
    /// Listens beside the collector, in its namespace.
    pub(crate) fn start(site: &Site, agent: &Agent, namespace: &str) -> Result<Self> {
        let collector = site.collector.address().to_owned();
        let (host, _) = collector.rsplit_once(':').context("host:port")?;
        let sides = Sides {
            to_agent: Arc::new(server(site.collector.data())?),
            to_collector: Arc::new(client(site.collector.data(), agent.folder())?),
            collector: collector.clone(),
        };
        let sent = Arc::new(Mutex::new(Vec::new()));
        let kept = Arc::clone(&sent);
        let (host, namespace) = (host.to_owned(), namespace.to_owned());
        let (told, port) = sync_channel(1);
        let bind = host.clone();
        thread::spawn(move || -> Result<()> {
            let entrance = fs::File::open(Path::new("/var/run/netns").join(namespace))?;
            setns(entrance, CloneFlags::CLONE_NEWNET)?;
            let listener = TcpListener::bind((bind.as_str(), 0))?;
            told.send(listener.local_addr()?.port())?;
            for stream in listener.incoming() {
                let (stream, sides, kept) = (stream?, sides.clone(), Arc::clone(&kept));
                // A connection ends when one of the programs does; there is nobody to tell.
                thread::spawn(move || pass_on(stream, &sides, &kept).unwrap_or_default());
            }
            Ok(())
        });
        let port: u16 = port.recv().context("the recorder does not listen")?;
        Ok(Self {
            sent,
            address: format!("{host}:{port}"),
        })
    }

    /// Every byte so far.
    pub(crate) fn bytes(&self) -> Vec<u8> {
        let sent = self.sent.lock().unwrap_or_else(PoisonError::into_inner);
        sent.clone()
    }
}

fn server(data: &Path) -> Result<ServerConfig> {
    let pem = fs::read(data.join("server.pem"))?;
    let chain = vec![
        CertificateDer::from_pem_slice(&pem)?,
        CertificateDer::from_pem_slice(&fs::read(data.join("ca.pem"))?)?,
    ];
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let mut config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .with_no_client_auth()
        .with_single_cert(chain, PrivateKeyDer::from_pem_slice(&pem)?)?;
    config.alpn_protocols = vec![b"h2".to_vec()];
    Ok(config)
}

fn client(data: &Path, agent: &Path) -> Result<ClientConfig> {
    let text = fs::read(agent.join("state/identity/agent.json"))?;
    let identity: serde_json::Value = serde_json::from_slice(&text)?;
    let pem = |value: &serde_json::Value, kind: &str| {
        let text = value.as_str().unwrap_or_default();
        format!("-----BEGIN {kind}-----\n{text}\n-----END {kind}-----\n").into_bytes()
    };
    let chain = identity["certificate_chain"]
        .as_array()
        .context("a chain")?;
    let chain = chain
        .iter()
        .map(|one| CertificateDer::from_pem_slice(&pem(one, "CERTIFICATE")))
        .collect::<Result<Vec<_>, _>>()?;
    let key = PrivateKeyDer::from_pem_slice(&pem(&identity["private_key"], "PRIVATE KEY"))?;
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from_pem_slice(&fs::read(
        data.join("ca.pem"),
    )?)?)?;
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let mut config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .with_root_certificates(roots)
        .with_client_auth_cert(chain, key)?;
    config.alpn_protocols = vec![b"h2".to_vec()];
    Ok(config)
}

/// Passes bytes both ways until one side ends; those of the agent are kept.
fn pass_on(agent: TcpStream, sides: &Sides, kept: &Mutex<Vec<u8>>) -> Result<()> {
    let collector = TcpStream::connect(&sides.collector)?;
    let (host, _) = sides.collector.rsplit_once(':').context("host:port")?;
    let name = ServerName::try_from(host.to_owned())?;
    for stream in [&agent, &collector] {
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(TURN))?;
    }
    let mut agent = StreamOwned::new(ServerConnection::new(Arc::clone(&sides.to_agent))?, agent);
    let mut collector = StreamOwned::new(
        ClientConnection::new(Arc::clone(&sides.to_collector), name)?,
        collector,
    );
    let mut buffer = vec![0; 64 << 10];
    loop {
        if let Some(bytes) = turn(&mut agent, &mut buffer)? {
            kept.lock()
                .unwrap_or_else(PoisonError::into_inner)
                .extend_from_slice(bytes);
            collector.write_all(bytes)?;
            collector.flush()?;
        }
        if let Some(bytes) = turn(&mut collector, &mut buffer)? {
            agent.write_all(bytes)?;
            agent.flush()?;
        }
    }
}

/// What one side has to say now; its end is an error.
fn turn<'b>(side: &mut impl Read, buffer: &'b mut [u8]) -> Result<Option<&'b [u8]>> {
    match side.read(buffer) {
        Ok(0) => anyhow::bail!("it ended"),
        Ok(length) => Ok(buffer.get(..length)),
        Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => {
            Ok(None)
        }
        Err(error) => Err(error.into()),
    }
}
