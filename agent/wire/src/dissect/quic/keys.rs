//! Opening Initial packets: keys from a connection id (RFC 9001 section 5.2), header protection
//! (section 5.4) and payload protection (section 5.3).

use std::fmt;

use ring::aead::quic::{AES_128 as HEADER_AES_128, HeaderProtectionKey};
use ring::aead::{AES_128_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use ring::error::Unspecified;
use ring::hkdf::{HKDF_SHA256, KeyType, Prk};

use super::header::LongPacket;
use super::version::{LABEL_CLIENT, Protection};

const TAG: usize = 16;
const IV: usize = 12;
/// A packet number has at most four bytes; the sample starts behind that (RFC 9001 section 5.4.2).
const MAX_NUMBER: usize = 4;
const SAMPLE: usize = 16;

/// The keys of a client's Initial packets.
pub(super) struct InitialKeys {
    key: LessSafeKey,
    iv: [u8; IV],
    header: HeaderProtectionKey,
}

/// The length of an initialisation vector, for HKDF.
struct IvLength;

impl KeyType for IvLength {
    fn len(&self) -> usize {
        IV
    }
}

impl InitialKeys {
    /// Derives the client's keys from the connection id that it made up for the server.
    ///
    /// `None` cannot happen: every length is right by construction.
    pub(super) fn derive(protection: Protection, dcid: &[u8]) -> Option<Self> {
        let initial = protection.salt().extract(dcid);
        let mut secret = [0; 32];
        let expanded = initial.expand(&[LABEL_CLIENT], HKDF_SHA256);
        expanded.and_then(|okm| okm.fill(&mut secret)).ok()?;
        let client = Prk::new_less_safe(HKDF_SHA256, &secret);
        Self::expand(&client, protection).ok()
    }

    fn expand(client: &Prk, protection: Protection) -> Result<Self, Unspecified> {
        let labels = protection.labels();
        let key = UnboundKey::from(client.expand(&[labels.key], &AES_128_GCM)?);
        let mut iv = [0; IV];
        client.expand(&[labels.iv], IvLength)?.fill(&mut iv)?;
        let header = HeaderProtectionKey::from(client.expand(&[labels.header], &HEADER_AES_128)?);
        Ok(Self {
            key: LessSafeKey::new(key),
            iv,
            header,
        })
    }

    /// Opens `packet` in `buffer`, which must be at least as long as its bytes; gives the frames.
    /// `None` when it was not protected with these keys.
    ///
    /// A packet that the capture cut cannot be authenticated: it is decrypted all the same, and
    /// whoever reads the frames must see from them whether they make sense.
    pub(super) fn open<'b>(
        &self,
        packet: &LongPacket<'_>,
        buffer: &'b mut [u8],
    ) -> Option<&'b [u8]> {
        let buffer = buffer.get_mut(..packet.bytes.len())?;
        buffer.copy_from_slice(packet.bytes);
        let sample_at = packet.number_at.checked_add(MAX_NUMBER)?;
        let sample = packet.bytes.get(sample_at..)?.first_chunk::<SAMPLE>()?;
        let [flags, number_mask @ ..] = self.header.new_mask(sample).ok()?;
        let first = buffer.first_mut()?;
        *first ^= flags & 0x0f;
        let number_len = usize::from(*first & 0b11).saturating_add(1);
        let header_len = packet.number_at.checked_add(number_len)?;
        let (header, payload) = buffer.split_at_mut_checked(header_len)?;
        let mut number = 0_u64;
        for (byte, mask) in header
            .get_mut(packet.number_at..)?
            .iter_mut()
            .zip(number_mask)
        {
            *byte ^= mask;
            number = (number << 8) | u64::from(*byte);
        }
        let nonce = self.nonce(number);
        if packet.cut {
            // GCM encrypts and decrypts by the same key stream.
            let sealed = self
                .key
                .seal_in_place_separate_tag(nonce, Aad::empty(), payload);
            return sealed.ok().map(|_tag| &*payload);
        }
        payload.len().checked_sub(TAG)?;
        let aad = Aad::from(&*header);
        self.key
            .open_in_place(nonce, aad, payload)
            .ok()
            .map(|frames| &*frames)
    }

    fn nonce(&self, number: u64) -> Nonce {
        let mut nonce = self.iv;
        let low = number.to_be_bytes();
        for (byte, low) in nonce.iter_mut().rev().zip(low.iter().rev()) {
            *byte ^= low;
        }
        Nonce::assume_unique_for_key(nonce)
    }
}

impl fmt::Debug for InitialKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("InitialKeys")
    }
}
