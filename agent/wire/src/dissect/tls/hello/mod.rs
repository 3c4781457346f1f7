//! The ClientHello (RFC 8446 section 4.1.2; RFC 9147 section 5.3 with a cookie for DTLS).
//!
//! ```text
//! handshake header   type 1 (1 byte), length (3 bytes)
//! body               legacy_version 2, random 32, session_id <0..32>, [DTLS: cookie <0..255>],
//!                    cipher_suites <2..2^16-2>, compression <1..255>, [extensions <0..2^16-1>]
//! extension          type 2, data <0..2^16-1>
//! ```
//!
//! One pass finds the bounds of everything; a list is walked only when it is asked for. Lists that are not
//! what their type says (an extension of another making under a known number) count as empty, since a server
//! decides what to do with those; a length that leaves the hello is refused.

mod parse;

use crate::dissect::name::Name;
use crate::fingerprint::{Ja3, Ja4, Ja4Memory};
use crate::reader::Reader;

/// What carries a handshake.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Carrier {
    /// TLS records over TCP.
    Tcp,
    /// QUIC CRYPTO frames.
    Quic,
    /// DTLS records.
    Datagram,
}

/// Whether the hello says that a name may be hidden.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub enum Ech {
    /// Neither extension is there.
    #[default]
    None,
    /// Encrypted ClientHello is there; GREASE looks the same by design.
    Present,
    /// The older encrypted server name is there.
    Esni,
}

impl Ech {
    /// `none`, `present` or `esni`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Present => "present",
            Self::Esni => "esni",
        }
    }
}

/// A ClientHello, as a view into the bytes it was read from.
#[derive(Clone, Copy, Debug)]
pub struct ClientHello<'a> {
    carrier: Carrier,
    complete: bool,
    legacy_version: u16,
    ech: Ech,
    has_server_name: bool,
    has_early_data: bool,
    random: &'a [u8; 32],
    session_id: &'a [u8],
    cipher_suites: &'a [u8],
    extensions: &'a [u8],
    server_name: &'a [u8],
    alpn: &'a [u8],
    supported_versions: &'a [u8],
    signature_algorithms: &'a [u8],
    groups: &'a [u8],
    point_formats: &'a [u8],
}

impl<'a> ClientHello<'a> {
    /// The host name of the server name extension (RFC 6066 section 3), in the clear; an IP literal is given
    /// as it was sent. `None` when there is none or it is empty.
    pub const fn server_name(&self) -> Option<Name<'a>> {
        if self.server_name.is_empty() {
            None
        } else {
            Some(Name::new(self.server_name))
        }
    }

    /// The application protocols offered, in their order.
    pub fn alpn(&self) -> impl Iterator<Item = &'a [u8]> + use<'a> {
        let mut reader = Reader::new(self.alpn);
        std::iter::from_fn(move || take_short(&mut reader))
    }

    /// Whether the name may be hidden.
    pub const fn ech(&self) -> Ech {
        self.ech
    }

    /// Whether every byte of the hello was there.
    pub const fn is_complete(&self) -> bool {
        self.complete
    }

    /// What carried it.
    pub const fn carrier(&self) -> Carrier {
        self.carrier
    }

    /// The version field of the hello; TLS 1.3 says `0x0303` here.
    pub const fn legacy_version(&self) -> u16 {
        self.legacy_version
    }

    /// The client's random.
    pub const fn random(&self) -> &'a [u8; 32] {
        self.random
    }

    /// The (legacy) session id.
    pub const fn session_id(&self) -> &'a [u8] {
        self.session_id
    }

    /// Whether early data may follow before the server has answered.
    pub const fn has_early_data(&self) -> bool {
        self.has_early_data
    }

    /// The versions of the supported versions extension, GREASE included; none before TLS 1.3.
    pub fn supported_versions(&self) -> impl Iterator<Item = u16> + use<'a> {
        numbers(self.supported_versions)
    }

    /// The cipher suites in their order, GREASE included.
    pub fn cipher_suites(&self) -> impl Iterator<Item = u16> + use<'a> {
        numbers(self.cipher_suites)
    }

    /// The signature algorithms in their order.
    pub fn signature_algorithms(&self) -> impl Iterator<Item = u16> + use<'a> {
        numbers(self.signature_algorithms)
    }

    /// The groups (elliptic curves, post-quantum hybrids) in their order, GREASE included.
    pub fn groups(&self) -> impl Iterator<Item = u16> + use<'a> {
        numbers(self.groups)
    }

    /// The elliptic curve point formats.
    pub const fn point_formats(&self) -> &'a [u8] {
        self.point_formats
    }

    /// Type and data of every extension that is there whole, in their order, GREASE included.
    pub fn extensions(&self) -> impl Iterator<Item = (u16, &'a [u8])> + use<'a> {
        let mut reader = Reader::new(self.extensions);
        std::iter::from_fn(move || take_extension(&mut reader))
    }

    /// The JA3 fingerprint; `None` when the hello is not complete.
    pub fn ja3(&self) -> Option<Ja3> {
        self.complete.then(|| Ja3::of(self))
    }

    /// The JA4 fingerprint; `None` when the hello is not complete.
    pub fn ja4(&self) -> Option<Ja4> {
        self.ja4_with(&mut Ja4Memory::default())
    }

    /// The same, for hellos one after the other.
    pub fn ja4_with(&self, memory: &mut Ja4Memory) -> Option<Ja4> {
        self.complete.then(|| Ja4::of(self, memory))
    }
}

fn take_short<'a>(reader: &mut Reader<'a>) -> Option<&'a [u8]> {
    let length = reader.u8()?;
    reader.take(usize::from(length))
}

fn take_long<'a>(reader: &mut Reader<'a>) -> Option<&'a [u8]> {
    let length = reader.u16()?;
    reader.take(usize::from(length))
}

fn take_extension<'a>(reader: &mut Reader<'a>) -> Option<(u16, &'a [u8])> {
    let kind = reader.u16()?;
    Some((kind, take_long(reader)?))
}

fn numbers(bytes: &[u8]) -> impl ExactSizeIterator<Item = u16> + use<'_> {
    bytes
        .as_chunks::<2>()
        .0
        .iter()
        .map(|pair| u16::from_be_bytes(*pair))
}
