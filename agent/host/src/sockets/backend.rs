//! The ways to learn whose a socket is, and what each needs of the system.

use std::path::PathBuf;

/// A way to learn whose a socket is; the greater, the better.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Backend {
    /// None: owners are unknown.
    None,
    /// The tables of sockets under `/proc/net`, read when asked: no counters.
    Procfs,
    /// `NETLINK_SOCK_DIAG`: sockets looked up one by one when asked, with counters for TCP.
    SockDiag,
    /// Kernel events: exact, and early enough for processes that live a few milliseconds.
    Ebpf,
}

/// A capability that a backend needs (`capabilities(7)`).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Need {
    /// Its name.
    pub capability: &'static str,
    /// What it is for.
    pub purpose: &'static str,
    /// What is lost without it.
    pub without: &'static str,
}

const BPF: Need = Need {
    capability: "CAP_BPF",
    purpose: "loads the program that sees sockets being connected",
    without: "no kernel events: owners are looked up when a flow matches, short-lived programs are missed",
};
const PERFMON: Need = Need {
    capability: "CAP_PERFMON",
    purpose: "attaches that program to the kernel's trace points",
    without: "no kernel events: owners are looked up when a flow matches, short-lived programs are missed",
};
const SYS_PTRACE: Need = Need {
    capability: "CAP_SYS_PTRACE",
    purpose: "reads which process holds a socket, and the program file of other users' processes",
    without: "sockets of other users' processes that no kernel event announced stay unknown",
};
const READ_SEARCH: Need = Need {
    capability: "CAP_DAC_READ_SEARCH",
    purpose: "reads program files that only their user may read, for their hash",
    without: "such program files have no hash",
};
const SYS_ADMIN: Need = Need {
    capability: "CAP_SYS_ADMIN",
    purpose: "asks other network namespaces (containers) for their sockets",
    without: "sockets of containers are looked up in /proc, without counters",
};

impl Backend {
    /// Returns the word used in configuration and messages.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Procfs => "procfs",
            Self::SockDiag => "sock-diag",
            Self::Ebpf => "ebpf",
        }
    }

    /// Returns the backends from best to worst.
    #[must_use]
    pub const fn all() -> [Self; 4] {
        [Self::Ebpf, Self::SockDiag, Self::Procfs, Self::None]
    }

    /// Returns the capabilities that it needs, each with what is lost without it.
    #[must_use]
    pub const fn needs(self) -> &'static [Need] {
        match self {
            Self::None => &[],
            Self::Procfs => &[SYS_PTRACE, READ_SEARCH],
            Self::SockDiag => &[SYS_PTRACE, READ_SEARCH, SYS_ADMIN],
            Self::Ebpf => &[BPF, PERFMON, SYS_PTRACE, READ_SEARCH, SYS_ADMIN],
        }
    }
}

/// How owners of sockets are learnt.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SocketsConfig {
    /// No better backend than this one is used.
    pub best: Backend,
    /// Where the proc file system is.
    pub proc: PathBuf,
}

impl Default for SocketsConfig {
    fn default() -> Self {
        Self {
            best: Backend::Ebpf,
            proc: PathBuf::from("/proc"),
        }
    }
}
