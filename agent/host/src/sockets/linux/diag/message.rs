//! The messages of `NETLINK_SOCK_DIAG` (`linux/inet_diag.h`, `sock_diag(7)`).

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use flow::{FiveTuple, TransportProtocol};

use super::super::row::Row;

const BY_FAMILY: u16 = 20;
const ERROR: u16 = 2;
const DONE: u16 = 3;
const REQUEST: u16 = 1;
const DUMP: u16 = 0x300;
/// `INET_DIAG_INFO`: the attribute with `struct tcp_info`, and the bit that asks for it.
const INFO: u16 = 2;
const WANT_INFO: u8 = 1 << (INFO - 1);
const HEADER: usize = 16;
const SOCKET: usize = 72;
/// In `struct tcp_info`.
const BYTES_ACKED: usize = 120;
const BYTES_RECEIVED: usize = 128;

/// The address families of Linux.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(in crate::sockets::imp) enum Family {
    V4 = 2,
    V6 = 10,
}

/// What is asked for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Question<'a> {
    /// The socket that packets from the one end to the other would reach.
    One(&'a FiveTuple),
    /// All sockets of a transport in some states; with a local port unless 0.
    All {
        transport: TransportProtocol,
        family: Family,
        states: u32,
        port: u16,
    },
}

/// Writes a request.
pub(super) fn request(question: Question<'_>, sequence: u32) -> Vec<u8> {
    let (transport, family, flags, states) = match question {
        Question::One(tuple) => {
            let family = if tuple.orig.is_ipv4() {
                Family::V4
            } else {
                Family::V6
            };
            (tuple.transport, family, REQUEST, u32::MAX)
        }
        Question::All {
            transport,
            family,
            states,
            ..
        } => (transport, family, REQUEST | DUMP, states),
    };
    let mut bytes = Vec::with_capacity(SOCKET);
    bytes.extend(72_u32.to_ne_bytes());
    bytes.extend(BY_FAMILY.to_ne_bytes());
    bytes.extend(flags.to_ne_bytes());
    bytes.extend(sequence.to_ne_bytes());
    bytes.extend(0_u32.to_ne_bytes());
    bytes.extend([family as u8, transport.number(), WANT_INFO, 0]);
    bytes.extend(states.to_ne_bytes());
    match question {
        Question::One(tuple) => identity(&mut bytes, tuple.orig, tuple.resp),
        Question::All { port, .. } => {
            bytes.extend(port.to_be_bytes());
            bytes.extend([0; 38]);
        }
    }
    // Any cookie: two words of ones.
    bytes.extend([0xff; 8]);
    bytes
}

/// Ports, addresses and interface of `struct inet_diag_sockid`.
fn identity(bytes: &mut Vec<u8>, source: SocketAddr, destination: SocketAddr) {
    bytes.extend(source.port().to_be_bytes());
    bytes.extend(destination.port().to_be_bytes());
    for address in [source.ip(), destination.ip()] {
        match address {
            IpAddr::V4(v4) => {
                bytes.extend(v4.octets());
                bytes.extend([0; 12]);
            }
            IpAddr::V6(v6) => bytes.extend(v6.octets()),
        }
    }
    bytes.extend([0; 4]);
}

/// One message of an answer.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Answer {
    Socket(Row),
    /// The end of a dump, or an error number.
    End(i32),
    /// Of another question, or not understood.
    Other,
}

/// Takes the next message off a datagram of the kernel.
pub(super) fn next(
    datagram: &mut &[u8],
    sequence: u32,
    transport: TransportProtocol,
) -> Option<Answer> {
    let length = usize::try_from(u32::from_ne_bytes(array(datagram, 0)?)).ok()?;
    let message = datagram.get(..length).filter(|_| length >= HEADER)?;
    let aligned = length.next_multiple_of(4);
    *datagram = datagram.get(aligned..).unwrap_or_default();
    if u32::from_ne_bytes(array(message, 8)?) != sequence {
        return Some(Answer::Other);
    }
    let body = message.get(HEADER..)?;
    let number = || array(body, 0).map_or(0, i32::from_ne_bytes);
    Some(match u16::from_ne_bytes(array(message, 4)?) {
        DONE | ERROR => Answer::End(number()),
        BY_FAMILY => socket(body, transport).map_or(Answer::Other, Answer::Socket),
        _ => Answer::Other,
    })
}

/// `struct inet_diag_msg` and the attributes behind it.
fn socket(body: &[u8], transport: TransportProtocol) -> Option<Row> {
    let [family, state] = array(body, 0)?;
    let end = |port_at, address_at| -> Option<SocketAddr> {
        let address = match family {
            2 => IpAddr::V4(Ipv4Addr::from(array::<4>(body, address_at)?)),
            10 => IpAddr::V6(Ipv6Addr::from(array::<16>(body, address_at)?)),
            _ => return None,
        };
        Some(SocketAddr::new(
            address,
            u16::from_be_bytes(array(body, port_at)?),
        ))
    };
    Some(Row {
        transport,
        local: end(4, 8)?,
        remote: end(6, 24)?,
        state,
        uid: u32::from_ne_bytes(array(body, 64)?),
        inode: u32::from_ne_bytes(array(body, 68)?).into(),
        counted: body.get(SOCKET..).and_then(info),
    })
}

/// Bytes acknowledged and received, out of `struct tcp_info`; an old kernel has a shorter one.
fn info(mut attributes: &[u8]) -> Option<(u64, u64)> {
    while let (Some(length), Some(kind)) = (array(attributes, 0), array(attributes, 2)) {
        let length = usize::from(u16::from_ne_bytes(length));
        let value = attributes.get(4..length)?;
        if u16::from_ne_bytes(kind) == INFO {
            let number = |at| array(value, at).map(u64::from_ne_bytes);
            return Some((number(BYTES_ACKED)?, number(BYTES_RECEIVED)?));
        }
        attributes = attributes.get(length.next_multiple_of(4)..)?;
    }
    None
}

fn array<const N: usize>(bytes: &[u8], at: usize) -> Option<[u8; N]> {
    bytes.get(at..)?.first_chunk().copied()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_request_has_the_length_it_says() {
        let tuple = FiveTuple {
            orig: "[2001:db8::1]:1".parse().unwrap(),
            resp: "[2001:db8::2]:2".parse().unwrap(),
            transport: TransportProtocol::Tcp,
        };
        assert_eq!(request(Question::One(&tuple), 1).len(), 72);
        let all = Question::All {
            transport: TransportProtocol::Udp,
            family: Family::V4,
            states: 1,
            port: 53,
        };
        assert_eq!(request(all, 1).len(), 72);
    }

    proptest! {
        #[test]
        fn any_bytes_are_survived(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
            let mut rest = bytes.as_slice();
            let mut messages = 0;
            while next(&mut rest, 1, TransportProtocol::Tcp).is_some() {
                messages += 1;
                prop_assert!(messages <= bytes.len());
            }
            let _socket = socket(&bytes, TransportProtocol::Tcp);
            let _info = info(&bytes);
        }
    }
}
