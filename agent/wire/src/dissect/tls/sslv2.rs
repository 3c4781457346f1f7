//! A ClientHello in SSL 2.0 framing (RFC 5246 appendix E.2; RFC 6101 appendix E).
//!
//! ```text
//! 0x80 | length high 7 bits, length low, type 1, version 2, cipher_specs length 2, session_id length 2,
//! challenge length 2, cipher_specs (3 bytes each), session_id, challenge
//! ```

use crate::dissect::Progress;
use crate::dissect::tls::TlsError;
use crate::reader::Reader;

/// Longest message the two-byte header can announce.
const MAX_LENGTH: usize = 0x7fff;
/// Bytes of the message before its three lists: type, version, three lengths.
const FIXED: usize = 9;

/// A ClientHello in SSL 2.0 framing: it can carry no server name.
#[derive(Clone, Copy, Debug)]
pub struct SslV2Hello<'a> {
    version: u16,
    cipher_specs: &'a [u8],
    session_id: &'a [u8],
    challenge: &'a [u8],
    length: usize,
}

impl<'a> SslV2Hello<'a> {
    /// Reads the hello that `bytes` start with.
    pub fn parse(bytes: &'a [u8]) -> Progress<Self, TlsError> {
        const REJECT: Progress<SslV2Hello<'static>, TlsError> =
            Progress::Reject(TlsError::BadRecord);
        let mut reader = Reader::new(bytes);
        let Some(header) = reader.u16() else {
            return Progress::NeedMore;
        };
        let length = usize::from(header) & MAX_LENGTH;
        if header & 0x8000 == 0 || length < FIXED {
            return REJECT;
        }
        let Some(kind) = reader.u8() else {
            return Progress::NeedMore;
        };
        let Some(version) = reader.u16() else {
            return if kind == 1 {
                Progress::NeedMore
            } else {
                REJECT
            };
        };
        if kind != 1 || !matches!(version, 0x0002 | 0x0300..=0x0304) {
            return REJECT;
        }
        let (Some(ciphers), Some(session), Some(challenge)) =
            (reader.u16(), reader.u16(), reader.u16())
        else {
            return Progress::NeedMore;
        };
        let [ciphers, session, challenge] = [ciphers, session, challenge].map(usize::from);
        let lists = ciphers.saturating_add(session).saturating_add(challenge);
        // RFC 5246 E.2: whole cipher specs, a session id of 0 or 16 bytes (32 seen), a challenge of 16 to 32.
        if lists.saturating_add(FIXED) != length
            || ciphers == 0
            || !ciphers.is_multiple_of(3)
            || session > 32
            || !(8..=32).contains(&challenge)
        {
            return REJECT;
        }
        match (
            reader.take(ciphers),
            reader.take(session),
            reader.take(challenge),
        ) {
            (Some(cipher_specs), Some(session_id), Some(challenge)) => Progress::Done(Self {
                version,
                cipher_specs,
                session_id,
                challenge,
                length: reader.position(),
            }),
            _ => Progress::NeedMore,
        }
    }

    /// The highest version offered: `0x0002`, or that of the SSL or TLS hello it stands for.
    pub const fn version(&self) -> u16 {
        self.version
    }

    /// The cipher specs, three bytes each.
    pub fn cipher_specs(&self) -> impl Iterator<Item = [u8; 3]> + use<'a> {
        self.cipher_specs.as_chunks::<3>().0.iter().copied()
    }

    /// The session id.
    pub const fn session_id(&self) -> &'a [u8] {
        self.session_id
    }

    /// The challenge.
    pub const fn challenge(&self) -> &'a [u8] {
        self.challenge
    }

    /// Bytes of the whole record, header included.
    pub const fn wire_length(&self) -> usize {
        self.length
    }
}
