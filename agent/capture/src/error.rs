//! Why frames cannot be had: one variant for each thing that a caller can do about it.

use std::io;
use std::path::PathBuf;

/// Why a source could not be opened or read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The file cannot be opened.
    #[error("cannot open {}", path.display())]
    Open {
        /// The file.
        path: PathBuf,
        /// What the system said.
        #[source]
        source: io::Error,
    },
    /// The file cannot be read: the medium failed, not the format.
    #[error("cannot read {}", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// What the system said.
        #[source]
        source: io::Error,
    },
    /// The file has no byte.
    #[error("{} is empty", path.display())]
    Empty {
        /// The file.
        path: PathBuf,
    },
    /// The file is neither pcap nor pcapng, nor one of these compressed with gzip.
    #[error("{} is not a capture: neither pcap nor pcapng, plain or gzip", path.display())]
    NotACapture {
        /// The file.
        path: PathBuf,
    },
    /// A capture of a kind that is not read.
    #[error("{} is a capture that cannot be read: {what}", path.display())]
    UnsupportedCapture {
        /// The file.
        path: PathBuf,
        /// What is not supported.
        what: &'static str,
    },
    /// No interface has this name.
    #[error("there is no interface {interface}")]
    NoSuchInterface {
        /// The name that was asked for.
        interface: String,
    },
    /// The interface went down or was removed; it may come back, then open it again.
    #[error("interface {interface} went down or was removed")]
    InterfaceGone {
        /// Its name.
        interface: String,
    },
    /// The process lacks a privilege.
    #[error("capturing needs the capability {capability}, which this process does not have")]
    MissingCapability {
        /// The capability, as in capabilities(7).
        capability: &'static str,
    },
    /// The backend is not part of this build or this system.
    #[error("capturing with {backend} is not possible here: {reason}")]
    BackendUnavailable {
        /// The backend.
        backend: &'static str,
        /// Why.
        reason: &'static str,
    },
    /// The kernel refused a step of setting up or reading.
    #[error("capturing on {interface} failed at {operation}")]
    System {
        /// The interface.
        interface: String,
        /// The step.
        operation: &'static str,
        /// What the kernel said.
        #[source]
        source: io::Error,
    },
    /// libpcap refused.
    #[error("capturing on {interface} through libpcap failed: {message}")]
    Pcap {
        /// The interface.
        interface: String,
        /// What libpcap said.
        message: String,
    },
    /// The list of interfaces cannot be had.
    #[error("cannot list the interfaces")]
    Interfaces(#[source] io::Error),
}
