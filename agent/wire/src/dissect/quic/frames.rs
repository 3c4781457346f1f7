//! The frames of an Initial packet (RFC 9000 section 12.4), of which only CRYPTO says anything.

use super::header::take_varint;
use crate::reader::Reader;

const PADDING: u8 = 0x00;
const PING: u8 = 0x01;
const ACK: u8 = 0x02;
const ACK_ECN: u8 = 0x03;
const CRYPTO: u8 = 0x06;
const CONNECTION_CLOSE: u8 = 0x1c;
/// `Q050`, `T050` and `T051` number these as Google QUIC did.
const GOOGLE_PING: u8 = 0x07;
const GOOGLE_CRYPTO: u8 = 0x08;

/// Some bytes of the handshake, and where they belong.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Crypto<'a> {
    pub(super) offset: u64,
    pub(super) data: &'a [u8],
}

/// The CRYPTO frames of a packet.
#[derive(Clone, Debug)]
pub(super) struct CryptoFrames<'a> {
    reader: Reader<'a>,
    /// Whether the packet was cut: its last frame may then be, too.
    cut: bool,
    google: bool,
    bad: bool,
    ended: bool,
}

impl<'a> CryptoFrames<'a> {
    /// `google` says that the version has the frame types of Google QUIC.
    pub(super) const fn new(frames: &'a [u8], cut: bool, google: bool) -> Self {
        Self {
            reader: Reader::new(frames),
            cut,
            google,
            bad: false,
            ended: false,
        }
    }

    /// Whether reading ended at something that is no frame of an Initial packet.
    pub(super) const fn is_bad(&self) -> bool {
        self.bad
    }

    fn crypto(&mut self) -> Option<Crypto<'a>> {
        let offset = take_varint(&mut self.reader)?;
        let len = usize::try_from(take_varint(&mut self.reader)?).ok()?;
        if self.cut && len > self.reader.left() {
            return Some(Crypto {
                offset,
                data: self.reader.all(),
            });
        }
        Some(Crypto {
            offset,
            data: self.reader.take(len)?,
        })
    }

    /// Passes over an acknowledgement (RFC 9000 section 19.3).
    fn skip_ack(&mut self, with_ecn: bool) -> Option<()> {
        take_varint(&mut self.reader)?;
        take_varint(&mut self.reader)?;
        let ranges = take_varint(&mut self.reader)?;
        take_varint(&mut self.reader)?;
        for _ in 0..ranges {
            take_varint(&mut self.reader)?;
            take_varint(&mut self.reader)?;
        }
        for _ in 0..(if with_ecn { 3 } else { 0 }) {
            take_varint(&mut self.reader)?;
        }
        Some(())
    }

    /// Passes over the frames before the next CRYPTO frame and reads that one: `Some(None)` at the
    /// end, `None` at something that is no frame of an Initial packet.
    fn advance(&mut self) -> Option<Option<Crypto<'a>>> {
        loop {
            self.skip_padding()?;
            let Some(kind) = self.reader.u8() else {
                return Some(None);
            };
            match kind {
                GOOGLE_PING if self.google => {}
                GOOGLE_CRYPTO if self.google => return self.crypto().map(Some),
                // Other frames come behind the hello; their lengths differ from version to version.
                _ if self.google => return Some(None),
                PING => {}
                ACK => self.skip_ack(false)?,
                ACK_ECN => self.skip_ack(true)?,
                CRYPTO => return self.crypto().map(Some),
                // Nothing of a handshake comes after the end of a connection.
                CONNECTION_CLOSE => return Some(None),
                _ => return None,
            }
        }
    }

    /// Padding can be most of a packet: it is passed over in steps of several bytes.
    fn skip_padding(&mut self) -> Option<()> {
        let rest = self.reader.rest();
        let (chunks, _) = rest.as_chunks::<16>();
        let clear = chunks
            .iter()
            .take_while(|chunk| u128::from_ne_bytes(**chunk) == 0)
            .count();
        self.reader.take(clear.checked_mul(16)?)?;
        let rest = self
            .reader
            .rest()
            .iter()
            .take_while(|byte| **byte == PADDING)
            .count();
        self.reader.take(rest).map(|_| ())
    }
}

impl<'a> Iterator for CryptoFrames<'a> {
    type Item = Crypto<'a>;

    fn next(&mut self) -> Option<Crypto<'a>> {
        if self.ended {
            return None;
        }
        let crypto = self.advance();
        self.bad = crypto.is_none();
        self.ended = !matches!(crypto, Some(Some(_)));
        crypto.flatten()
    }
}
