//! Traces of AI tools on the device itself: what is installed, configured or running there.
//!
//! A scan of the device gives [`Trace`]s; [`Wanted`] says what a scan has to look for, so that
//! nothing else is kept; [`PresenceBook`] matches traces with the catalogue and says what each
//! amounts to. Installed is not used: the stages that come from here are the two lowest.

mod book;
#[cfg(test)]
mod tests;
mod wanted;

use std::sync::Arc;

use signatures::Surface;
use wire::Timestamp;

pub use book::{MAX_TRACES, PresenceBook, PresenceReport};
pub use wanted::{Wanted, WantedProcess};

/// Longest text of a trace or of an attribute, in bytes.
pub const MAX_TRACE_TEXT: usize = 128;

/// One trace, as a scan of the device found it.
///
/// Every text in it may leave the device: no path below a home folder, no secret, no value of an
/// argument. The one exception is the attribute [`HOST`](Attribute::HOST), which [`PresenceBook`]
/// passes on only when the catalogue lists the host.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Trace {
    /// What sort of trace.
    pub kind: TraceKind,
    /// How the catalogue is asked for it.
    pub listed: Listed,
    /// What was found: the id of an extension, the name of a package, a program, a server, a model.
    pub value: String,
    /// Login name of the person in whose home folder it is; `None` for the whole device.
    pub login: Option<Arc<str>>,
    /// What more is known, by name, in the order of the names.
    pub attributes: Vec<Attribute>,
    /// When it was last seen to be there.
    pub seen: Timestamp,
}

/// How the catalogue knows a trace.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Listed {
    /// An artefact of this kind; its value is that of the trace.
    Artefact(&'static str),
    /// A program; its name is the value of the trace.
    Process {
        /// The text that path or command line hold, where the catalogue asks for one.
        requires: Option<Arc<str>>,
    },
    /// A detail of a tool whose settings or data were read.
    Tool {
        /// Id of the tool's service.
        service: &'static str,
        /// The side of the service that it shows.
        surface: Surface,
    },
}

/// A detail of an observation, for example `transport` = `stdio`.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Attribute {
    /// One word, lower case.
    pub name: &'static str,
    /// Its value, at most 128 bytes.
    pub value: Arc<str>,
}

impl Attribute {
    /// Name of the attribute that holds the host of a remote server.
    pub const HOST: &'static str = "host";
    /// Name of the attribute that holds the package that a server is started from.
    pub const PACKAGE: &'static str = "package";

    /// Makes an attribute; a longer value is cut at [`MAX_TRACE_TEXT`].
    #[must_use]
    pub fn new(name: &'static str, value: &str) -> Self {
        let end = value.floor_char_boundary(MAX_TRACE_TEXT);
        Self {
            name,
            value: value.get(..end).unwrap_or_default().into(),
        }
    }
}

/// What sort of trace it is.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum TraceKind {
    /// A program that is installed.
    Application,
    /// A program that runs.
    Process,
    /// A package of a language: npm, PyPI.
    Package,
    /// An extension of an editor.
    IdeExtension,
    /// An extension of a browser.
    BrowserExtension,
    /// A server of the Model Context Protocol that a tool is set up to use.
    McpServer,
    /// How freely an agent may act.
    AgentSetting,
    /// A model on the disk.
    LocalModel,
    /// A model server that listens.
    Listener,
    /// A settings file or folder of a tool.
    Configuration,
    /// The account that a tool is signed in with.
    Account,
}

impl TraceKind {
    /// Returns the word used in indicators and exports.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Application => "application",
            Self::Process => "process",
            Self::Package => "package",
            Self::IdeExtension => "ide-extension",
            Self::BrowserExtension => "browser-extension",
            Self::McpServer => "mcp-server",
            Self::AgentSetting => "agent-setting",
            Self::LocalModel => "local-model",
            Self::Listener => "listener",
            Self::Configuration => "configuration",
            Self::Account => "account",
        }
    }

    /// Tells whether it shows a program that runs, rather than one that is there.
    #[must_use]
    pub const fn is_running(self) -> bool {
        matches!(self, Self::Process | Self::Listener)
    }
}
