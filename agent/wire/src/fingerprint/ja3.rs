//! JA3: the MD5 of what a ClientHello offers, in the order it offers it.
//!
//! The text that is hashed has five fields joined by commas: the version of the hello, the cipher suites,
//! the extension types, the groups and the point formats, each list in decimal and joined by dashes,
//! GREASE values left out.

use std::fmt::{self, Display};

use md5::{Digest, Md5};

use crate::dissect::tls::ClientHello;
use crate::fingerprint::is_grease;

/// Text that is hashed at a time; most hellos need less.
const CHUNK: usize = 512;

/// Room for a separator and a number, in a size that is written at once.
const WRITTEN: usize = 8;

/// A JA3 fingerprint; `Display` writes 32 hexadecimal digits.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Ja3([u8; 16]);

impl Ja3 {
    pub(crate) fn of(hello: &ClientHello<'_>) -> Self {
        let mut text = Text {
            hash: Md5::new(),
            chunk: [0; CHUNK],
            used: 0,
        };
        text.first(hello.legacy_version());
        text.list(hello.cipher_suites());
        text.list(hello.extensions().map(|(kind, _)| kind));
        text.list(hello.groups());
        text.list(hello.point_formats().iter().copied().map(u16::from));
        text.flush();
        Self(text.hash.finalize().into())
    }

    /// The 16 bytes of the MD5.
    pub const fn as_bytes(&self) -> &[u8; 16] {
        &self.0
    }
}

impl Display for Ja3 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

/// The text that JA3 hashes, on its way into the hash.
struct Text {
    hash: Md5,
    chunk: [u8; CHUNK],
    used: usize,
}

impl Text {
    /// The version, which stands first.
    fn first(&mut self, value: u16) {
        let (bytes, length) = written(0, value);
        let digits = bytes.get(1..length).unwrap_or_default();
        for (slot, digit) in self.chunk.iter_mut().zip(digits) {
            *slot = *digit;
        }
        self.used = digits.len();
    }

    /// A comma, and the values joined by dashes.
    fn list(&mut self, values: impl Iterator<Item = u16>) {
        let mut separator = b',';
        for value in values.filter(|value| !is_grease(*value)) {
            let (bytes, length) = written(separator, value);
            self.push(bytes, length);
            separator = b'-';
        }
        if separator == b',' {
            self.push([b','; WRITTEN], 1);
        }
    }

    /// Adds the first bytes of `bytes`; all are written, since a copy of fixed size is cheaper.
    #[inline(always)]
    fn push(&mut self, bytes: [u8; WRITTEN], length: usize) {
        if self.used > CHUNK.saturating_sub(WRITTEN) {
            self.flush();
        }
        let room = self.chunk.get_mut(self.used..).unwrap_or_default();
        if let Some(slot) = room.first_chunk_mut::<WRITTEN>() {
            *slot = bytes;
            self.used = self.used.saturating_add(length);
        }
    }

    fn flush(&mut self) {
        self.hash
            .update(self.chunk.get(..self.used).unwrap_or_default());
        self.used = 0;
    }
}

/// A separator and a number in decimal, and how many bytes that is. All digits are computed side by side, and then those
/// before the first are shifted out.
#[inline(always)]
fn written(separator: u8, value: u16) -> ([u8; WRITTEN], usize) {
    let digits = [
        value / 10_000,
        value / 1000 % 10,
        value / 100 % 10,
        value / 10 % 10,
        value % 10,
    ];
    let [a, b, c, d, e] = digits.map(|digit| digit.to_le_bytes()[0] | b'0');
    let zeros = [10, 100, 1000, 10_000].map(|least: u16| u32::from(value < least));
    let zeros = zeros.into_iter().fold(0_u32, u32::wrapping_add);
    let word = u64::from_le_bytes([a, b, c, d, e, 0, 0, 0]);
    let word = word.wrapping_shr(zeros.wrapping_mul(8)).wrapping_shl(8) | u64::from(separator);
    let length = 6_u32.wrapping_sub(zeros);
    (
        word.to_le_bytes(),
        usize::try_from(length).unwrap_or(WRITTEN),
    )
}

#[cfg(test)]
mod tests {
    use super::written;

    #[test]
    fn every_number_is_written_as_the_standard_library_does() {
        for value in 0..=u16::MAX {
            let (bytes, length) = written(b'-', value);
            let text = std::str::from_utf8(&bytes[..length]).unwrap();
            assert_eq!(text, format!("-{value}"));
        }
    }
}
