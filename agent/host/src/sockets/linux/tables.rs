//! The tables of sockets under `/proc/net`: the last resort, for one network namespace at a time.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::path::Path;

use flow::TransportProtocol;

use super::row::Row;

/// Longest table that is read: some 150 bytes for each socket.
const MAX_TABLE: u64 = 64 << 20;

/// Reads the tables of a transport, both families. `net` is such as `/proc/self/net`.
pub(super) fn read(
    net: &Path,
    transport: TransportProtocol,
    take: &mut dyn FnMut(Row),
) -> io::Result<()> {
    for suffix in ["", "6"] {
        let path = net.join(format!("{}{suffix}", transport.as_str()));
        let file = match File::open(path) {
            // A kernel without the family has no such file.
            Err(error) if error.kind() == io::ErrorKind::NotFound && suffix == "6" => continue,
            outcome => outcome?,
        };
        let mut lines = BufReader::with_capacity(64 << 10, file.take(MAX_TABLE));
        let mut line = String::new();
        while lines.read_line(&mut line)? > 0 {
            if let Some(row) = parse(&line, transport) {
                take(row);
            }
            line.clear();
        }
    }
    Ok(())
}

/// Number, local, remote, state, queues, timer, retransmissions, uid, timeout, inode; the first line is a
/// heading.
fn parse(line: &str, transport: TransportProtocol) -> Option<Row> {
    let mut fields = line.split_ascii_whitespace().skip(1);
    let local = end(fields.next()?)?;
    let remote = end(fields.next()?)?;
    let state = u8::from_str_radix(fields.next()?, 16).ok()?;
    let uid = fields.nth(3)?.parse().ok()?;
    let inode = fields.nth(1)?.parse().ok()?;
    Some(Row {
        transport,
        local,
        remote,
        state,
        uid,
        inode,
        counted: None,
    })
}

/// An address in words of 32 bits as this machine holds them, and a port.
fn end(text: &str) -> Option<SocketAddr> {
    let (address, port) = text.split_once(':')?;
    let port = u16::from_str_radix(port, 16).ok()?;
    let word = |at: usize| {
        let digits = address.get(at..at.checked_add(8)?)?;
        u32::from_str_radix(digits, 16).ok().map(u32::to_ne_bytes)
    };
    let address = match address.len() {
        8 => IpAddr::V4(Ipv4Addr::from(word(0)?)),
        32 => {
            let words = [word(0)?, word(8)?, word(16)?, word(24)?];
            let octets: [u8; 16] = words.as_flattened().try_into().ok()?;
            IpAddr::V6(Ipv6Addr::from(octets))
        }
        _ => return None,
    };
    Some(SocketAddr::new(address, port))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    #[cfg(target_endian = "little")]
    fn reads_a_line_of_each_family() {
        let v4 = "   0: 0100007F:1F90 0200000A:01BB 01 00000000:00000000 00:00000000 00000000  1000        0 4711 1";
        let row = parse(v4, TransportProtocol::Tcp).unwrap();
        assert_eq!(row.local, "127.0.0.1:8080".parse().unwrap());
        assert_eq!(row.remote, "10.0.0.2:443".parse().unwrap());
        assert_eq!((row.state, row.uid, row.inode), (1, 1000, 4711));
        let v6 = "  1: 00000000000000000000000001000000:0035 B80D0120000000000000000001000000:0001 07 0:0 0:0 0 0 0 9 2";
        let row = parse(v6, TransportProtocol::Udp).unwrap();
        assert_eq!(row.local, "[::1]:53".parse().unwrap());
        assert_eq!(row.remote, "[2001:db8::1]:1".parse().unwrap());
        assert_eq!(
            parse(
                "  sl  local_address rem_address   st",
                TransportProtocol::Tcp
            ),
            None
        );
    }

    proptest! {
        #[test]
        fn any_line_is_survived(line in "\\PC{0,120}") {
            let _row = parse(&line, TransportProtocol::Udp);
        }
    }
}
