//! DNS messages.

use crate::dissect::dns::{DnsMessage, Ports, TcpDns, parse_datagram, parse_stream};

/// A message on a port of DNS and on another one, as a datagram and in a stream, whole and cut.
///
/// The first byte chooses, the rest is the message.
///
/// # Panics
/// When a view reaches past its bytes, a name past its bound, or a cut message tells something else than
/// the whole one.
pub fn dns(data: &[u8]) {
    let (choice, bytes) = data.split_first().unwrap_or((&0, &[]));
    let dst = if choice & 1 == 0 { 53 } else { 9053 };
    let ports = Ports { src: 40_000, dst };
    let whole = parse_datagram(bytes, false, ports).map(|message| walk(&message));
    let len = bytes.len().min(usize::from(choice >> 1).saturating_mul(4));
    let begin = bytes.get(..len).unwrap_or(bytes);
    if let (Ok(whole), Ok(cut)) = (&whole, parse_datagram(begin, true, ports)) {
        assert!(
            whole.starts_with(&walk(&cut)),
            "a cut message says the same, as far as it goes"
        );
    }
    if let TcpDns::Message(message, length) = parse_stream(bytes, choice & 2 != 0, ports) {
        assert!(length <= bytes.len(), "a message lies inside its bytes");
        walk(&message);
    }
}

/// Everything a message tells, in order.
fn walk(message: &DnsMessage<'_>) -> Vec<String> {
    let mut told = Vec::new();
    for question in message.questions() {
        assert!(question.name.as_bytes().len() < 254, "a name has a bound");
        told.push(format!(
            "{} {} {}",
            question.name, question.rrtype, question.class
        ));
    }
    for record in message.records() {
        assert!(record.name.as_bytes().len() < 254, "a name has a bound");
        assert!(
            record.name.as_host().is_none_or(|host| !host.is_empty()),
            "a host has a name"
        );
        told.push(format!(
            "{} {} {} {}",
            record.name, record.rrtype, record.ttl, record.data
        ));
    }
    told
}
