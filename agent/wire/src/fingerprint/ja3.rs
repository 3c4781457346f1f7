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
        text.number(hello.legacy_version());
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
    /// A comma, and the values joined by dashes.
    fn list(&mut self, values: impl Iterator<Item = u16>) {
        self.push(b',');
        let mut separator = None;
        for value in values.filter(|value| !is_grease(*value)) {
            if let Some(separator) = separator {
                self.push(separator);
            }
            separator = Some(b'-');
            self.number(value);
        }
    }

    fn number(&mut self, value: u16) {
        let mut digits = [0; 5];
        let mut left = value;
        let mut used = 0_usize;
        for digit in digits.iter_mut().rev() {
            *digit = b'0' | u8::try_from(left % 10).unwrap_or_default();
            left /= 10;
            used = used.saturating_add(1);
            if left == 0 {
                break;
            }
        }
        let digits = digits
            .get(5_usize.saturating_sub(used)..)
            .unwrap_or_default();
        for digit in digits {
            self.push(*digit);
        }
    }

    fn push(&mut self, byte: u8) {
        if self.used == CHUNK {
            self.flush();
        }
        if let Some(slot) = self.chunk.get_mut(self.used) {
            *slot = byte;
            self.used = self.used.saturating_add(1);
        }
    }

    fn flush(&mut self) {
        self.hash
            .update(self.chunk.get(..self.used).unwrap_or_default());
        self.used = 0;
    }
}
