//! JA3: the MD5 of what a ClientHello offers, in the order it offers it.
//!
//! The text that is hashed has five fields joined by commas: the version of the hello, the cipher suites,
//! the extension types, the groups and the point formats, each list in decimal and joined by dashes,
//! GREASE values left out.

use std::fmt::{self, Display, Write};

use md5::{Digest, Md5};

use crate::dissect::tls::ClientHello;
use crate::fingerprint::is_grease;

/// A JA3 fingerprint; `Display` writes 32 hexadecimal digits.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Ja3([u8; 16]);

impl Ja3 {
    pub(crate) fn of(hello: &ClientHello<'_>) -> Self {
        let mut hash = Hash(Md5::new());
        // The hash never refuses what is written to it.
        let written = write_text(hello, &mut hash);
        debug_assert!(written.is_ok(), "writing to a hash cannot fail");
        Self(hash.0.finalize().into())
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

/// Writes the text that JA3 hashes.
pub(crate) fn write_text(hello: &ClientHello<'_>, out: &mut impl Write) -> fmt::Result {
    write!(out, "{},", hello.legacy_version())?;
    write_list(out, hello.cipher_suites())?;
    out.write_char(',')?;
    write_list(out, hello.extensions().map(|(kind, _)| kind))?;
    out.write_char(',')?;
    write_list(out, hello.groups())?;
    out.write_char(',')?;
    write_list(out, hello.point_formats().iter().copied().map(u16::from))
}

fn write_list(out: &mut impl Write, values: impl Iterator<Item = u16>) -> fmt::Result {
    let mut first = true;
    for value in values.filter(|value| !is_grease(*value)) {
        if !first {
            out.write_char('-')?;
        }
        first = false;
        write!(out, "{value}")?;
    }
    Ok(())
}

struct Hash(Md5);

impl Write for Hash {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.0.update(text.as_bytes());
        Ok(())
    }
}
