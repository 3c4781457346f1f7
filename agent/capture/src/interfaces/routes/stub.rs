//! Where the routing tables are not read: any interface that is up, is not the loopback and has an
//! address that others can reach may carry the default route.

use std::collections::BTreeSet;
use std::io;

pub(in crate::interfaces) fn default_route_interfaces() -> io::Result<BTreeSet<String>> {
    Ok(pnet::datalink::interfaces()
        .into_iter()
        .filter(|interface| interface.is_up() && !interface.is_loopback())
        .filter(|interface| interface.ips.iter().any(|net| net.ip().is_ipv4()))
        .map(|interface| interface.name)
        .collect())
}
