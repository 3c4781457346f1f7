//! Real servers and clients: HTTPS, HTTP/3 and plain HTTP servers, and an HTTP/3 client.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use anyhow::Result;

use crate::binaries::workspace;
use crate::lab::Namespace;
use crate::pki::Pki;
use crate::process::{Output, Process, run, wait_until};

/// The Python that has the HTTP/3 library, where the test command has set one up.
pub fn peers_python() -> Option<PathBuf> {
    std::env::var_os("GNOMON_PEERS_PYTHON")
        .map(PathBuf::from)
        .or_else(|| Some(workspace().join("target/peers/bin/python")))
        .filter(|python| python.exists())
}

/// The folder with the libraries of Node, where the test command has set one up.
pub fn peers_node() -> Option<PathBuf> {
    std::env::var_os("GNOMON_PEERS_NODE")
        .map(PathBuf::from)
        .or_else(|| Some(workspace().join("target/peers/node")))
        .filter(|folder| folder.join("node_modules").is_dir())
}

fn script(name: &str) -> PathBuf {
    workspace().join("tests/harness/peers").join(name)
}

/// Starts the servers inside a namespace on `address`, and waits until they listen.
///
/// # Errors
/// When they do not come up.
pub fn serve_peers(
    python: &Path,
    namespace: &Namespace,
    address: &str,
    pki: &Pki,
    folder: &Path,
) -> Result<Process> {
    let mut command = namespace.command(&python.to_string_lossy());
    command.arg(script("server.py")).args(["--bind", address]);
    command
        .arg("--cert")
        .arg(pki.certificate())
        .arg("--key")
        .arg(pki.key());
    command.args([
        "--https", "443", "--https", "8444", "--http3", "443", "--http", "11434",
    ]);
    let server = Process::start(&mut command, folder, "peers")?;
    wait_until("the servers listen", Duration::from_secs(20), || {
        Ok(server.stdout().contains("ready"))
    })?;
    Ok(server)
}

/// Posts 9,000 bytes to `path` of `host` at `address` over HTTP/3, inside a namespace, and reads the answer.
///
/// # Errors
/// When the client cannot be run.
pub fn quic_post(
    python: &Path,
    namespace: &Namespace,
    pki: &Pki,
    address: &str,
    host: &str,
    path: &str,
) -> Result<Output> {
    let mut command: Command = namespace.command(&python.to_string_lossy());
    command
        .arg(script("quic_request.py"))
        .arg("--cacert")
        .arg(pki.authority());
    command.args([
        "--connect",
        &format!("{address}:443"),
        "--post",
        "9000",
        host,
        path,
    ]);
    run(&mut command)
}
