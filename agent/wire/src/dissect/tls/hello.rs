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

use crate::dissect::Progress;
use crate::dissect::name::Name;
use crate::dissect::tls::{TlsError, extension};
use crate::fingerprint::{Ja3, Ja4};
use crate::reader::Reader;

/// Length of the header of a handshake message: type and length.
const HEADER: usize = 4;
const CLIENT_HELLO: u8 = 1;
/// Length of the header of an extension: type and length.
const EXTENSION_HEADER: usize = 4;
const HOST_NAME: u8 = 0;

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
    /// Reads the handshake message that `message` starts with, its four-byte header included. Bytes after it
    /// are left alone.
    pub fn parse(message: &'a [u8], carrier: Carrier) -> Progress<Self, TlsError> {
        match Self::body_of(message) {
            Progress::Done((body, length)) => match body.get(..length) {
                Some(body) => match Self::parse_body(body, carrier) {
                    Ok(hello) => Progress::Done(hello),
                    Err(error) => Progress::Reject(error),
                },
                None => Progress::NeedMore,
            },
            Progress::NeedMore => Progress::NeedMore,
            Progress::Reject(error) => Progress::Reject(error),
        }
    }

    /// Reads the body of a ClientHello, which must be all there: what follows the handshake header.
    ///
    /// # Errors
    /// [`TlsError::BadLength`] when a length inside leaves the body.
    pub fn parse_body(body: &'a [u8], carrier: Carrier) -> Result<Self, TlsError> {
        let mut hello = Self::begin(body, carrier).ok_or(TlsError::BadLength)?;
        hello.walk(true)?;
        Ok(hello)
    }

    /// Reads what is there of a hello that was cut off, its four-byte header included: `None` unless the
    /// server name is in it whole. The result is never complete, even if nothing is missing.
    pub fn prefix(message: &'a [u8], carrier: Carrier) -> Option<Self> {
        match Self::body_of(message) {
            Progress::Done((body, length)) => {
                Self::prefix_body(body.get(..length).unwrap_or(body), carrier)
            }
            Progress::NeedMore | Progress::Reject(_) => None,
        }
    }

    /// As [`Self::prefix`], from the body on.
    pub fn prefix_body(body: &'a [u8], carrier: Carrier) -> Option<Self> {
        let mut hello = Self::begin(body, carrier)?;
        hello.walk(false).ok()?;
        hello.server_name().map(|_| hello)
    }

    /// How many bytes the handshake message needs in all, header included, once its header is there.
    pub fn message_length(message: &[u8]) -> Option<usize> {
        match Self::body_of(message) {
            Progress::Done((_, length)) => Some(length.saturating_add(HEADER)),
            Progress::NeedMore | Progress::Reject(_) => None,
        }
    }

    fn body_of(message: &[u8]) -> Progress<(&[u8], usize), TlsError> {
        let mut reader = Reader::new(message);
        match (reader.u8(), reader.u24()) {
            (Some(CLIENT_HELLO), Some(length)) => {
                Progress::Done((reader.all(), usize::try_from(length).unwrap_or(usize::MAX)))
            }
            (None | Some(CLIENT_HELLO), _) => Progress::NeedMore,
            (Some(_), _) => Progress::Reject(TlsError::NotClientHello),
        }
    }

    /// Reads up to the extensions; of these it keeps what is there, whole or not.
    fn begin(body: &'a [u8], carrier: Carrier) -> Option<Self> {
        let mut reader = Reader::new(body);
        let legacy_version = reader.u16()?;
        let (random, _) = reader.take(32)?.split_first_chunk::<32>()?;
        let session_id = take_short(&mut reader)?;
        if carrier == Carrier::Datagram {
            take_short(&mut reader)?;
        }
        let cipher_suites = take_long(&mut reader)?;
        take_short(&mut reader)?;
        Some(Self {
            carrier,
            complete: false,
            legacy_version,
            ech: Ech::None,
            has_server_name: false,
            has_early_data: false,
            random,
            session_id,
            cipher_suites,
            extensions: reader.all(),
            server_name: &[],
            alpn: &[],
            supported_versions: &[],
            signature_algorithms: &[],
            groups: &[],
            point_formats: &[],
        })
    }

    /// Walks the extensions. With `whole` every length must hold; otherwise the walk ends where the bytes do.
    fn walk(&mut self, whole: bool) -> Result<(), TlsError> {
        let mut reader = Reader::new(self.extensions);
        let block = match reader.u16().map(usize::from) {
            // Before TLS 1.3 a hello may end without extensions.
            None => &[],
            Some(length) if length > reader.left() && whole => return Err(TlsError::BadLength),
            Some(length) => reader.take(length.min(reader.left())).unwrap_or_default(),
        };
        if whole && !self.cipher_suites.len().is_multiple_of(2) {
            return Err(TlsError::BadLength);
        }
        self.extensions = block;
        self.complete = whole;
        let mut reader = Reader::new(block);
        while !reader.is_empty() {
            let left = reader.left();
            match take_extension(&mut reader) {
                Some((kind, data)) => self.note(kind, data),
                // A rest too short for an extension is of no use, but no reason to refuse the hello.
                None if whole && left >= EXTENSION_HEADER => return Err(TlsError::BadLength),
                None => break,
            }
        }
        Ok(())
    }

    /// Keeps the extensions that are asked for often; of a repeated one the first.
    fn note(&mut self, kind: u16, data: &'a [u8]) {
        match kind {
            extension::SERVER_NAME if !self.has_server_name => {
                self.has_server_name = true;
                self.server_name = first_host_name(data).unwrap_or_default();
            }
            extension::APPLICATION_PROTOCOLS => keep_first(&mut self.alpn, list(data)),
            extension::SUPPORTED_VERSIONS => {
                keep_first(&mut self.supported_versions, short_list(data));
            }
            extension::SIGNATURE_ALGORITHMS => {
                keep_first(&mut self.signature_algorithms, list(data));
            }
            extension::SUPPORTED_GROUPS => keep_first(&mut self.groups, list(data)),
            extension::POINT_FORMATS => keep_first(&mut self.point_formats, short_list(data)),
            extension::EARLY_DATA => self.has_early_data = true,
            extension::ENCRYPTED_SERVER_NAME if self.ech == Ech::None => self.ech = Ech::Esni,
            _ if extension::is_encrypted_client_hello(kind) => self.ech = Ech::Present,
            _ => {}
        }
    }

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
        self.complete.then(|| Ja4::of(self))
    }
}

fn keep_first<'a>(slot: &mut &'a [u8], value: Option<&'a [u8]>) {
    if slot.is_empty() {
        *slot = value.unwrap_or_default();
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

/// A list with a two-byte length, as far as it is there.
fn list(data: &[u8]) -> Option<&[u8]> {
    take_long(&mut Reader::new(data))
}

/// A list with a one-byte length.
fn short_list(data: &[u8]) -> Option<&[u8]> {
    take_short(&mut Reader::new(data))
}

/// The first entry of type host_name.
fn first_host_name(data: &[u8]) -> Option<&[u8]> {
    let mut names = Reader::new(list(data)?);
    loop {
        let kind = names.u8()?;
        let name = take_long(&mut names)?;
        if kind == HOST_NAME {
            return Some(name);
        }
    }
}

fn numbers(bytes: &[u8]) -> impl ExactSizeIterator<Item = u16> + use<'_> {
    bytes
        .as_chunks::<2>()
        .0
        .iter()
        .map(|pair| u16::from_be_bytes(*pair))
}
