//! The client hello of Google QUIC, versions Q024 to Q050 (draft-hamilton-early-deployment-quic and
//! "QUIC Crypto").
//!
//! Up to Q043 a public header of its own, from Q044 on one like IETF QUIC's; then, until Q049, a
//! 12-byte hash and frames in the clear, the hello in one of them. Field orders and sizes changed
//! with nearly every version, the hello itself never did: it is searched for right behind the header.

use std::fmt;

use memchr::memmem;

use super::error::QuicError;
use crate::dissect::{Name, Progress};
use crate::reader::Reader;

/// The tag that a client hello starts with.
const CHLO: &[u8; 4] = b"CHLO";
const TAG_SERVER_NAME: [u8; 4] = *b"SNI\0";

/// The most tags of a hello (QUIC Crypto, "Handshake message format").
const MAX_TAGS: u16 = 128;

/// How far behind the start of a datagram the hello may begin: the longest header, the hash, and
/// the head of a frame.
const MAX_HELLO_OFFSET: usize = 96;

/// The public flag that says that a version is there, and the one for a connection id of 8 bytes.
const FLAG_VERSION: u8 = 0x01;
const FLAG_CONNECTION_ID: u8 = 0x08;

/// The client hello of Google QUIC.
#[derive(Clone, Copy, Debug)]
pub struct GquicHello<'a> {
    server_name: Option<&'a [u8]>,
    version: u32,
}

impl<'a> GquicHello<'a> {
    /// Whether a handshake message is one.
    pub(super) fn begins(message: &[u8]) -> bool {
        message.starts_with(CHLO)
    }

    /// Reads a datagram that starts a Google QUIC connection; `None` when it does not.
    pub(crate) fn in_datagram(payload: &'a [u8]) -> Option<Progress<Self, QuicError>> {
        let (version, header_len) = header(payload)?;
        let rest = payload.get(header_len..)?;
        let near = rest.get(..MAX_HELLO_OFFSET).unwrap_or(rest);
        let at = memmem::find(near, CHLO)?;
        Some(Self::parse(rest.get(at..)?, version))
    }

    /// Reads the message that `message` starts with.
    pub(super) fn parse(message: &'a [u8], version: u32) -> Progress<Self, QuicError> {
        let mut reader = Reader::new(message);
        let head = (
            reader.take(CHLO.len()),
            reader.take_array::<2>(),
            reader.take(2),
        );
        let (Some(_), Some(count), Some(_)) = head else {
            return Progress::NeedMore;
        };
        let count = u16::from_le_bytes(count);
        if count > MAX_TAGS {
            return Progress::Reject(QuicError::BadGquicHello);
        }
        let Some(mut index) = reader.sub(usize::from(count).saturating_mul(8)) else {
            return Progress::NeedMore;
        };
        let values = reader.rest();
        let mut start = 0_usize;
        while let (Some(tag), Some(end)) = (index.take_array::<4>(), index.take_array::<4>()) {
            let Ok(end) = usize::try_from(u32::from_le_bytes(end)) else {
                return Progress::Reject(QuicError::BadGquicHello);
            };
            if end < start {
                return Progress::Reject(QuicError::BadGquicHello);
            }
            if tag == TAG_SERVER_NAME {
                return match values.get(start..end) {
                    Some(name) => Progress::Done(Self {
                        server_name: Some(name),
                        version,
                    }),
                    None => Progress::NeedMore,
                };
            }
            start = end;
        }
        Progress::Done(Self {
            server_name: None,
            version,
        })
    }

    /// The server name that the client asks for (the tag `SNI`); `None` when there is none.
    pub fn server_name(&self) -> Option<Name<'a>> {
        self.server_name
            .filter(|name| !name.is_empty())
            .map(Name::new)
    }

    /// The version in its four bytes, such as `Q043`.
    pub const fn version(&self) -> u32 {
        self.version
    }
}

impl fmt::Display for GquicHello<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [q, hundreds, tens, ones] = self.version.to_be_bytes().map(char::from);
        write!(f, "{q}{hundreds}{tens}{ones}")
    }
}

/// Version, and where the header's connection id ends.
fn header(payload: &[u8]) -> Option<(u32, usize)> {
    let mut reader = Reader::new(payload);
    let flags = reader.u8()?;
    // Q044 to Q049 have the version where IETF QUIC has it.
    let version_first = flags & 0x80 != 0;
    if !version_first {
        if flags & FLAG_VERSION == 0 || flags & 0x40 != 0 {
            return None;
        }
        if flags & FLAG_CONNECTION_ID != 0 {
            reader.take(8)?;
        }
    }
    let version = reader.take_array::<4>()?;
    let [q, zero, tens, ones] = version;
    let named = q == b'Q' && zero == b'0' && tens.is_ascii_digit() && ones.is_ascii_digit();
    named.then(|| (u32::from_be_bytes(version), reader.position()))
}
