//! The name that a client gives itself when it asks for an address (RFC 2131, RFC 2132).

use wire::{Packet, Transport};

/// The port of DHCP servers.
const SERVER_PORT: u16 = 67;
/// A message from a client, to a server, over Ethernet.
const BOOT_REQUEST: [u8; 3] = [1, 1, 6];
/// Where the client's MAC address is.
const CLIENT_ADDRESS: usize = 28;
/// Where the options begin, after the magic cookie.
const OPTIONS: usize = 240;
const COOKIE: [u8; 4] = [99, 130, 83, 99];
const PAD: u8 = 0;
const HOST_NAME: u8 = 12;
const END: u8 = 255;
/// Options that are looked through.
const MAX_OPTIONS: usize = 64;
/// Longest host name (RFC 1035 section 2.3.1).
const MAX_NAME: usize = 63;

/// The MAC address and the host name in a DHCP request.
pub(super) fn host_name(packet: &Packet<'_>) -> Option<([u8; 6], String)> {
    let Transport::Udp(datagram) = &packet.transport else {
        return None;
    };
    if datagram.dst_port != SERVER_PORT || !datagram.payload.starts_with(&BOOT_REQUEST) {
        return None;
    }
    let mac = *datagram.payload.get(CLIENT_ADDRESS..)?.first_chunk::<6>()?;
    let options = datagram.payload.get(OPTIONS.checked_sub(COOKIE.len())?..)?;
    let mut rest = options.strip_prefix(&COOKIE)?;
    for _ in 0..MAX_OPTIONS {
        let (&code, after) = rest.split_first()?;
        match code {
            PAD => rest = after,
            END => return None,
            _ => {
                let (&len, after) = after.split_first()?;
                let (value, after) = after.split_at_checked(usize::from(len))?;
                if code == HOST_NAME {
                    return Some((mac, plain(value)?));
                }
                rest = after;
            }
        }
    }
    None
}

/// The name in lower case, when it is one.
fn plain(value: &[u8]) -> Option<String> {
    let is_name = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
    let fits = !value.is_empty() && value.len() <= MAX_NAME && value.iter().all(is_name);
    let text = fits.then(|| std::str::from_utf8(value).ok()).flatten()?;
    Some(text.to_ascii_lowercase())
}

#[cfg(test)]
mod tests {
    use wire::{Datagram, Timestamp};

    use super::*;

    fn request(options: &[u8]) -> Vec<u8> {
        let mut bytes = vec![0; OPTIONS - COOKIE.len()];
        bytes[..3].copy_from_slice(&BOOT_REQUEST);
        bytes[CLIENT_ADDRESS..CLIENT_ADDRESS + 6].copy_from_slice(&[2, 0, 0, 0, 0, 9]);
        bytes.extend_from_slice(&COOKIE);
        bytes.extend_from_slice(options);
        bytes
    }

    fn name_in(payload: &[u8]) -> Option<([u8; 6], String)> {
        host_name(&Packet {
            ts: Timestamp::default(),
            frame_number: 1,
            src: [0, 0, 0, 0].into(),
            dst: [255, 255, 255, 255].into(),
            transport: Transport::Udp(Datagram {
                src_port: 68,
                dst_port: 67,
                payload,
                payload_len: u32::try_from(payload.len()).unwrap(),
            }),
            vlan: None,
            src_mac: None,
            dst_mac: None,
            in_tunnel: false,
            cut: false,
            wire_len: 0,
        })
    }

    #[test]
    fn reads_the_host_name_and_nothing_odd() {
        let good = request(&[
            53, 1, 3, 0, 12, 7, b'L', b'a', b'p', b't', b'o', b'p', b'7', 255,
        ]);
        assert_eq!(name_in(&good), Some(([2, 0, 0, 0, 0, 9], "laptop7".into())));
        for end in 0..good.len() - 1 {
            assert_eq!(name_in(&good[..end]), None, "{end}");
        }
        assert_eq!(name_in(&request(&[12, 2, b'a', 0, 255])), None);
        assert_eq!(name_in(&request(&[255, 12, 1, b'a'])), None);
    }
}
