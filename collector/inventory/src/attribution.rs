//! Which program and which user a sighting is about, what sort of program it is, how that is known and why not better.

use serde::{Deserialize, Serialize};

use crate::time::Timestamp;
use crate::words::words;

/// How process and user were matched to the flow.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum MatchQuality {
    /// Not matched; the reason says why.
    Unknown,
    /// Matched by polling tables, which may miss or confuse short connections.
    Polled,
    /// Told by the kernel.
    Exact,
}

words!(MatchQuality, "match quality", {
    Unknown => "unknown",
    Polled => "polled",
    Exact => "exact",
});

/// What sort of program a client is; in the order of its words, which is the order of answers.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub enum ClientClass {
    /// A browser with an assistant built in.
    AiBrowser,
    /// A web browser.
    Browser,
    /// An agent on the command line.
    CliAgent,
    /// A program with a window of its own.
    DesktopApp,
    /// An editor or development environment.
    Ide,
    /// A script or program of somebody's own that uses a library.
    SdkScript,
    /// A service that runs without a person.
    ServerWorkload,
    /// None of these for sure.
    #[default]
    Unknown,
}

words!(ClientClass, "class of client", {
    AiBrowser => "ai-browser",
    Browser => "browser",
    CliAgent => "cli-agent",
    DesktopApp => "desktop-app",
    Ide => "ide",
    SdkScript => "sdk-script",
    ServerWorkload => "server-workload",
    Unknown => "unknown",
});

/// The class of a client, and why.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Default)]
pub struct Client {
    /// The class.
    pub class: ClientClass,
    /// What it was decided by; why not, when unknown. Empty from an agent that does not say.
    pub reason: String,
}

/// What a program file was installed by.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
pub struct Package {
    /// `deb`, `rpm`, `snap`, `flatpak`, `appimage`; a newer agent may know more.
    pub kind: String,
    /// Name in that system.
    pub name: String,
}

/// A process further up.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
pub struct ParentProcess {
    /// Process id.
    pub pid: u32,
    /// Short name.
    pub name: String,
}

/// One run of a program.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Default, Serialize, Deserialize)]
pub struct ProcessIdentity {
    /// Process id on its device.
    pub pid: u32,
    /// When it started; with the pid it is unique.
    pub start_time: Option<Timestamp>,
    /// Path of the program; below a home folder only `~/…/` and the file name.
    pub executable: String,
    /// Short name.
    pub name: String,
    /// What a runtime such as Python runs, where that identifies the program.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub command: Option<String>,
    /// SHA-256 of the program file, as hex, where it was read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sha256: Option<String>,
    /// What the program file was installed by.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub package: Option<Package>,
    /// Id of the container that it runs in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub container: Option<String>,
    /// Up to the session leader, nearest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub parents: Vec<ParentProcess>,
}

/// Who did it, how that is known, and why not better.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Attribution {
    /// How the match was made.
    pub quality: MatchQuality,
    /// Why not better; empty when exact.
    pub reason: String,
    /// One run of the process, as an example.
    pub process: Option<ProcessIdentity>,
    /// What sort of program it is.
    pub client: Client,
    /// Name of a process that used the socket later: it was passed or inherited.
    pub later_user: Option<String>,
}

/// A detail of an observation, for example `transport` = `stdio`.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
pub struct Attribute {
    /// One word, lower case.
    pub name: String,
    /// Its value.
    pub value: String,
}
