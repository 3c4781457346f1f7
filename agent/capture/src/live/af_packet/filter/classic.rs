//! What an endpoint takes where eBPF is refused: classic BPF, which keeps nothing between packets.
//!
//! | packet | passes |
//! |---|---|
//! | TCP with SYN, FIN or RST; DNS over TCP | whole |
//! | TCP without payload | never: it names nothing |
//! | sent, or on the loopback, up to [`BULK`] of payload | whole |
//! | sent, or on the loopback, with more | its headers |
//! | received, up to [`SMALL`] of payload | whole |
//! | received, with more | its headers, one in [`ONE_IN`] by chance |
//! | UDP sent, on a known port, or with a QUIC long header | whole |
//! | UDP received otherwise | its headers |
//! | fragments, other protocols, tags that the interface left in, other links than Ethernet and IP alone | whole |
//!
//! No name is lost: who opens a flow from this machine names the server in what it sends, and the first
//! flight of a connection is never larger than [`BULK`] in one frame. What comes back names nothing but in
//! DNS. Requests to a server on this machine that come from it are on the loopback; those that others send
//! are not its own. Bytes stay known: from sequence numbers for TCP, from each datagram for UDP.

use super::all::MAY_CARRY_IP;
use super::assembler::{
    ADD, ADD_INDEX, AND, Assembler, FROM_INDEX, HARDWARE_TYPE, Instruction, JUMP_IF_ABOVE,
    JUMP_IF_ANY, JUMP_IF_EQUAL, LOAD_BYTE_AT, LOAD_CELL, LOAD_HALF_AT, LOAD_INDEX, LOAD_INDEX_CELL,
    LOAD_WORD, LOOPBACK, OUTGOING, PACKET_TYPE, PROTOCOL, RANDOM, RETURN, SHIFT_LEFT, SHIFT_RIGHT,
    STORE, SUBTRACT_INDEX, TO_INDEX, To,
};
use To::{Label, Next};

/// Payload of a frame that is sent beyond which it is bulk; a first flight has at most ten segments.
const BULK: u32 = 16 * 1024;
/// Payload of a frame that is received up to which it may be the end of an answer.
const SMALL: u32 = 600;
/// Of the larger ones that are received, one in so many passes; a power of two.
const ONE_IN: u32 = 32;
/// Longest headers, and what tells a datagram from the one before it.
const HEADERS: u32 = 14 + 60 + 60 + 64;

const ETHERNET: u32 = libc::ARPHRD_ETHER as u32;
const NO_LINK_HEADER: u32 = 65534;
const ETHERNET_HEADER: u32 = 14;

const IPV4: u32 = 0x0800;
const IPV6: u32 = 0x86dd;
const TCP: u32 = 6;
const UDP: u32 = 17;
const FIN_SYN_RST: u32 = 0x07;
const DNS: u32 = 53;
/// DNS, its kin and DHCP; then tunnels, in which anything may be.
const PORTS: [u32; 20] = [
    53, 5353, 5355, 67, 68, 546, 547, 1701, 2152, 3386, 3544, 4341, 4754, 4789, 4790, 8472, 5072,
    5247, 6081, 6635,
];

/// Cells of memory: length from the transport header on, where that is, and so on.
const LENGTH: u32 = 0;
const TRANSPORT: u32 = 1;
const PAYLOAD: u32 = 2;
const HEADER: u32 = 3;
const PROTOCOL_CELL: u32 = 4;

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum At {
    NotLoopback,
    Link,
    Network,
    Version6,
    NotTcp,
    Tcp,
    TcpSent,
    TcpSmall,
    Udp,
    Received,
    Whole,
    Headers,
    Drop,
}

/// The program; what passes whole is cut to `snaplen` bytes. `None` never happens, as a test shows.
pub(super) fn program(snaplen: u32) -> Option<Vec<Instruction>> {
    let mut code = Assembler::new();
    link(&mut code);
    network(&mut code);
    tcp(&mut code);
    udp(&mut code);
    code.label(At::Whole);
    code.op(RETURN, snaplen);
    code.label(At::Headers);
    code.op(RETURN, HEADERS.min(snaplen));
    code.label(At::Drop);
    code.op(RETURN, 0);
    code.finish()
}

/// Leaves the length of the link header in the index register.
fn link(code: &mut Assembler<At>) {
    // Each packet on the loopback is seen when it is sent and when it arrives.
    code.op(LOAD_WORD, PACKET_TYPE);
    code.jump(JUMP_IF_EQUAL, OUTGOING, Next, Label(At::NotLoopback));
    code.op(LOAD_WORD, HARDWARE_TYPE);
    code.jump(JUMP_IF_EQUAL, LOOPBACK, Label(At::Drop), Next);
    code.label(At::NotLoopback);
    code.op(LOAD_WORD, PROTOCOL);
    code.jump(JUMP_IF_EQUAL, IPV4, Label(At::Link), Next);
    code.jump(JUMP_IF_EQUAL, IPV6, Label(At::Link), Next);
    for protocol in MAY_CARRY_IP {
        code.jump(JUMP_IF_EQUAL, protocol.into(), Label(At::Whole), Next);
    }
    code.op(RETURN, 0);
    code.label(At::Link);
    code.op(LOAD_INDEX, ETHERNET_HEADER);
    code.op(LOAD_WORD, HARDWARE_TYPE);
    code.jump(JUMP_IF_EQUAL, ETHERNET, Label(At::Network), Next);
    code.jump(JUMP_IF_EQUAL, LOOPBACK, Label(At::Network), Next);
    code.op(LOAD_INDEX, 0);
    code.jump(JUMP_IF_EQUAL, NO_LINK_HEADER, Next, Label(At::Whole));
}

