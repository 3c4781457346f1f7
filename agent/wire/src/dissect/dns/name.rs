//! Domain names: decompression into a buffer of fixed size, and how a name is written.

use std::fmt::{self, Write as _};

use super::DnsError;

/// The longest name on the wire, with its length octets and the root (RFC 1035 section 2.3.4).
pub const MAX_NAME_OCTETS: usize = 255;

/// Where the header ends; no name starts before.
const HEADER_OCTETS: usize = 12;

/// The most pointers that one name is followed through; a name has at most 127 labels.
const MAX_POINTERS: u32 = 127;

/// A decompressed domain name, in lower case with dots between its labels and none at the end.
///
/// `Display` writes bytes that are not plain ASCII (and the backslash) as `\DDD`, and nothing for
/// the root.
#[derive(Clone, Copy)]
pub struct DnsName {
    text: [u8; MAX_NAME_OCTETS],
    len: u8,
    /// Whether a label contains a dot, so that the text no longer shows where labels end.
    ambiguous: bool,
    /// Whether a label contains a byte that no host name has.
    odd: bool,
}

impl DnsName {
    /// The name of the root.
    pub const ROOT: Self = Self {
        text: [0; MAX_NAME_OCTETS],
        len: 0,
        ambiguous: false,
        odd: false,
    };

    /// The labels in lower case with dots between them; empty for the root.
    pub fn as_bytes(&self) -> &[u8] {
        self.text.get(..usize::from(self.len)).unwrap_or_default()
    }

    /// Whether this is the root.
    pub const fn is_root(&self) -> bool {
        self.len == 0
    }

    /// Whether a label contains a dot: `as_bytes` then reads like another name than it is.
    pub const fn is_ambiguous(&self) -> bool {
        self.ambiguous
    }

    /// The name for a look-up among host names: `None` for the root, for a name with a dot
    /// inside a label and for one with bytes that no host name has.
    pub fn as_host(&self) -> Option<&str> {
        std::str::from_utf8(self.host_bytes()?).ok()
    }

    /// The same as the bytes of its text, all of them ASCII.
    pub fn host_bytes(&self) -> Option<&[u8]> {
        let plain = !self.ambiguous && !self.odd && !self.is_root();
        plain.then(|| self.as_bytes())
    }

    /// Reads the name at `start` of `message`, following compression pointers, and gives where
    /// what follows it begins.
    ///
    /// # Errors
    /// `Truncated` when `message` ends first; otherwise what is wrong with the name. A pointer must
    /// point to before the part of the name it ends, so every name ends.
    pub fn read(message: &[u8], start: usize) -> Result<(Self, usize), DnsError> {
        let mut name = Self::ROOT;
        let end = name.read_into(message, start)?;
        Ok((name, end))
    }

    /// As [`Self::read`], in place of what it was: a name is large enough for its moves to be felt.
    #[inline]
    pub(super) fn read_into(&mut self, message: &[u8], start: usize) -> Result<usize, DnsError> {
        (self.len, self.ambiguous, self.odd) = (0, false, false);
        walk(message, start, &mut |rest, len| self.push(rest, len))
    }

    /// Adds the label of `len` bytes that `rest` starts with.
    #[inline]
    fn push(&mut self, rest: &[u8], len: u8) {
        let mut at = usize::from(self.len);
        if at > 0 {
            if let Some(dot) = self.text.get_mut(at) {
                *dot = b'.';
            }
            at = at.saturating_add(1);
        }
        let end = at.saturating_add(usize::from(len));
        let room = self.text.get_mut(at..).unwrap_or_default();
        // Most labels are short: a copy of fixed size is cheaper, and what it copies too much is
        // written over or lies behind the end.
        let odd = if let (Some(to), Some(from), 0..=PIECE_LEN) = (
            room.first_chunk_mut::<PIECE>(),
            rest.first_chunk::<PIECE>(),
            len,
        ) {
            *to = *from;
            lower_piece(to, len)
        } else {
            lower_bytes(room, rest.get(..usize::from(len)).unwrap_or_default())
        };
        self.ambiguous |= odd & DOT != 0;
        self.odd |= odd & STRANGE != 0;
        self.len = u8::try_from(end).unwrap_or(u8::MAX);
    }
}

/// How many bytes of a label are taken at once: a fixed number, so that they are taken side by side.
const PIECE: usize = 16;
const PIECE_LEN: u8 = 16;
const PLACES: [u8; PIECE] = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15];

/// Says that there is a dot in a label.
const DOT: u8 = 1;
/// Says that there is a byte in a label that no host name has.
const STRANGE: u8 = 2;

