//! The device that a finding is about.

use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::net::IpAddr;

/// The client of a flow, as far as the sensor can tell it from others.
///
/// A device that is known by its MAC address is the same one under all its addresses: `address` is
/// then the one that was seen first, for people to read, and no part of its identity.
#[derive(Clone, Copy, Debug)]
pub enum Device {
    /// The machine that the agent runs on.
    Enrolled,
    /// A client that was observed on a tap or in a capture.
    Observed {
        /// Set when the device is on the local segment.
        mac: Option<[u8; 6]>,
        /// The VLAN of the MAC address; `None` when untagged, or identified by address.
        vlan: Option<u16>,
        /// Its address.
        address: IpAddr,
    },
}

/// What of a device counts when two are compared, as numbers that are in the same order: a kind, an octet
/// for the family of an address, and the MAC address and VLAN or the address.
type Identity = (u8, u8, u128);

impl Device {
    fn identity(&self) -> Identity {
        match *self {
            Self::Enrolled => (0, 0, 0),
            Self::Observed {
                mac: Some([a, b, c, d, e, g]),
                vlan,
                ..
            } => {
                let mac = u64::from_be_bytes([0, 0, a, b, c, d, e, g]);
                let vlan = vlan.map_or(0, |vlan| u128::from(vlan).saturating_add(1));
                (1, 0, (u128::from(mac) << 32) | vlan)
            }
            Self::Observed {
                mac: None, address, ..
            } => match address {
                IpAddr::V4(v4) => (2, 4, v4.to_bits().into()),
                IpAddr::V6(v6) => (2, 6, v6.to_bits()),
            },
        }
    }
}

impl PartialEq for Device {
    fn eq(&self, other: &Self) -> bool {
        self.identity() == other.identity()
    }
}

impl Eq for Device {}

impl PartialOrd for Device {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Device {
    fn cmp(&self, other: &Self) -> Ordering {
        self.identity().cmp(&other.identity())
    }
}

impl Hash for Device {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.identity().hash(state);
    }
}

impl fmt::Display for Device {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Enrolled => f.write_str("enrolled"),
            Self::Observed {
                mac: Some([a, b, c, d, e, g]),
                vlan,
                ..
            } => {
                write!(f, "mac:{a:02x}:{b:02x}:{c:02x}:{d:02x}:{e:02x}:{g:02x}")?;
                vlan.map_or(Ok(()), |vlan| write!(f, "@{vlan}"))
            }
            Self::Observed {
                mac: None, address, ..
            } => write!(f, "ip:{address}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_device_on_the_segment_is_its_mac_and_vlan() {
        let mac = Some([0xaa, 1, 2, 3, 4, 5]);
        let one = Device::Observed {
            mac,
            vlan: Some(7),
            address: [10, 0, 0, 2].into(),
        };
        let two = Device::Observed {
            mac,
            vlan: Some(7),
            address: [10, 0, 0, 3].into(),
        };
        let other = Device::Observed {
            mac,
            vlan: None,
            address: [10, 0, 0, 2].into(),
        };
        assert_eq!(one, two);
        assert_ne!(one, other);
        assert_eq!(one.to_string(), "mac:aa:01:02:03:04:05@7");
        assert_eq!(other.to_string(), "mac:aa:01:02:03:04:05");
        let routed = Device::Observed {
            mac: None,
            vlan: None,
            address: [10, 0, 0, 2].into(),
        };
        assert_eq!(routed.to_string(), "ip:10.0.0.2");
    }
}
