//! Why bytes are no DNS message, or not all of one.

/// What was wrong with a message; `NotDns` is the only one that says nothing about DNS.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
#[non_exhaustive]
pub enum DnsError {
    /// The bytes do not have the shape of a DNS message.
    NotDns,
    /// The bytes end before the first question does.
    Truncated,
    /// A name points forward, at itself or into the header (RFC 1035 section 4.1.4).
    NameLoops,
    /// A name is longer than 255 octets (RFC 1035 section 2.3.4).
    NameTooLong,
    /// A label has a reserved type (RFC 6891 section 5).
    BadLabel,
    /// Counts or lengths contradict each other.
    BadLength,
}

impl DnsError {
    /// Every variant, in the order of [`Self::index`].
    pub const ALL: [Self; 6] = [
        Self::NotDns,
        Self::Truncated,
        Self::NameLoops,
        Self::NameTooLong,
        Self::BadLabel,
        Self::BadLength,
    ];

    /// The name of the counter that this reason adds to.
    pub const fn counter(self) -> &'static str {
        match self {
            Self::NotDns => "dns_not_dns",
            Self::Truncated => "dns_truncated",
            Self::NameLoops => "dns_name_loops",
            Self::NameTooLong => "dns_name_too_long",
            Self::BadLabel => "dns_bad_label",
            Self::BadLength => "dns_bad_length",
        }
    }

    /// The place of this reason in [`Self::ALL`].
    pub const fn index(self) -> usize {
        self as usize
    }
}