/// Brings bytes into lower case, and says what is odd about the first `len` of them.
#[inline]
fn lower_piece(bytes: &mut [u8; PIECE], len: u8) -> u8 {
    let (mut dots, mut strange) = (0_u8, 0_u8);
    // Without a way out, so that all bytes are looked at side by side.
    for (place, byte) in PLACES.iter().zip(bytes) {
        let counts = u8::from(*place < len);
        let odd = u8::from(!is_printable(*byte)) | u8::from(*byte == b'\\');
        dots |= counts & u8::from(*byte == b'.');
        strange |= counts & odd;
        *byte |= u8::from(byte.wrapping_sub(b'A') < 26) << 5;
    }
    dots | (strange << 1)
}

/// Copies bytes in lower case, and says what is odd about them.
fn lower_bytes(to: &mut [u8], from: &[u8]) -> u8 {
    let mut odd = 0;
    for (to, byte) in to.iter_mut().zip(from) {
        *to = byte.to_ascii_lowercase();
        if *byte == b'.' {
            odd |= DOT;
        }
        if !is_plain(*byte) {
            odd |= STRANGE;
        }
    }
    odd
}

/// Checks the name at `start` as [`DnsName::read`] does, without keeping it.
pub(super) fn skip_name(message: &[u8], start: usize) -> Result<usize, DnsError> {
    walk(message, start, &mut |_, _| ())
}

/// Passes over the name at `start` up to its pointer or root, without following the pointer.
pub(super) fn skip_encoded(message: &[u8], start: usize) -> Result<usize, DnsError> {
    let mut at = start;
    loop {
        let &octet = message.get(at).ok_or(DnsError::Truncated)?;
        match octet {
            0 => return Ok(at.saturating_add(1)),
            1..=0x3f => at = at.saturating_add(1).saturating_add(usize::from(octet)),
            0xc0.. => {
                let end = at.saturating_add(2);
                return if end <= message.len() {
                    Ok(end)
                } else {
                    Err(DnsError::Truncated)
                };
            }
            0x40..=0xbf => return Err(DnsError::BadLabel),
        }
    }
}

fn walk(
    message: &[u8],
    start: usize,
    label: &mut impl FnMut(&[u8], u8),
) -> Result<usize, DnsError> {
    let mut at = start;
    let mut part_start = start;
    let mut after = None;
    let mut octets: usize = 1;
    let mut pointers = MAX_POINTERS;
    loop {
        let &octet = message.get(at).ok_or(DnsError::Truncated)?;
        let next = at.saturating_add(1);
        match octet {
            0 => return Ok(after.unwrap_or(next)),
            1..=0x3f => {
                let end = next.saturating_add(usize::from(octet));
                octets = octets.saturating_add(1).saturating_add(usize::from(octet));
                if octets > MAX_NAME_OCTETS {
                    return Err(DnsError::NameTooLong);
                }
                let rest = message.get(next..).unwrap_or_default();
                if end > message.len() {
                    return Err(DnsError::Truncated);
                }
                label(rest, octet);
                at = end;
            }
            0xc0.. => {
                let &low = message.get(next).ok_or(DnsError::Truncated)?;
                let target = usize::from(u16::from_be_bytes([octet & 0x3f, low]));
                if target >= part_start || target < HEADER_OCTETS || pointers == 0 {
                    return Err(DnsError::NameLoops);
                }
                pointers = pointers.saturating_sub(1);
                after = after.or(Some(next.saturating_add(1)));
                part_start = target;
                at = target;
            }
            0x40..=0xbf => return Err(DnsError::BadLabel),
        }
    }
}

/// Printable, and not a space.
const fn is_printable(byte: u8) -> bool {
    byte.wrapping_sub(b'!') <= b'~' - b'!'
}

/// Printable, not a space, and not the sign that starts an escape.
const fn is_plain(byte: u8) -> bool {
    is_printable(byte) && byte != b'\\'
}

impl fmt::Display for DnsName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for &byte in self.as_bytes() {
            if is_plain(byte) {
                f.write_char(char::from(byte))?;
            } else {
                write!(f, "\\{byte:03}")?;
            }
        }
        Ok(())
    }
}

impl fmt::Debug for DnsName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "DnsName({self})")
    }
}

impl Default for DnsName {
    fn default() -> Self {
        Self::ROOT
    }
}

impl PartialEq for DnsName {
    fn eq(&self, other: &Self) -> bool {
        self.as_bytes() == other.as_bytes() && self.ambiguous == other.ambiguous
    }
}

impl Eq for DnsName {}
