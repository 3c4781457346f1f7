//! The kernel's main routing tables, as it shows them under `/proc/net`.

use std::collections::BTreeSet;
use std::fs;
use std::io;

/// Of the thread, which may be in another network namespace than its process.
const IPV4_ROUTES: &str = "/proc/thread-self/net/route";
const IPV6_ROUTES: &str = "/proc/thread-self/net/ipv6_route";

/// `RTF_UP` and `RTF_REJECT` of `linux/route.h`.
const UP: u32 = 0x0001;
const REJECT: u32 = 0x0200;

/// The interfaces through which a default route of either family leaves.
pub(in crate::interfaces) fn default_route_interfaces() -> io::Result<BTreeSet<String>> {
    let ipv4 = read(IPV4_ROUTES)?;
    let ipv6 = read(IPV6_ROUTES)?;
    Ok(ipv4
        .lines()
        .filter_map(ipv4_default)
        .chain(ipv6.lines().filter_map(ipv6_default))
        .collect())
}

/// A kernel without the family has no such file.
fn read(path: &str) -> io::Result<String> {
    match fs::read_to_string(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(String::new()),
        outcome => outcome,
    }
}

/// Interface, destination, gateway, flags, three numbers, mask; the first line is a heading.
fn ipv4_default(line: &str) -> Option<String> {
    let fields: Vec<_> = line.split_whitespace().collect();
    let [interface, destination, _, flags, _, _, _, mask, ..] = fields.as_slice() else {
        return None;
    };
    let is_default = number(destination)? == 0 && number(mask)? == 0;
    (is_default && usable(flags)?).then(|| (*interface).to_owned())
}

/// Destination, its prefix, source, its prefix, next hop, three numbers, flags, interface.
fn ipv6_default(line: &str) -> Option<String> {
    let fields: Vec<_> = line.split_whitespace().collect();
    let [_, prefix, _, _, _, _, _, _, flags, interface] = fields.as_slice() else {
        return None;
    };
    (number(prefix)? == 0 && usable(flags)?).then(|| (*interface).to_owned())
}

fn usable(flags: &str) -> Option<bool> {
    Some(number(flags)? & (UP | REJECT) == UP)
}

fn number(hex: &str) -> Option<u32> {
    u32::from_str_radix(hex, 16).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_the_default_route_of_ipv4() {
        let table = "Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT\n\
                     eth0\t00000000\t010010AC\t0003\t0\t0\t0\t00000000\t0\t0\t0\n\
                     eth1\t000010AC\t00000000\t0001\t0\t0\t0\t0000FFFF\t0\t0\t0\n\
                     eth2\t00000000\t00000000\t0201\t0\t0\t0\t00000000\t0\t0\t0\n";
        let found: Vec<_> = table.lines().filter_map(ipv4_default).collect();
        assert_eq!(found, ["eth0"]);
    }

    #[test]
    fn finds_the_default_route_of_ipv6_and_not_the_one_that_rejects() {
        let zeros = "0".repeat(32);
        let hop = "fe800000000000000000000000000001";
        let table = format!(
            "{zeros} 00 {zeros} 00 {hop} 00000400 00000001 00000000 00450003     wlan0\n\
             {zeros} 00 {zeros} 00 {zeros} ffffffff 00000001 00000000 00200200       lo\n\
             {hop} 40 {zeros} 00 {zeros} 00000100 00000001 00000000 00000001     eth9\n"
        );
        let found: Vec<_> = table.lines().filter_map(ipv6_default).collect();
        assert_eq!(found, ["wlan0"]);
    }
}
