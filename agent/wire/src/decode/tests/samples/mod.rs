//! One frame for each link type and encapsulation, with what it is called and what it carries.

mod links;
mod plain;
mod tunnels;
mod udp;
mod wlan;

use crate::frame::LinkType;

#[derive(Debug)]
pub(super) struct Sample {
    pub(super) name: &'static str,
    pub(super) link_type: LinkType,
    pub(super) data: Vec<u8>,
    pub(super) is_ipv6: bool,
    pub(super) in_tunnel: bool,
}

/// A frame of a link type that carries the inner packet in IPv4.
type Link = (&'static str, LinkType, Vec<u8>);
/// An Ethernet frame that carries the inner packet in IPv4.
type Encapsulation = (&'static str, Vec<u8>);

fn samples(links: Vec<Link>, is_ipv6: bool, in_tunnel: bool) -> Vec<Sample> {
    links
        .into_iter()
        .map(|(name, link_type, data)| Sample {
            name,
            link_type,
            data,
            is_ipv6,
            in_tunnel,
        })
        .collect()
}

fn in_ethernet(encapsulations: Vec<Encapsulation>, is_ipv6: bool, in_tunnel: bool) -> Vec<Sample> {
    let links = encapsulations
        .into_iter()
        .map(|(name, data)| (name, LinkType::ETHERNET, data))
        .collect();
    samples(links, is_ipv6, in_tunnel)
}

/// What comes in link layers.
pub(super) fn links() -> Vec<Sample> {
    [
        links::with_families(),
        links::serial(),
        links::with_headers(),
        links::of_old(),
        wlan::all(),
    ]
    .into_iter()
    .flat_map(|group| samples(group, false, false))
    .chain(samples(links::with_ipv6(), true, false))
    .collect()
}

/// What comes in encapsulations, all of them in Ethernet.
pub(super) fn encapsulations() -> Vec<Sample> {
    [
        tunnels::of_bridges(),
        tunnels::gre_and_erspan(),
        tunnels::in_ip(),
        udp::virtual_networks(),
        udp::access(),
    ]
    .into_iter()
    .flat_map(|group| in_ethernet(group, false, true))
    .chain(in_ethernet(udp::with_ipv6(), true, true))
    .chain(in_ethernet(plain::in_ipv4(), false, false))
    .chain(in_ethernet(plain::in_ipv6(), true, false))
    .collect()
}
