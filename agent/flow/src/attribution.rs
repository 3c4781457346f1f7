//! Which program and which user a finding belongs to, how sure that is, and why not surer.

use wire::Timestamp;

/// Why a process is unknown on a tap or in a capture.
pub(crate) const REASON_NOT_ON_DEVICE: &str =
    "seen from the network only: the sensor does not run on the device";
/// Why a process is unknown on an enrolled machine.
pub(crate) const REASON_NO_SOCKET_SOURCE: &str = "no source of socket owners is attached";

/// A running program, in the words of the Elastic Common Schema.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct ProcessIdentity {
    /// Process id.
    pub pid: u32,
    /// When it started: tells two users of one pid apart.
    pub start_time: Timestamp,
    /// Path of the program file.
    pub executable: String,
    /// Short name.
    pub name: String,
}

/// How a flow was matched to its process.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum MatchQuality {
    /// The kernel said so when the socket was made.
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

/// Process and user of a finding.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Attribution {
    /// The program, when known.
    pub process: Option<ProcessIdentity>,
    /// The user as a pseudonym, when known.
    pub user: Option<String>,
    /// How it was matched.
    pub quality: MatchQuality,
    /// Why it is not better; empty when exact.
    pub reason: String,
}

impl Attribution {
    /// Returns an attribution that knows nothing, and why.
    #[must_use]
    pub fn unknown(reason: &str) -> Self {
        Self {
            process: None,
            user: None,
            quality: MatchQuality::Unknown,
            reason: reason.into(),
        }
    }
}