/// Goes on with the index register at the transport header, and in a cell the length from there.
fn network(code: &mut Assembler<At>) {
    code.label(At::Network);
    code.op(LOAD_WORD, PROTOCOL);
    code.jump(JUMP_IF_EQUAL, IPV6, Label(At::Version6), Next);
    code.op(LOAD_HALF_AT, 6);
    code.jump(JUMP_IF_ANY, 0x3fff, Label(At::Whole), Next);
    // The length, and behind the header what is left of it.
    code.op(LOAD_HALF_AT, 2);
    code.op(STORE, LENGTH);
    code.op(LOAD_BYTE_AT, 9);
    code.op(STORE, PROTOCOL_CELL);
    code.op(LOAD_BYTE_AT, 0);
    code.op(AND, 15);
    code.op(SHIFT_LEFT, 2);
    code.op(STORE, HEADER);
    code.op(ADD_INDEX, 0);
    code.op(STORE, TRANSPORT);
    code.op(LOAD_INDEX_CELL, HEADER);
    code.op(LOAD_CELL, LENGTH);
    code.op(SUBTRACT_INDEX, 0);
    code.op(STORE, LENGTH);
    code.op(LOAD_INDEX_CELL, TRANSPORT);
    code.op(LOAD_CELL, PROTOCOL_CELL);
    code.jump(JUMP_IF_EQUAL, TCP, Label(At::Tcp), Label(At::NotTcp));
    code.label(At::Version6);
    code.op(LOAD_HALF_AT, 4);
    code.op(STORE, LENGTH);
    code.op(LOAD_BYTE_AT, 6);
    code.op(STORE, PROTOCOL_CELL);
    code.op(FROM_INDEX, 0);
    code.op(ADD, 40);
    code.op(TO_INDEX, 0);
    code.op(LOAD_CELL, PROTOCOL_CELL);
    code.jump(JUMP_IF_EQUAL, TCP, Label(At::Tcp), Label(At::NotTcp));
    code.label(At::NotTcp);
    code.jump(JUMP_IF_EQUAL, UDP, Label(At::Udp), Label(At::Whole));
}

fn tcp(code: &mut Assembler<At>) {
    code.label(At::Tcp);
    code.op(LOAD_BYTE_AT, 13);
    code.jump(JUMP_IF_ANY, FIN_SYN_RST, Label(At::Whole), Next);
    for end in [0, 2] {
        code.op(LOAD_HALF_AT, end);
        code.jump(JUMP_IF_EQUAL, DNS, Label(At::Whole), Next);
    }
    code.op(LOAD_BYTE_AT, 12);
    code.op(SHIFT_RIGHT, 2);
    code.op(AND, 0x3c);
    code.op(TO_INDEX, 0);
    code.op(LOAD_CELL, LENGTH);
    code.op(SUBTRACT_INDEX, 0);
    code.op(STORE, PAYLOAD);
    code.jump(JUMP_IF_EQUAL, 0, Label(At::Drop), Next);
    code.op(LOAD_WORD, PACKET_TYPE);
    code.jump(JUMP_IF_EQUAL, OUTGOING, Label(At::TcpSent), Next);
    code.op(LOAD_WORD, HARDWARE_TYPE);
    code.jump(JUMP_IF_EQUAL, LOOPBACK, Label(At::TcpSent), Next);
    code.op(LOAD_CELL, PAYLOAD);
    code.jump(JUMP_IF_ABOVE, SMALL, Next, Label(At::TcpSmall));
    code.op(LOAD_WORD, RANDOM);
    code.jump(JUMP_IF_ANY, ONE_IN - 1, Label(At::Drop), Label(At::Headers));
    code.label(At::TcpSmall);
    code.op(RETURN, HEADERS + SMALL);
    code.label(At::TcpSent);
    code.op(LOAD_CELL, PAYLOAD);
    code.jump(JUMP_IF_ABOVE, BULK, Label(At::Headers), Label(At::Whole));
}

fn udp(code: &mut Assembler<At>) {
    code.label(At::Udp);
    code.op(LOAD_WORD, PACKET_TYPE);
    code.jump(JUMP_IF_EQUAL, OUTGOING, Label(At::Whole), Next);
    code.op(LOAD_WORD, HARDWARE_TYPE);
    code.jump(
        JUMP_IF_EQUAL,
        LOOPBACK,
        Label(At::Whole),
        Label(At::Received),
    );
    code.label(At::Received);
    for end in [0, 2] {
        code.op(LOAD_HALF_AT, end);
        for port in PORTS {
            code.jump(JUMP_IF_EQUAL, port, Label(At::Whole), Next);
        }
    }
    // Without a first byte there is nothing to tell it by.
    code.op(LOAD_HALF_AT, 4);
    code.jump(JUMP_IF_ABOVE, 8, Next, Label(At::Whole));
    code.op(LOAD_BYTE_AT, 8);
    code.jump(JUMP_IF_ABOVE, 0xbf, Label(At::Whole), Label(At::Headers));
}
