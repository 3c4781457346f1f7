//! The Community ID: the name by which other tools know the same flow.
//!
//! Version 1 with seed 0 of <https://github.com/corelight/community-id-spec>: the SHA-1 of the
//! seed, the ordered endpoints and the protocol, in base64.

use std::fmt;
use std::net::{IpAddr, SocketAddr};

use ring::digest;

use super::FiveTuple;

/// Longest text form: `1:` and the base64 of 20 bytes.
const TEXT: usize = 30;

/// The Community ID of a flow, version 1 with seed 0: the SHA-1 of its ordered endpoints.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CommunityId([u8; 20]);

impl CommunityId {
    /// Hashes the endpoints of `tuple`; both directions give the same id.
    #[must_use]
    pub fn new(tuple: &FiveTuple) -> Self {
        let (one, two) = (tuple.orig, tuple.resp);
        let (first, second) = if sort_key(one) <= sort_key(two) {
            (one, two)
        } else {
            (two, one)
        };
        let mut context = digest::Context::new(&digest::SHA1_FOR_LEGACY_USE_ONLY);
        context.update(&[0, 0]);
        for end in [first, second] {
            match end.ip() {
                IpAddr::V4(v4) => context.update(&v4.octets()),
                IpAddr::V6(v6) => context.update(&v6.octets()),
            }
        }
        context.update(&[tuple.transport.number(), 0]);
        context.update(&first.port().to_be_bytes());
        context.update(&second.port().to_be_bytes());
        let digest = context.finish();
        Self(
            digest
                .as_ref()
                .first_chunk::<20>()
                .copied()
                .unwrap_or_default(),
        )
    }

    /// Returns the 20 bytes of the hash.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 20] {
        &self.0
    }
}

/// Addresses by their octets, then ports, as the specification orders them.
fn sort_key(end: SocketAddr) -> (IpAddr, u16) {
    (end.ip(), end.port())
}

impl fmt::Display for CommunityId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut text = String::with_capacity(TEXT);
        text.push_str("1:");
        for chunk in self.0.chunks(3) {
            let word = chunk.iter().enumerate().fold(0_u32, |word, (place, byte)| {
                word | (u32::from(*byte) << (16_usize.saturating_sub(place.saturating_mul(8))))
            });
            for place in 0..4_usize {
                let shift = 18_usize.saturating_sub(place.saturating_mul(6));
                text.push(if place > chunk.len() {
                    '='
                } else {
                    base64_digit(word >> shift)
                });
            }
        }
        f.pad(&text)
    }
}

impl fmt::Debug for CommunityId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "CommunityId({self})")
    }
}

/// The base64 digit (RFC 4648 section 4) of the low six bits.
fn base64_digit(value: u32) -> char {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let index = usize::try_from(value & 63).unwrap_or_default();
    DIGITS.get(index).map_or('=', |digit| char::from(*digit))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::key::TransportProtocol;

    fn tuple(orig: &str, resp: &str, transport: TransportProtocol) -> FiveTuple {
        FiveTuple {
            orig: orig.parse().unwrap(),
            resp: resp.parse().unwrap(),
            transport,
        }
    }

    #[test]
    fn community_ids_are_those_of_the_specification() {
        use TransportProtocol::{Tcp, Udp};
        // From the baseline and the README of the specification.
        let vectors = [
            (
                "128.232.110.120:34855",
                "66.35.250.204:80",
                Tcp,
                "1:LQU9qZlK+B5F3KDmev6m5PMibrg=",
            ),
            (
                "192.168.1.52:54585",
                "8.8.8.8:53",
                Udp,
                "1:d/FP5EW3wiY1vCndhwleRRKHowQ=",
            ),
        ];
        for (orig, resp, transport, expected) in vectors {
            let tuple = tuple(orig, resp, transport);
            assert_eq!(tuple.community_id().to_string(), expected);
            assert_eq!(tuple.reversed().community_id().to_string(), expected);
        }
    }
}
