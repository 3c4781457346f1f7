//! Why bytes are no DNS message, or not all of one.

use crate::dissect::reject::reasons;

reasons! {
    /// What was wrong with a message, on the ports of DNS.
    pub enum DnsError {
        /// The bytes do not have the shape of a DNS message.
        NotDns = "dns_not_dns",
        /// The bytes end before the first question does.
        Truncated = "dns_truncated",
        /// A name points forward, at itself or into the header, or through too many pointers
        /// (RFC 1035 section 4.1.4).
        NameLoops = "dns_name_loops",
        /// A name is longer than 255 octets (RFC 1035 section 2.3.4).
        NameTooLong = "dns_name_too_long",
        /// A label has a reserved type (RFC 6891 section 5).
        BadLabel = "dns_bad_label",
        /// The question section is longer than is read.
        BadLength = "dns_bad_length",
    }
}
