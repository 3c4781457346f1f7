//! How sure a finding is, on what that rests, and what it does not prove.

/// How sure a finding is.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Level {
    /// One weak sign.
    Low,
    /// A fair sign, or a strong one with a reservation.
    Medium,
    /// The service was named by the client itself, and the name is well founded.
    High,
}

impl Level {
    /// Returns the word used in messages and exports.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
        }
    }
}

/// Something that makes a finding surer or less sure.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Factor {
    /// The client named the service in a TLS or QUIC handshake.
    NamedInHandshake,
    /// The client named the service in a request in the clear.
    NamedInRequest,
    /// The request line is that of a local model server.
    LocalRequest,
    /// The client only asked for the name.
    NameAskedFor,
    /// The name was hidden and comes from the client's last look-up of this address.
    NameFromLookUp,
    /// A program of the service runs on the device.
    ProgramRuns,
    /// A trace of the service is on the device.
    TraceOnDevice,
    /// The shape of the traffic is that of the service.
    TrafficShape,
    /// More than one kind of evidence agrees.
    SeveralKindsAgree,
    /// A host that the service shares with other products was contacted as well.
    SharedHostContacted,
    /// The vendor documents the indicator.
    VendorDocumented,
    /// A maintained public list names the indicator.
    PubliclyListed,
    /// The indicator has one weak source or none.
    WeaklySourced,
    /// Only one direction of the traffic was visible.
    OneDirection,
}

impl Factor {
    /// Returns the sentence shown to people.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::NamedInHandshake => "the client named the service in its handshake",
            Self::NamedInRequest => "the client named the service in a request",
            Self::LocalRequest => "the request is one of a local model server",
            Self::NameAskedFor => "the client asked for the name in DNS",
            Self::NameFromLookUp => {
                "the name is the only one the client had resolved to the address"
            }
            Self::ProgramRuns => "a program of the service runs on the device",
            Self::TraceOnDevice => "a trace of the service is on the device",
            Self::TrafficShape => "the shape of the traffic is that of the service",
            Self::SeveralKindsAgree => "several kinds of evidence agree",
            Self::SharedHostContacted => "a host shared with other products was contacted too",
            Self::VendorDocumented => "the vendor documents the indicator",
            Self::PubliclyListed => "a maintained public list names the indicator",
            Self::WeaklySourced => "the indicator is weakly sourced",
            Self::OneDirection => "only one direction was visible",
        }
    }
}

/// What a finding does not prove.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Caveat {
    /// A server name does not prove that a prompt was sent.
    NameIsNoPrompt,
    /// A connection may serve other hosts than the one it names.
    CoalescedConnection,
    /// A look-up does not prove that a connection followed.
    LookUpIsNoContact,
    /// The client may be a resolver or a proxy for others.
    ClientMayForward,
    /// A shared host is not AI use.
    SharedHostIsNoUse,
    /// The name was inferred, not seen.
    NameWasInferred,
    /// What is installed or configured need not be used.
    InstalledIsNoUse,
    /// A program that runs need not have been used.
    RunningIsNoUse,
}

impl Caveat {
    /// Returns the sentence shown to people.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::NameIsNoPrompt => "a server name does not prove that a prompt was sent",
            Self::CoalescedConnection => "the connection may serve other hosts than it names",
            Self::LookUpIsNoContact => "a look-up does not prove that contact followed",
            Self::ClientMayForward => "the client may have asked on behalf of others",
            Self::SharedHostIsNoUse => "contact with a shared host is not AI use",
            Self::NameWasInferred => "the name was inferred from a look-up, not seen",
            Self::InstalledIsNoUse => "what is installed or configured need not be used",
            Self::RunningIsNoUse => "a program that runs need not have been used",
        }
    }
}

/// How sure a finding is, with its reasons.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Confidence {
    /// The verdict.
    pub level: Level,
    /// On what it rests, in a fixed order.
    pub factors: Vec<Factor>,
    /// What it does not prove, in a fixed order.
    pub does_not_prove: Vec<Caveat>,
}
