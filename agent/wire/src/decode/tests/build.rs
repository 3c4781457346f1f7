//! Headers, byte by byte.

pub(super) const PAYLOAD: &[u8] = b"the payload";
pub(super) const INNER_SRC: [u8; 4] = [10, 1, 1, 1];
pub(super) const INNER_DST: [u8; 4] = [10, 2, 2, 2];
pub(super) const INNER_SRC_V6: [u8; 16] = [0x20, 1, 0xd, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1];
pub(super) const INNER_DST_V6: [u8; 16] = [0x20, 1, 0xd, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2];
pub(super) const SRC_MAC: [u8; 6] = [2, 0, 0, 0, 0, 1];
pub(super) const DST_MAC: [u8; 6] = [2, 0, 0, 0, 0, 2];

pub(super) fn join(parts: &[&[u8]]) -> Vec<u8> {
    parts.concat()
}

fn length(bytes: &[u8], more: usize) -> [u8; 2] {
    u16::try_from(bytes.len() + more).unwrap().to_be_bytes()
}

pub(super) fn ethernet(kind: u16, payload: &[u8]) -> Vec<u8> {
    join(&[&DST_MAC, &SRC_MAC, &kind.to_be_bytes(), payload])
}

pub(super) fn vlan(tag: u16, kind: u16, payload: &[u8]) -> Vec<u8> {
    join(&[&tag.to_be_bytes(), &kind.to_be_bytes(), payload])
}

pub(super) fn tcp(payload: &[u8]) -> Vec<u8> {
    let header = [
        0x9c, 0x40, 1, 0xbb, 0, 0, 0, 9, 0, 0, 0, 8, 0x50, 0x18, 0xff, 0xff, 0, 0, 0, 0,
    ];
    join(&[&header, payload])
}

pub(super) fn udp(src: u16, dst: u16, payload: &[u8]) -> Vec<u8> {
    join(&[
        &src.to_be_bytes(),
        &dst.to_be_bytes(),
        &length(payload, 8),
        &[0, 0],
        payload,
    ])
}

pub(super) fn ipv4(protocol: u8, payload: &[u8]) -> Vec<u8> {
    ipv4_between([192, 0, 2, 1], [192, 0, 2, 2], protocol, payload)
}

pub(super) fn ipv4_between(src: [u8; 4], dst: [u8; 4], protocol: u8, payload: &[u8]) -> Vec<u8> {
    let [l0, l1] = length(payload, 20);
    let header = [0x45, 0, l0, l1, 0, 1, 0, 0, 64, protocol, 0, 0];
    join(&[&header, &src, &dst, payload])
}

pub(super) fn ipv6(next_header: u8, payload: &[u8]) -> Vec<u8> {
    ipv6_between([0xfd; 16], [0xfe; 16], next_header, payload)
}

pub(super) fn ipv6_between(src: [u8; 16], dst: [u8; 16], next: u8, payload: &[u8]) -> Vec<u8> {
    let [l0, l1] = length(payload, 0);
    join(&[&[0x60, 0, 0, 0, l0, l1, next, 64], &src, &dst, payload])
}

/// The packet that every encapsulation carries.
pub(super) fn inner_ipv4() -> Vec<u8> {
    ipv4_between(INNER_SRC, INNER_DST, 6, &tcp(PAYLOAD))
}

/// The same in IPv6.
pub(super) fn inner_ipv6() -> Vec<u8> {
    ipv6_between(INNER_SRC_V6, INNER_DST_V6, 6, &tcp(PAYLOAD))
}

/// The inner packet in an Ethernet frame of another segment.
pub(super) fn inner_ethernet() -> Vec<u8> {
    let header = [6, 0, 0, 0, 0, 6, 4, 0, 0, 0, 0, 4, 8, 0];
    join(&[&header, &inner_ipv4()])
}

/// A UDP datagram to a port in IPv4 in Ethernet.
pub(super) fn to_port(port: u16, payload: &[u8]) -> Vec<u8> {
    ethernet(0x0800, &ipv4(17, &udp(50_000, port, payload)))
}

pub(super) fn gre(flags: u16, kind: u16, rest: &[u8]) -> Vec<u8> {
    let gre = join(&[&flags.to_be_bytes(), &kind.to_be_bytes(), rest]);
    ethernet(0x0800, &ipv4(47, &gre))
}
