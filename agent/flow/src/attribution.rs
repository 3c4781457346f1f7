//! Which program and which user a finding belongs to, how sure that is, and why not surer.

use std::borrow::Cow;
use std::sync::Arc;

use wire::Timestamp;

/// Why a process is unknown on a tap or in a capture.
pub(crate) const REASON_NOT_ON_DEVICE: &str =
    "seen from the network only: the sensor does not run on the device";
/// Why a process is unknown on an enrolled machine.
pub(crate) const REASON_NO_SOCKET_SOURCE: &str = "no source of socket owners is attached";

/// A running program, in the words of the Elastic Common Schema (`process.*`).
///
/// Every text in it may leave the device: whoever makes one shortens what lies below a home folder
/// to `~/…/` and the file name, and leaves the values of arguments out.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub struct ProcessIdentity {
    /// Process id in the first pid namespace.
    pub pid: u32,
    /// When it started: tells two users of one pid apart.
    pub start_time: Timestamp,
    /// Path of the program file.
    pub executable: String,
    /// Short name, at most 15 bytes on Linux.
    pub name: String,
    /// What a runtime such as Python or Node runs, where that identifies the program: `python -m aider`.
    pub command: Option<String>,
    /// SHA-256 of the program file, when it was read.
    pub sha256: Option<[u8; 32]>,
    /// The package that the program file came in.
    pub package: Option<Package>,
    /// Id of the container that it runs in.
    pub container: Option<String>,
    /// Its parent, that one's parent and so on up to the session leader; capped.
    pub parents: Vec<ParentProcess>,
}

impl ProcessIdentity {
    /// Returns what a finding is told apart by: the program that a runtime runs, else the program file.
    #[must_use]
    pub fn program(&self) -> &str {
        self.command.as_deref().unwrap_or(&self.executable)
    }
}

/// A process further up.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct ParentProcess {
    /// Process id.
    pub pid: u32,
    /// Short name.
    pub name: String,
}

/// What a program file was installed by.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Package {
    /// Package system, one word: `deb`, `rpm`, `snap`, `flatpak`, `appimage`, ...
    pub kind: &'static str,
    /// Name in that system.
    pub name: String,
}

/// How a flow was matched to its process.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum MatchQuality {
    /// The kernel said so when the socket was connected or first sent.
    Exact,
    /// A table of sockets that was read now and then.
    Polled,
    /// Not matched.
    Unknown,
}

impl MatchQuality {
    /// Returns the word used in messages and exports.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Exact => "exact",
            Self::Polled => "polled",
            Self::Unknown => "unknown",
        }
    }
}

/// What sort of program a client is.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub enum ClientClass {
    /// A web browser.
    Browser,
    /// A browser with an assistant built in.
    AiBrowser,
    /// A program with a window of its own.
    DesktopApp,
    /// An editor or development environment.
    Ide,
    /// An agent on the command line.
    CliAgent,
    /// A script or program of somebody's own that uses a library.
    SdkScript,
    /// A service that runs without a person.
    ServerWorkload,
    /// None of these for sure.
    #[default]
    Unknown,
}

impl ClientClass {
    /// Returns the word used in messages and exports.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Browser => "browser",
            Self::AiBrowser => "ai-browser",
            Self::DesktopApp => "desktop-app",
            Self::Ide => "ide",
            Self::CliAgent => "cli-agent",
            Self::SdkScript => "sdk-script",
            Self::ServerWorkload => "server-workload",
            Self::Unknown => "unknown",
        }
    }
}

/// The class of a client, and why.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Client {
    /// The class.
    pub class: ClientClass,
    /// What it was decided by, for people; why not, when unknown.
    pub reason: Cow<'static, str>,
}

/// A user as reported.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct User {
    /// A keyed pseudonym, or the login name where the administrator chose that.
    pub label: String,
    /// The login name sealed to two officers, one inside the other; empty for a plain name.
    pub sealed: Arc<[u8]>,
}

/// Process and user of a finding.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Attribution {
    /// The program, when known.
    pub process: Option<Arc<ProcessIdentity>>,
    /// The user, when known.
    pub user: Option<User>,
    /// What sort of program it is.
    pub client: Client,
    /// Name of a process that used the socket later: it was passed or inherited.
    pub later_user: Option<String>,
    /// How it was matched.
    pub quality: MatchQuality,
    /// Why it is not better, or why the user may not be named; empty when exact and the user is.
    pub reason: Cow<'static, str>,
}

impl Attribution {
    /// Returns an attribution that knows nothing, and why.
    #[must_use]
    pub fn unknown(reason: impl Into<Cow<'static, str>>) -> Self {
        Self {
            process: None,
            user: None,
            client: Client {
                class: ClientClass::Unknown,
                reason: Cow::Borrowed("the program is not known"),
            },
            later_user: None,
            quality: MatchQuality::Unknown,
            reason: reason.into(),
        }
    }
}
