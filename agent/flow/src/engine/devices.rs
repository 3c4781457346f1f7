//! Who the client is: the enrolled machine, a MAC address on the segment, or an address.
//!
//! On a tap a client is its MAC address (and VLAN) when that MAC is plausibly its own. A router
//! sends for many: a MAC that was seen to send from more than one IPv4 address outside link-local,
//! or from more than four IPv6 networks, is a router's, and its clients are told apart by address.
//! Every flow teaches in both directions, and a device is only named when its flow or look-up is
//! reported, so replies from the Internet usually give a router away before its first client.
//!
//! Limits: the first reports of a router with one busy client may go to its MAC; a client whose
//! IPv4 address changes counts by address from then on; two clients behind a translating router
//! are one address. What was reported is never rewritten, and a MAC never becomes a client again.

use std::net::IpAddr;
use std::sync::Arc;

use wire::Packet;

use super::Mode;
use super::station::{Station, station_of};
use crate::bounded::Bounded;
use crate::device::Device;

/// MAC addresses that are remembered.
const MAX_MACS: usize = 65_536;
/// Devices whose names are remembered.
const MAX_NAMED: usize = 8_192;
/// Names remembered for one device.
const MAX_NAMES: usize = 4;

/// What a client was seen with; its [`Device`] is decided later.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub(super) struct Client {
    pub(super) address: IpAddr,
    /// MAC address and VLAN; `None` in a tunnel and where the link has none.
    pub(super) link: Option<([u8; 6], Option<u16>)>,
}

/// Tells clients apart and keeps their names.
#[derive(Debug)]
pub(super) struct Devices {
    local: Option<Vec<IpAddr>>,
    stations: Bounded<u64, Station>,
    /// The router that sent last: half of all packets are from one, and nothing is learnt from it.
    last_router: Option<u64>,
    names: Bounded<IpAddr, Vec<Arc<str>>>,
    mac_names: Bounded<[u8; 6], Vec<Arc<str>>>,
}

impl Devices {
    pub(super) fn new(mode: &Mode) -> Self {
        let local = match mode {
            Mode::Tap => None,
            Mode::Endpoint { local_addresses } => Some(local_addresses.clone()),
        };
        Self {
            local,
            stations: Bounded::new(MAX_MACS),
            last_router: None,
            names: Bounded::new(MAX_NAMED),
            mac_names: Bounded::new(MAX_NAMED),
        }
    }

    pub(super) fn set_local_addresses(&mut self, addresses: &[IpAddr]) {
        if let Some(local) = &mut self.local {
            *local = addresses.to_vec();
        }
    }

    /// Whether traffic of this client is this sensor's to report.
    pub(super) fn is_ours(&self, client: IpAddr) -> bool {
        let Some(local) = &self.local else {
            return true;
        };
        client.is_loopback() || local.contains(&client)
    }

    pub(super) const fn is_endpoint(&self) -> bool {
        self.local.is_some()
    }

    /// Learns from whom the sender of `packet` sends.
    pub(super) fn learn(&mut self, packet: &Packet<'_>) {
        if self.local.is_none()
            && let Some(link) = link_of(packet.src_mac, packet.vlan, packet.in_tunnel)
        {
            self.learn_sender(link, packet.src);
        }
    }

    fn learn_sender(&mut self, link: ([u8; 6], Option<u16>), address: IpAddr) {
        let number = station_of(link);
        if self.last_router == Some(number) {
            return;
        }
        if let Some(station) = self.stations.entry(number) {
            station.learn(address);
            if station.is_router {
                self.last_router = Some(number);
            }
        }
    }

    /// The device of a client, as far as is known by now.
    pub(super) fn device_of(&self, client: &Client) -> Device {
        if self.local.is_some() {
            return Device::Enrolled;
        }
        let address = client.address;
        let own = client.link.filter(|link| {
            let number = station_of(*link);
            self.last_router != Some(number)
                && self
                    .stations
                    .get(&number)
                    .is_some_and(|station| !station.is_router)
        });
        match own {
            Some((mac, vlan)) => Device::Observed {
                mac: Some(mac),
                vlan,
                address,
            },
            None => Device::Observed {
                mac: None,
                vlan: None,
                address,
            },
        }
    }

