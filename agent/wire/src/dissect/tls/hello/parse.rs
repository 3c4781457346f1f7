//! Bytes to a ClientHello: one pass that finds the bounds of everything.

use super::{Carrier, ClientHello, Ech, take_extension, take_long, take_short};
use crate::dissect::Progress;
use crate::dissect::tls::{TlsError, extension};
use crate::reader::Reader;

/// Length of the header of a handshake message: type and length.
const HEADER: usize = 4;
const CLIENT_HELLO: u8 = 1;
/// Length of the header of an extension: type and length.
const EXTENSION_HEADER: usize = 4;
const HOST_NAME: u8 = 0;

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
}

fn keep_first<'a>(slot: &mut &'a [u8], value: Option<&'a [u8]>) {
    if slot.is_empty() {
        *slot = value.unwrap_or_default();
    }
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
