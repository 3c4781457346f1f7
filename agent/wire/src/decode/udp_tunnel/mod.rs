//! Tunnels inside UDP, by their well-known ports.
//!
//! A port proves nothing, so each header is checked as far as it can be, and the walk goes back to
//! the UDP datagram itself when no packet is found inside.

mod access;
mod overlay;

use self::access::{ayiya, capwap, gtp, gtp_version_0, l2tp, teredo};
use self::overlay::{geneve, lisp, tzsp, vxlan, vxlan_gpe};
use super::ether;
use super::ip;
use super::packet::Datagram;
use super::tunnel;
use super::walk::{Guess, Ip};

const L2TP: u16 = 1701;
const GTP_USER: u16 = 2152;
const GTP_USER_VERSION_0: u16 = 3386;
const TEREDO: u16 = 3544;
const LISP_DATA: u16 = 4341;
/// RFC 8086.
const GRE_IN_UDP: u16 = 4754;
const VXLAN: u16 = 4789;
const VXLAN_GPE: u16 = 4790;
/// Before the number was assigned, and still the default of the Linux kernel.
const VXLAN_LINUX: u16 = 8472;
const AYIYA: u16 = 5072;
const CAPWAP_DATA: u16 = 5247;
const GENEVE: u16 = 6081;
/// RFC 7510.
const MPLS_IN_UDP: u16 = 6635;
const TZSP: u16 = 37008;

/// Whether a port is that of a tunnel, so that the long path must look.
#[inline]
pub(super) fn may_be_tunnel(datagram: &Datagram<'_>) -> bool {
    is_tunnel_port(datagram.dst_port) || is_tunnel_port(datagram.src_port)
}

#[inline]
fn is_tunnel_port(port: u16) -> bool {
    port >= L2TP
        && matches!(
            port,
            L2TP | GTP_USER
                | GTP_USER_VERSION_0
                | TEREDO
                | LISP_DATA
                | GRE_IN_UDP
                | VXLAN
                | VXLAN_GPE
                | VXLAN_LINUX
                | AYIYA
                | CAPWAP_DATA
                | GENEVE
                | MPLS_IN_UDP
                | TZSP
        )
}

/// The tunnel that a datagram may carry: that of its destination port, else of its source port for
/// those whose answers come from it.
pub(super) fn guess<'a>(ip: Ip, datagram: &Datagram<'a>) -> Option<Guess<'a>> {
    let data = datagram.payload;
    let by_destination = match datagram.dst_port {
        VXLAN | VXLAN_LINUX => vxlan(data),
        VXLAN_GPE => vxlan_gpe(data),
        GENEVE => geneve(data),
        MPLS_IN_UDP => Some(Guess::EtherType(ether::MPLS, data)),
        GRE_IN_UDP => Some(Guess::Payload(
            Ip {
                claimed: datagram.payload_len,
                ..ip
            },
            tunnel::GRE,
            data,
        )),
        TZSP => tzsp(data),
        _ => None,
    };
    let either = |port| datagram.dst_port == port || datagram.src_port == port;
    by_destination.or_else(|| match () {
        () if either(GTP_USER) => gtp(data, datagram.payload_len),
        () if either(GTP_USER_VERSION_0) => gtp_version_0(data, datagram.payload_len),
        () if either(TEREDO) => teredo(data, datagram.payload_len),
        () if either(CAPWAP_DATA) => capwap(data),
        () if either(LISP_DATA) => lisp(data, datagram.payload_len),
        () if either(AYIYA) => ayiya(ip, data, datagram.payload_len),
        () if either(L2TP) => l2tp(data),
        () => None,
    })
}

/// IP that fills what is left of the datagram.
fn fills(data: &[u8], left: u32) -> Option<Guess<'_>> {
    ip::fills(data, left).then_some(Guess::Ip(data))
}