    /// Notes a name of the client at `address`.
    pub(super) fn note_name(&mut self, address: IpAddr, name: &str) {
        if self.local.is_none()
            && let Some(names) = self.names.entry(address)
        {
            add(names, name);
        }
    }

    /// Notes a name that the client with this MAC address gave itself.
    pub(super) fn note_mac_name(&mut self, mac: [u8; 6], name: &str) {
        if self.local.is_none()
            && let Some(names) = self.mac_names.entry(mac)
        {
            add(names, name);
        }
    }

    /// The names of a client, in the order of the alphabet.
    pub(super) fn names_of(&self, client: &Client) -> Vec<Arc<str>> {
        let by_address = self.names.get(&client.address);
        let device = self.device_of(client);
        let by_mac = match device {
            Device::Observed { mac: Some(mac), .. } => self.mac_names.get(&mac),
            Device::Observed { mac: None, .. } | Device::Enrolled => None,
        };
        let mut names: Vec<Arc<str>> = by_address
            .into_iter()
            .chain(by_mac)
            .flatten()
            .cloned()
            .collect();
        names.sort_unstable();
        names.dedup();
        names
    }
}

fn add(names: &mut Vec<Arc<str>>, name: &str) {
    if names.len() < MAX_NAMES && names.iter().all(|known| **known != *name) {
        names.push(Arc::from(name));
    }
}

/// MAC address and VLAN of one host; not of a group, and not the zeros of a loopback interface.
pub(super) fn link_of(
    mac: Option<[u8; 6]>,
    vlan: Option<u16>,
    in_tunnel: bool,
) -> Option<([u8; 6], Option<u16>)> {
    let mac = mac?;
    let [first, ..] = mac;
    (!in_tunnel && first & 1 == 0 && mac != [0; 6]).then_some((mac, vlan))
}

#[cfg(test)]
mod tests {
    use super::*;

    const MAC: [u8; 6] = [2, 0, 0, 0, 0, 1];

    fn learn(devices: &mut Devices, address: &str) {
        let address: IpAddr = address.parse().unwrap();
        devices.learn_sender((MAC, None), address);
    }

    fn client(address: &str) -> Client {
        Client {
            address: address.parse().unwrap(),
            link: Some((MAC, None)),
        }
    }

    #[test]
    fn a_mac_of_its_own_is_the_device() {
        let mut devices = Devices::new(&Mode::Tap);
        learn(&mut devices, "10.0.0.2");
        learn(&mut devices, "fe80::1");
        learn(&mut devices, "2001:db8::1");
        learn(&mut devices, "2001:db8::2");
        let device = devices.device_of(&client("10.0.0.2"));
        assert_eq!(device.to_string(), "mac:02:00:00:00:00:01");
        assert_eq!(device, devices.device_of(&client("2001:db8::2")));
    }

    #[test]
    fn clients_behind_a_router_are_told_apart_by_address() {
        let mut devices = Devices::new(&Mode::Tap);
        learn(&mut devices, "10.0.0.2");
        learn(&mut devices, "10.0.0.3");
        assert_eq!(
            devices.device_of(&client("10.0.0.2")).to_string(),
            "ip:10.0.0.2"
        );
        let mut devices = Devices::new(&Mode::Tap);
        for network in 0..6 {
            learn(&mut devices, &format!("2001:db8:{network}::1"));
        }
        assert_eq!(
            devices.device_of(&client("2001:db8::1")).to_string(),
            "ip:2001:db8::1"
        );
    }

    #[test]
    fn an_endpoint_is_enrolled_and_reports_its_own_only() {
        let local = "192.0.2.7".parse().unwrap();
        let devices = Devices::new(&Mode::Endpoint {
            local_addresses: vec![local],
        });
        assert!(devices.is_ours(local));
        assert!(devices.is_ours("127.0.0.1".parse().unwrap()));
        assert!(!devices.is_ours("172.17.0.2".parse().unwrap()));
        assert_eq!(devices.device_of(&client("192.0.2.7")), Device::Enrolled);
    }

    #[test]
    fn groups_and_loopback_are_nobody() {
        assert_eq!(link_of(Some([0; 6]), None, false), None);
        assert_eq!(link_of(Some([1, 0, 0x5e, 0, 0, 1]), None, false), None);
        assert_eq!(link_of(Some(MAC), Some(3), true), None);
        assert_eq!(link_of(Some(MAC), Some(3), false), Some((MAC, Some(3))));
    }
}
