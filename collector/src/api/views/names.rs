//! Services and devices by name.

use inventory::{Device, DeviceIdentity};
use serde::{Deserialize, Serialize};

/// A service, so that people know which.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct ServiceName {
    /// Id in the catalogue.
    pub id: String,
    /// Name of the product; the id where the catalogue has none.
    pub name: String,
    /// Company or project behind it.
    pub vendor: Option<String>,
    /// Kind of service, in the catalogue's words.
    pub category: Option<String>,
    /// Headquarters, ISO 3166-1 alpha-2.
    pub country: Option<String>,
}

/// A device, so that people know which.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct DeviceName {
    /// Sensor, or sensor and identity.
    pub id: String,
    /// The best name there is: a host name, else the hardware address, else the address.
    pub name: String,
    /// Every name, the latest first.
    pub names: Vec<String>,
    /// The sensor that sees it.
    pub sensor: String,
    /// An agent runs on it; `false`: only a tap sees it.
    pub managed: bool,
    /// Hardware address, where a tap told it by that.
    pub mac: Option<String>,
    /// VLAN, where it was tagged.
    pub vlan: Option<u16>,
    /// Addresses, the latest first, where a tap saw them.
    pub addresses: Vec<String>,
}

impl From<&Device> for DeviceName {
    fn from(device: &Device) -> Self {
        let mut addresses: Vec<String> = device.addresses.iter().map(ToString::to_string).collect();
        let (mac, vlan) = match device.identity {
            DeviceIdentity::Enrolled => (None, None),
            DeviceIdentity::Mac { mac, vlan } => {
                let identity = DeviceIdentity::Mac { mac, vlan: None }.to_string();
                (identity.strip_prefix("mac:").map(str::to_owned), vlan)
            }
            DeviceIdentity::Address { address, vlan } => {
                addresses = vec![address.to_string()];
                (None, vlan)
            }
        };
        let name = device.names.first().or(mac.as_ref()).or(addresses.first());
        Self {
            id: device.id.to_string(),
            name: name.cloned().unwrap_or_else(|| device.id.to_string()),
            names: device.names.clone(),
            sensor: device.sensor.to_string(),
            managed: device.is_managed(),
            mac,
            vlan,
            addresses,
        }
    }
}

/// Where a field comes from.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Provenance {
    /// Seen by sensors.
    Observed,
    /// Said by somebody who decides.
    Declared,
    /// From the catalogue.
    Catalogue,
    /// Nobody knows.
    Unknown,
}
