//! DNS messages (RFC 1035), multicast DNS (RFC 6762) and LLMNR (RFC 4795).
//!
//! # When bytes are a DNS message
//!
//! On the ports of the three protocols (53, 5353, 5355; either side) bytes are a message when its
//! header is not absurd and its question section was captured whole and is well formed; what
//! follows the questions is read as far as it is well formed. A message without a question must be
//! well formed to its last byte. So a VPN on port 53 gives nothing, while an answer with a broken
//! record still shows what was asked.
//!
//! On any other port the whole message must have the shape of one:
//!
//! * exactly one question, of a type that the IANA registry assigns and a class that is in use;
//! * opcode QUERY, NOTIFY or UPDATE, the reserved bit clear;
//! * a query without response code, truncation and authority bits, without answers, with at most
//!   two additional records (EDNS and a signature), and with authority records only where a zone
//!   transfer or an update has them;
//! * every name ends in a root or in a pointer to an earlier place, every record fits, and the last
//!   one ends where the datagram ends (where the capture was cut: as far as there are bytes);
//! * not the NetBIOS name service, which borrowed the format: port 137, or its types with an
//!   encoded name (RFC 1002 section 4.2).
//!
//! Eight fixed or nearly fixed bytes in the header and an exact end leave chance matches aside.

mod error;
mod message;
mod name;
mod number;
mod parse;
mod record;
mod stream;
#[cfg(test)]
mod tests;

pub use error::DnsError;
pub use message::{DnsKind, DnsMessage, DnsTransport, Question, Questions, Section};
pub use name::{DnsName, MAX_NAME_OCTETS};
pub use number::{Opcode, Rcode, RrType};
pub use parse::{MAX_QUESTIONS, Ports, parse_datagram};
pub use record::{Alpns, Ipv4Hints, Ipv6Hints, Record, RecordData, Records, Svcb};
pub use stream::{TcpDns, parse_stream};
