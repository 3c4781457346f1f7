//! Devices: the machine an agent runs on, and the clients a tap observes, always under their sensor.

use std::fmt;
use std::net::IpAddr;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::sensor::SensorId;

/// How one sensor tells a device from the others it sees.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum DeviceIdentity {
    /// The machine that the agent runs on.
    Enrolled,
    /// A client on the local segment, by hardware address and VLAN.
    Mac {
        /// Hardware address.
        mac: [u8; 6],
        /// VLAN id, `None` when untagged.
        vlan: Option<u16>,
    },
    /// A client off the segment, by address and VLAN.
    Address {
        /// Its address.
        address: IpAddr,
        /// VLAN id, `None` when untagged.
        vlan: Option<u16>,
    },
}

impl fmt::Display for DeviceIdentity {
    /// `enrolled`, `mac:02:00:00:00:00:01@12` or `ip:10.0.0.2`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let vlan = match self {
            Self::Enrolled => return f.write_str("enrolled"),
            Self::Mac {
                mac: [a, b, c, d, e, g],
                vlan,
            } => {
                write!(f, "mac:{a:02x}:{b:02x}:{c:02x}:{d:02x}:{e:02x}:{g:02x}")?;
                vlan
            }
            Self::Address { address, vlan } => {
                write!(f, "ip:{address}")?;
                vlan
            }
        };
        vlan.map_or(Ok(()), |vlan| write!(f, "@{vlan}"))
    }
}

/// A text that is no device id.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error(
    "{text:?} is no device id; it looks like SENSOR, SENSOR/mac:02:00:00:00:00:01 or SENSOR/ip:10.0.0.2, with @VLAN where tagged"
)]
pub struct DeviceIdError {
    /// The text as given, shortened.
    pub text: String,
}

impl FromStr for DeviceIdentity {
    type Err = DeviceIdError;

    fn from_str(text: &str) -> Result<Self, DeviceIdError> {
        identity(text).ok_or_else(|| DeviceIdError {
            text: text.chars().take(64).collect(),
        })
    }
}

fn identity(text: &str) -> Option<DeviceIdentity> {
    if text == "enrolled" {
        return Some(DeviceIdentity::Enrolled);
    }
    let (kind, rest) = text.split_once(':')?;
    let (name, vlan) = match rest.split_once('@') {
        Some((name, vlan)) => (name, Some(vlan.parse().ok()?)),
        None => (rest, None),
    };
    match kind {
        "mac" => Some(DeviceIdentity::Mac {
            mac: mac(name)?,
            vlan,
        }),
        "ip" => Some(DeviceIdentity::Address {
            address: name.parse().ok()?,
            vlan,
        }),
        _ => None,
    }
}

fn mac(text: &str) -> Option<[u8; 6]> {
    let mut mac = [0; 6];
    let mut parts = text.split(':');
    for byte in &mut mac {
        let part = parts.next().filter(|part| part.len() == 2)?;
        *byte = u8::from_str_radix(part, 16).ok()?;
    }
    parts.next().is_none().then_some(mac)
}

/// A device under its sensor: `SENSOR` for the enrolled machine itself, else `SENSOR/mac:..@12`.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(transparent)]
pub struct DeviceId(String);

impl DeviceId {
    /// The id of what `sensor` calls `identity`.
    #[must_use]
    pub fn new(sensor: &SensorId, identity: &DeviceIdentity) -> Self {
        match identity {
            DeviceIdentity::Enrolled => Self(sensor.as_str().to_owned()),
            DeviceIdentity::Mac { .. } | DeviceIdentity::Address { .. } => {
                Self(format!("{sensor}/{identity}"))
            }
        }
    }

    /// From a text that a store kept.
    #[must_use]
    pub fn from_stored(text: String) -> Self {
        Self(text)
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for DeviceId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

/// What is known about a device.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Device {
    /// Its id.
    pub id: DeviceId,
    /// The sensor that sees it.
    pub sensor: SensorId,
    /// How that sensor knows it.
    pub identity: DeviceIdentity,
    /// Names it was given, most recently seen first; an enrolled device's host name leads.
    pub names: Vec<String>,
    /// Addresses it had, most recently seen first, where it is known by MAC.
    pub addresses: Vec<IpAddr>,
}

impl Device {
    /// Names, and addresses, kept in one answer.
    pub const MAX_KNOWN: usize = 8;

    /// Puts together what is known, names and addresses latest first. The host name is the
    /// enrolled machine's own and leads.
    #[must_use]
    pub fn assemble(
        sensor: &SensorId,
        identity: DeviceIdentity,
        hostname: Option<&str>,
        names: Vec<String>,
        addresses: Vec<IpAddr>,
    ) -> Self {
        let managed = identity == DeviceIdentity::Enrolled;
        let hostname = hostname
            .filter(|name| managed && !name.is_empty())
            .map(str::to_owned);
        let others = names
            .into_iter()
            .filter(|name| Some(name) != hostname.as_ref());
        let names = hostname
            .clone()
            .into_iter()
            .chain(others)
            .take(Self::MAX_KNOWN)
            .collect();
        Self {
            id: DeviceId::new(sensor, &identity),
            sensor: sensor.clone(),
            identity,
            names,
            addresses: addresses.into_iter().take(Self::MAX_KNOWN).collect(),
        }
    }

    /// Whether an agent runs on it: a device that only a tap sees is unmanaged.
    #[must_use]
    pub fn is_managed(&self) -> bool {
        self.identity == DeviceIdentity::Enrolled
    }
}
