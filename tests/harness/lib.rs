//! What the end-to-end tests need: the built programs as processes, network namespaces with real clients and servers in
//! them, and a certificate authority for the host names they use.
//!
//! Nothing here reaches past this machine: every process listens on loopback or inside a namespace that the test made, and
//! everything a test starts ends with it.

mod binaries;
mod json;
mod lab;
mod peers;
mod pki;
mod process;
mod site;

pub use binaries::{program, workspace};
pub use json::rewrite;
pub use lab::{Lab, Namespace, SERVER};
pub use peers::{peers_node, peers_python, quic_post, serve_peers};
pub use pki::Pki;
pub use process::{Output, Process, run, wait_until};
pub use site::{Agent, Collector, Site, SiteOptions};

/// Says on standard error that something did not run, and why; the test command counts these lines.
#[expect(clippy::print_stderr, reason = "the test command reads these lines")]
pub fn left_out(what: &str, why: &str) {
    eprintln!("left out: {what}: {why}");
}

/// The folder with the shared captures and facts, where there is one beside the workspace.
pub fn shared() -> Option<std::path::PathBuf> {
    let folder = workspace().join("../shared");
    folder.join("corpus").is_dir().then_some(folder)
}
