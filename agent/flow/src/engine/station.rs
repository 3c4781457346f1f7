//! What one sender on the segment sent from: whether it is a machine or a router.

use std::net::{IpAddr, Ipv4Addr};

/// IPv6 networks of one host: its own, a provider's, a private one, and one that was renumbered.
const MAX_V6_NETWORKS: usize = 4;

/// What one MAC address sent from: small, since there are as many as there are machines in sight.
#[derive(Clone, Debug, Default)]
pub(super) struct Station {
    v4: Option<Ipv4Addr>,
    pub(super) is_router: bool,
    v6: Option<Box<Networks>>,
}

/// IPv6 networks, the first 64 bits of addresses.
#[derive(Clone, Debug, Default)]
struct Networks {
    networks: [u64; MAX_V6_NETWORKS],
    used: usize,
}

impl Networks {
    /// Adds one; returns whether it found a place, or had one.
    fn add(&mut self, network: u64) -> bool {
        if self
            .networks
            .iter()
            .take(self.used)
            .any(|known| *known == network)
        {
            return true;
        }
        let place = self.networks.get_mut(self.used);
        let room = place.is_some();
        if let Some(place) = place {
            *place = network;
            self.used = self.used.saturating_add(1);
        }
        room
    }
}

impl Station {
    pub(super) fn learn(&mut self, address: IpAddr) {
        if self.is_router {
            return;
        }
        match address {
            IpAddr::V4(v4) if v4.is_link_local() || v4.is_unspecified() => {}
            IpAddr::V4(v4) => match self.v4 {
                None => self.v4 = Some(v4),
                Some(known) => self.is_router |= known != v4,
            },
            IpAddr::V6(v6) if v6.is_unicast_link_local() || v6.is_unspecified() => {}
            IpAddr::V6(v6) => {
                let network = u64::try_from(v6.to_bits() >> 64).unwrap_or_default();
                if !self.v6.get_or_insert_default().add(network) {
                    self.is_router = true;
                    self.v6 = None;
                }
            }
        }
    }
}

/// A MAC address with its VLAN as a number; an id of zero is no VLAN.
pub(super) fn station_of((mac, vlan): ([u8; 6], Option<u16>)) -> u64 {
    let [a, b, c, d, e, f] = mac;
    let mac = u64::from_be_bytes([0, 0, a, b, c, d, e, f]);
    (mac << 16) | u64::from(vlan.unwrap_or_default())
}
