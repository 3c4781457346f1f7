//! What a file is, by its first bytes.

use std::path::Path;

use super::Format;
use super::pcap::{PcapFormat, Recognised};
use super::pcapng::PcapngFormat;
use super::window::Window;
use crate::Error;

/// Enough of a file to tell what it is: the header of pcap, the fixed part of a pcapng section.
pub(super) const HEADER_BYTES: usize = 28;

/// First bytes of what people keep captures in and we do not read.
const KNOWN_OTHERS: [(&[u8], &str); 8] = [
    (
        &[0x28, 0xb5, 0x2f, 0xfd],
        "it is compressed with zstd; decompress it first",
    ),
    (
        &[0xfd, b'7', b'z', b'X', b'Z', 0],
        "it is compressed with xz; decompress it first",
    ),
    (b"BZh", "it is compressed with bzip2; decompress it first"),
    (
        &[0x04, 0x22, 0x4d, 0x18],
        "it is compressed with lz4; decompress it first",
    ),
    (b"PK\x03\x04", "it is a zip archive; unpack it first"),
    (
        b"snoop\0\0\0",
        "it is in snoop format; convert it with editcap",
    ),
    (
        b"GMBU",
        "it is in Network Monitor format; convert it with editcap",
    ),
    (
        b"RTSS",
        "it is in Network Monitor format; convert it with editcap",
    ),
];

/// Recognises the format, and steps over the header of the file.
pub(super) fn recognise(path: &Path, window: &mut Window) -> Result<Format, Error> {
    let path = path.to_owned();
    let data = window.data();
    if data.is_empty() {
        return Err(Error::Empty { path });
    }
    if PcapngFormat::recognises(data) {
        return Ok(Format::Pcapng(PcapngFormat::new()));
    }
    match PcapFormat::recognise(data) {
        Recognised::Yes { format, used } => {
            window.skip(used as u64);
            return Ok(Format::Pcap(format));
        }
        Recognised::Cut => {
            return Err(Error::UnsupportedCapture {
                path,
                what: "the file ends in its header",
            });
        }
        Recognised::No => {}
    }
    match KNOWN_OTHERS
        .iter()
        .find(|(magic, _)| data.starts_with(magic))
    {
        Some(&(_, what)) => Err(Error::UnsupportedCapture { path, what }),
        None => Err(Error::NotACapture { path }),
    }
}
