//! Flows in which names may pass unseen: DNS in encryption, VPNs and relays. Counted, not judged.

use wire::{Packet, Transport};

/// The port of DNS over TLS and over QUIC (RFC 7858, RFC 9250).
const DNS_OVER_TLS: u16 = 853;
/// The ports of IKE and of IPsec in UDP (RFC 3948).
const IPSEC: [u16; 2] = [500, 4500];
/// The usual port of OpenVPN.
const OPENVPN: u16 = 1194;
/// A WireGuard handshake initiation: its type in four bytes, and its length.
const WIREGUARD_INITIATION: ([u8; 4], u32) = ([1, 0, 0, 0], 148);

/// Public resolvers that answer over HTTPS or TLS; each with everything below it.
const RESOLVERS: [&str; 16] = [
    "dns.google",
    "dns.google.com",
    "cloudflare-dns.com",
    "one.one.one.one",
    "dns.quad9.net",
    "dns9.quad9.net",
    "dns10.quad9.net",
    "dns11.quad9.net",
    "doh.opendns.com",
    "doh.umbrella.com",
    "dns.nextdns.io",
    "dns.adguard-dns.com",
    "dns.mullvad.net",
    "doh.cleanbrowsing.org",
    "doh.dns.apple.com",
    "dns.alidns.com",
];

/// Front doors of relays that carry whole connections.
const RELAYS: [&str; 4] = [
    "mask.icloud.com",
    "mask-h2.icloud.com",
    "mask-api.icloud.com",
    "cloudflareclient.com",
];

/// What of a flow stays unseen.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum BlindSpot {
    /// DNS in TLS, QUIC or HTTPS.
    EncryptedDns,
    /// A VPN or a relay.
    Tunnel,
}

/// Judges a flow by the server name (lower case) and the responder's port.
pub(super) fn of_name(name: &[u8], port: u16) -> Option<BlindSpot> {
    if port == DNS_OVER_TLS {
        return Some(BlindSpot::EncryptedDns);
    }
    if !may_be_known(name) {
        return None;
    }
    if is_below(name, &RESOLVERS) {
        return Some(BlindSpot::EncryptedDns);
    }
    is_below(name, &RELAYS).then_some(BlindSpot::Tunnel)
}

/// Judges a flow that names nothing by the responder's port.
pub(super) fn of_port(port: u16) -> Option<BlindSpot> {
    (port == DNS_OVER_TLS).then_some(BlindSpot::EncryptedDns)
}

/// Judges a flow by its first packet.
pub(super) fn of_first_packet(packet: &Packet<'_>) -> Option<BlindSpot> {
    let Transport::Udp(datagram) = &packet.transport else {
        return None;
    };
    let (kind, length) = WIREGUARD_INITIATION;
    let wireguard = datagram.payload.starts_with(&kind) && datagram.payload_len == length;
    let known = IPSEC.contains(&datagram.dst_port) || datagram.dst_port == OPENVPN;
    (wireguard || known).then_some(BlindSpot::Tunnel)
}

/// The last eight bytes of every name above: nearly every name on the wire is told from them by these.
const TAILS: [[u8; 8]; RESOLVERS.len() + RELAYS.len()] = {
    let mut tails = [[0; 8]; RESOLVERS.len() + RELAYS.len()];
    let mut place = 0;
    while place < tails.len() {
        let name = if place < RESOLVERS.len() {
            RESOLVERS[place]
        } else {
            RELAYS[place - RESOLVERS.len()]
        };
        tails[place] = match name.as_bytes().last_chunk::<8>() {
            Some(tail) => *tail,
            None => panic!("a name of at least eight bytes"),
        };
        place += 1;
    }
    tails
};

/// Whether `name` may be one of those above, or below one.
fn may_be_known(name: &[u8]) -> bool {
    name.last_chunk::<8>().is_some_and(|tail| {
        let tail = u64::from_le_bytes(*tail);
        let same = |known: &[u8; 8]| u64::from_le_bytes(*known) == tail;
        // All of them, without a way out: that is a few wide comparisons.
        TAILS.iter().fold(false, |found, known| found | same(known))
    })
}

fn is_below(name: &[u8], known: &[&str]) -> bool {
    known.iter().any(|known| {
        name.strip_suffix(known.as_bytes())
            .is_some_and(|rest| rest.is_empty() || rest.ends_with(b"."))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_resolver_and_relay_is_known() {
        for name in RESOLVERS {
            assert_eq!(of_name(name.as_bytes(), 443), Some(BlindSpot::EncryptedDns));
        }
        for name in RELAYS {
            assert_eq!(of_name(name.as_bytes(), 443), Some(BlindSpot::Tunnel));
        }
    }

    #[test]
    fn resolvers_and_relays_are_known_by_whole_labels() {
        assert_eq!(of_name(b"dns.google", 443), Some(BlindSpot::EncryptedDns));
        assert_eq!(
            of_name(b"chrome.cloudflare-dns.com", 443),
            Some(BlindSpot::EncryptedDns)
        );
        assert_eq!(of_name(b"mask.icloud.com", 443), Some(BlindSpot::Tunnel));
        assert_eq!(of_name(b"notcloudflare-dns.com", 443), None);
        assert_eq!(of_name(b"example.org", 853), Some(BlindSpot::EncryptedDns));
        assert_eq!(of_port(443), None);
    }
}
