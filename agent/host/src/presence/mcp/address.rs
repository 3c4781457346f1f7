//! Where a remote server is: its host, never the rest of its address.

use std::net::{IpAddr, Ipv4Addr};

use crate::presence::text::{MAX_PACKAGE, REDACTED};

/// Scheme, host and path of a URL, without what comes after the path.
pub(super) fn path_of(url: &str) -> &str {
    let end = url.find(['?', '#']).unwrap_or(url.len());
    url.get(..end).unwrap_or_default().trim_end_matches('/')
}

/// The host of a URL, lower case, or what sort of place an address is; user, port, path and query are dropped here.
pub(super) fn host_of(url: &str) -> String {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    let authority = rest.split(['/', '?', '#', '\\']).next().unwrap_or_default();
    let host = authority
        .rsplit_once('@')
        .map_or(authority, |(_, host)| host);
    let host = match host.strip_prefix('[') {
        Some(literal) => literal.split(']').next().unwrap_or_default(),
        None => host.split(':').next().unwrap_or_default(),
    };
    let host = host.trim_end_matches('.').to_ascii_lowercase();
    if host == "localhost" || host.ends_with(".localhost") {
        return "loopback".to_owned();
    }
    if let Ok(address) = host.parse::<IpAddr>() {
        let is_near = match address {
            IpAddr::V4(v4) => v4.is_private() || v4.is_link_local() || is_shared(v4),
            IpAddr::V6(v6) => v6.is_unique_local() || v6.is_unicast_link_local(),
        };
        let is_here = address.is_loopback() || address.is_unspecified();
        let place = if is_here {
            "loopback"
        } else if is_near {
            "local network"
        } else {
            "an address"
        };
        return place.to_owned();
    }
    let plain = |c: char| c.is_ascii_alphanumeric() || c == '.' || c == '-';
    if host.is_empty() || host.len() > MAX_PACKAGE || !host.chars().all(plain) {
        return REDACTED.to_owned();
    }
    if !host.contains('.')
        || host.ends_with(".local")
        || host.ends_with(".internal")
        || host.ends_with(".lan")
    {
        return "local network".to_owned();
    }
    host
}

/// Whether an address is of the space that carriers share, which overlay networks use as well.
fn is_shared(address: Ipv4Addr) -> bool {
    let [a, b, ..] = address.octets();
    a == 100 && (64..128).contains(&b)
}
