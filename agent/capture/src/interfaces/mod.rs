//! The machine's network interfaces.
//!
//! Names, addresses and flags come from `pnet`; which of them carry a default route, which `pnet`
//! does not know, from the kernel's routing tables.

mod routes;

use std::net::IpAddr;

use crate::os;

/// One network interface.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Interface {
    /// Its name, such as `eth0`.
    pub name: String,
    /// Its number in the kernel.
    pub index: u32,
    /// Whether it is up.
    pub up: bool,
    /// Whether it is the loopback.
    pub loopback: bool,
    /// Its addresses and the length of their prefixes.
    pub addresses: Vec<(IpAddr, u8)>,
    /// Its link address.
    pub mac: Option<[u8; 6]>,
    /// Whether a default route leaves through it.
    pub default_route: bool,
}

/// Lists the interfaces by number.
///
/// # Errors
/// [`Error::Interfaces`](crate::Error::Interfaces) when the system does not say.
pub fn list() -> Result<Vec<Interface>, crate::Error> {
    let with_route = routes::default_route_interfaces().map_err(crate::Error::Interfaces)?;
    let mut interfaces: Vec<_> = pnet::datalink::interfaces()
        .into_iter()
        .map(|interface| Interface {
            up: interface.is_up(),
            loopback: interface.is_loopback(),
            addresses: interface
                .ips
                .iter()
                .map(|net| (net.ip(), net.prefix()))
                .collect(),
            mac: interface
                .mac
                .map(|mac| mac.octets())
                .filter(|mac| *mac != [0; 6]),
            default_route: with_route.contains(&interface.name),
            index: interface.index,
            name: interface.name,
        })
        .collect();
    interfaces.sort_by_key(|interface| interface.index);
    Ok(interfaces)
}

/// Whether an interface of this name is there now; cheap enough to ask every second.
pub fn exists(name: &str) -> bool {
    os::interface_index(name).is_some()
}
