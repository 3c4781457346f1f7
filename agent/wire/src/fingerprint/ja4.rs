//! JA4: what a ClientHello offers, sorted so that a shuffled order changes nothing.
//!
//! Three parts joined by underscores, by FoxIO's published rules (JA4 technical details, BSD 3-Clause part):
//!
//! ```text
//! t13d1516h2_8daaf6152771_02713d6af862
//! |  |   | |  |            `- first 12 hex digits of SHA-256(extensions sorted, without SNI and ALPN,
//! |  |   | |  |               "_", signature algorithms in their order)
//! |  |   | |  `- first 12 hex digits of SHA-256(cipher suites sorted)
//! |  |   | `- first and last character of the first ALPN value, 00 when there is none
//! |  |   `- number of cipher suites (15) and of extensions (16), at most 99
//! |  `- d when there is an SNI extension, else i
//! `- t TLS over TCP, q QUIC, d DTLS; then the highest version offered
//! ```
//!
//! Values are four hexadecimal digits joined by commas; GREASE values do not count anywhere.

use std::fmt::{self, Display};

use ring::digest::{Context, SHA256};

use crate::dissect::tls::{Carrier, ClientHello, extension};
use crate::fingerprint::is_grease;
use crate::fingerprint::known::Known;

const LENGTH: usize = 36;
pub(super) const HASH_DIGITS: usize = 12;
/// Values that are written out at a time.
const CHUNK: usize = 64;

/// What makes one fingerprint after the other cheaper: few programs make most hellos, so most lists that are
/// hashed were hashed before. What it gives depends on the hello alone.
#[derive(Clone, Debug, Default)]
pub struct Ja4Memory {
    known: Known,
    ciphers: Vec<u16>,
    extensions: Vec<u16>,
    signatures: Vec<u16>,
}

impl Ja4Memory {
    /// Starts with nothing known; it grows to some tens of KiB at most.
    #[must_use]
    pub fn new() -> Self {
        Self {
            known: Known::with_room(),
            ..Self::default()
        }
    }
}

/// A JA4 fingerprint: 36 ASCII characters.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Ja4([u8; LENGTH]);

impl Ja4 {
    /// The fingerprint of `hello`, with what `memory` knows of hellos before it.
    pub(crate) fn of(hello: &ClientHello<'_>, memory: &mut Ja4Memory) -> Self {
        let Ja4Memory {
            known,
            ciphers,
            extensions,
            signatures,
        } = memory;
        without_grease(ciphers, hello.cipher_suites());
        without_grease(extensions, hello.extensions().map(|(kind, _)| kind));
        without_grease(signatures, hello.signature_algorithms());
        let [cipher_tens, cipher_ones] = two_digits(ciphers.len());
        let [extension_tens, extension_ones] = two_digits(extensions.len());
        let [version_first, version_last] = version(hello);
        let [alpn_first, alpn_last] = alpn(hello.alpn().next());
        let has_name = extensions.contains(&extension::SERVER_NAME);
        let head = [
            match hello.carrier() {
                Carrier::Tcp => b't',
                Carrier::Quic => b'q',
                Carrier::Datagram => b'd',
            },
            version_first,
            version_last,
            if has_name { b'd' } else { b'i' },
            cipher_tens,
            cipher_ones,
            extension_tens,
            extension_ones,
            alpn_first,
            alpn_last,
        ];
        extensions.retain(|kind| {
            ![extension::SERVER_NAME, extension::APPLICATION_PROTOCOLS].contains(kind)
        });
        // In this order they are known again however the client shuffles them.
        extensions.sort_unstable();

        let mut text = [b'_'; LENGTH];
        let hashes = [known.hash(ciphers, &[]), known.hash(extensions, signatures)];
        let parts = [head.as_slice(), b"_", &hashes[0], b"_", &hashes[1]];
        for (slot, byte) in text.iter_mut().zip(parts.into_iter().flatten()) {
            *slot = *byte;
        }
        Self(text)
    }

    /// The fingerprint as text.
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or_default()
    }
}

impl Display for Ja4 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Debug for Ja4 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Ja4({self})")
    }
}

fn without_grease(kept: &mut Vec<u16>, values: impl Iterator<Item = u16>) {
    kept.clear();
    kept.extend(values.filter(|value| !is_grease(*value)));
}

fn two_digits(count: usize) -> [u8; 2] {
    let digit = |value: usize| u8::try_from(value % 10).unwrap_or_default() | b'0';
    let count = count.min(99);
    [digit(count / 10), digit(count)]
}

/// The highest value of the versions offered, GREASE left out; without the extension the version of the hello.
/// DTLS counts its versions down, and still the rule says the highest value.
fn version(hello: &ClientHello<'_>) -> [u8; 2] {
    let offered = hello
        .supported_versions()
        .filter(|version| !is_grease(*version));
    match offered.max().unwrap_or_else(|| hello.legacy_version()) {
        0x0304 => *b"13",
        0x0303 => *b"12",
        0x0302 => *b"11",
        0x0301 => *b"10",
        0x0300 => *b"s3",
        0x0002 => *b"s2",
        0x0100 => *b"s1",
        0xfeff => *b"d1",
        0xfefd => *b"d2",
        0xfefc => *b"d3",
        _ => *b"00",
    }
}

/// First and last character of the first ALPN value; when one of the two is not alphanumeric, first and last
/// digit of the value in hexadecimal.
fn alpn(value: Option<&[u8]>) -> [u8; 2] {
    let Some((first, last)) = value.and_then(|value| Some((*value.first()?, *value.last()?)))
    else {
        return *b"00";
    };
    if first.is_ascii_alphanumeric() && last.is_ascii_alphanumeric() {
        [first, last]
    } else {
        [hex_digit(first >> 4), hex_digit(last)]
    }
}

/// Without a branch: values are as good as random.
const fn hex_digit(value: u8) -> u8 {
    let value = value & 0x0f;
    let past_nine = (value > 9) as u8;
    b'0'.wrapping_add(value)
        .wrapping_add(past_nine.wrapping_mul(b'a'.wrapping_sub(b'9').wrapping_sub(1)))
}

/// The first digits of the SHA-256 of both lists; zeros when the first is empty.
pub(super) fn hash(values: &[u16], after: &[u16]) -> [u8; HASH_DIGITS] {
    if values.is_empty() {
        return [b'0'; HASH_DIGITS];
    }
    let mut context = Context::new(&SHA256);
    let total = values.len().saturating_add(after.len());
    let mut all = values.iter().chain(after).zip(1_usize..);
    let mut left = total;
    while left > 0 {
        // Each value with what separates it from the next one.
        let mut chunk = [[0; 5]; CHUNK];
        for (slot, (value, place)) in chunk.iter_mut().zip(&mut all) {
            let [[a, b], [c, d]] = value.to_be_bytes().map(hex_digits);
            let separator = if place == values.len() { b'_' } else { b',' };
            *slot = [a, b, c, d, separator];
        }
        let count = left.min(CHUNK);
        left = left.saturating_sub(count);
        let written = count
            .saturating_mul(5)
            .saturating_sub(usize::from(left == 0));
        context.update(chunk.as_flattened().get(..written).unwrap_or_default());
    }
    let digest = context.finish();
    let mut digits = [b'0'; HASH_DIGITS];
    for (slot, byte) in digits
        .as_chunks_mut::<2>()
        .0
        .iter_mut()
        .zip(digest.as_ref())
    {
        *slot = hex_digits(*byte);
    }
    digits
}

const fn hex_digits(byte: u8) -> [u8; 2] {
    [hex_digit(byte >> 4), hex_digit(byte)]
}
