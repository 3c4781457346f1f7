//! Traces of AI tools on the device itself: what is installed, configured or running there.

use std::sync::Arc;

use wire::Timestamp;

/// One trace, as a scan of the device found it.
///
/// Every text in it may leave the device: no path below a home folder, no secret, no value of an
/// argument.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Trace {
    /// What sort of trace.
    pub kind: TraceKind,
    /// What the catalogue knows it by: the id of an extension, the name of a package, a program.
    pub value: String,
    /// Login name of the person in whose home folder it is; `None` for the whole device.
    pub login: Option<Arc<str>>,
    /// What more is known, by name, in the order of the names.
    pub attributes: Vec<Attribute>,
    /// When it was last seen to be there.
    pub seen: Timestamp,
}

/// A detail of an observation, for example `transport` = `stdio`.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Attribute {
    /// One word, lower case.
    pub name: &'static str,
    /// Its value, at most 128 bytes.
    pub value: Arc<str>,
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
