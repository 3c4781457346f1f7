//! DNS over TCP: messages with their lengths before them (RFC 1035 section 4.2.2, RFC 7766).

use super::DnsError;
use super::message::{DnsMessage, DnsTransport};
use super::parse::{HEADER_OCTETS, Ports, parse, silent_elsewhere};

/// What the start of some stream bytes is.
#[derive(Clone, Copy, Debug)]
pub enum TcpDns<'a> {
    /// A whole message; it and its length take this many bytes.
    Message(DnsMessage<'a>, usize),
    /// So far like a message that needs this many bytes in all, its length included.
    NeedMore(usize),
    /// The frame is no message.
    Reject(DnsError),
}

/// Reads the message at the start of `bytes`, which are in order and start with a length; `cut`
/// says that nothing more will come.
///
/// Ask again behind each message for pipelined ones. On other ports than those of DNS the first
/// fourteen bytes decide whether more is asked for, so that no other protocol is held for long. A
/// message that the end of the stream cuts is given as far as there when its question is whole.
pub fn parse_stream(bytes: &[u8], cut: bool, ports: Ports) -> TcpDns<'_> {
    let Some((prefix, rest)) = bytes.split_first_chunk::<2>() else {
        return TcpDns::NeedMore(2);
    };
    let len = usize::from(u16::from_be_bytes(*prefix));
    if len < HEADER_OCTETS {
        return TcpDns::Reject(DnsError::NotDns);
    }
    let total = len.saturating_add(prefix.len());
    let short = rest.len() < len;
    if short && rest.len() < HEADER_OCTETS && !cut {
        return TcpDns::NeedMore(total);
    }
    let message = rest.get(..len).unwrap_or(rest);
    match parse(message, short, ports, DnsTransport::Tcp) {
        Ok(_) | Err(DnsError::Truncated) if short && !cut => TcpDns::NeedMore(total),
        Ok(message) => TcpDns::Message(message, total.min(bytes.len())),
        Err(error) => TcpDns::Reject(silent_elsewhere(error, ports)),
    }
}
