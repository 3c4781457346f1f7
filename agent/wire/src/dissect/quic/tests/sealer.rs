//! Makes Initial packets: what clients and servers do (RFC 9001 section 5), apart from the code under test.
//!
//! Used by the benchmarks, too, so it needs nothing of the crate.

use ring::aead::quic::{AES_128 as HEADER_AES_128, HeaderProtectionKey};
use ring::aead::{AES_128_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use ring::hkdf::{HKDF_SHA256, KeyType, Prk, Salt};

/// What a version fixes: number, salt, prefix of the labels, type bits of an Initial packet.
pub(crate) struct Version {
    pub(crate) number: u32,
    salt: [u8; 20],
    prefix: &'static str,
    initial: u8,
}

pub(crate) const V1: Version = Version {
    number: 1,
    salt: [
        0x38, 0x76, 0x2c, 0xf7, 0xf5, 0x59, 0x34, 0xb3, 0x4d, 0x17, 0x9a, 0xe6, 0xa4, 0xc8, 0x0c,
        0xad, 0xcc, 0xbb, 0x7f, 0x0a,
    ],
    prefix: "quic",
    initial: 0,
};

pub(crate) const V2: Version = Version {
    number: 0x6b33_43cf,
    salt: [
        0x0d, 0xed, 0xe3, 0xde, 0xf7, 0x00, 0xa6, 0xdb, 0x81, 0x93, 0x81, 0xbe, 0x6e, 0x26, 0x9d,
        0xcb, 0xf9, 0xbd, 0x2e, 0xd9,
    ],
    prefix: "quicv2",
    initial: 1,
};

/// Google QUIC in the packets of IETF QUIC.
pub(crate) const Q050: Version = Version {
    number: 0x5130_3530,
    salt: [
        0x50, 0x45, 0x74, 0xef, 0xd0, 0x66, 0xfe, 0x2f, 0x9d, 0x94, 0x5c, 0xfc, 0xdb, 0xd3, 0xa7,
        0xf0, 0xd3, 0xb5, 0x6b, 0x45,
    ],
    ..V1
};

/// Another number for the rules of version 1, as some vendors use.
pub(crate) const fn like_v1(number: u32) -> Version {
    Version { number, ..V1 }
}

/// One side's keys for Initial packets.
pub(crate) struct Sealer {
    version: u32,
    initial: u8,
    key: LessSafeKey,
    iv: [u8; 12],
    header: HeaderProtectionKey,
}

struct Length(usize);

impl KeyType for Length {
    fn len(&self) -> usize {
        self.0
    }
}

fn expand<const N: usize>(secret: &Prk, label: &str) -> [u8; N] {
    let label = format!("tls13 {label}");
    let length = u16::try_from(N).unwrap().to_be_bytes();
    let name = [&[u8::try_from(label.len()).unwrap()], label.as_bytes()].concat();
    let mut bytes = [0; N];
    let info = [length.as_slice(), &name, &[0]];
    secret
        .expand(&info, Length(N))
        .unwrap()
        .fill(&mut bytes)
        .unwrap();
    bytes
}

impl Sealer {
    /// The client's keys for the connection id it made up.
    pub(crate) fn client(version: &Version, dcid: &[u8]) -> Self {
        Self::side(version, dcid, "client in")
    }

    /// The server's keys for the same id.
    pub(crate) fn server(version: &Version, dcid: &[u8]) -> Self {
        Self::side(version, dcid, "server in")
    }

    fn side(version: &Version, dcid: &[u8], label: &str) -> Self {
        let initial = Salt::new(HKDF_SHA256, &version.salt).extract(dcid);
        let secret = Prk::new_less_safe(HKDF_SHA256, &expand::<32>(&initial, label));
        let label = |name: &str| format!("{} {name}", version.prefix);
        let key = expand::<16>(&secret, &label("key"));
        let header = expand::<16>(&secret, &label("hp"));
        Self {
            version: version.number,
            initial: version.initial,
            key: LessSafeKey::new(UnboundKey::new(&AES_128_GCM, &key).unwrap()),
            iv: expand(&secret, &label("iv")),
            header: HeaderProtectionKey::new(&HEADER_AES_128, &header).unwrap(),
        }
    }

    /// An Initial packet with `frames`, padded so that it is at least `least` bytes long.
    pub(crate) fn seal(&self, ids: &Ids<'_>, number: u32, frames: &[u8], least: usize) -> Vec<u8> {
        let mut header = vec![0xc3 | (self.initial << 4)];
        header.extend(self.version.to_be_bytes());
        for id in [ids.dcid, ids.scid] {
            header.push(u8::try_from(id.len()).unwrap());
            header.extend(id);
        }
        header.extend(varint(ids.token.len() as u64));
        header.extend(ids.token);
        let mut payload = frames.to_vec();
        let so_far = header.len() + 2 + 4 + 16;
        payload.resize(payload.len().max(least.saturating_sub(so_far)).max(4), 0);
        let length = u16::try_from(4 + payload.len() + 16).unwrap();
        header.extend((0x4000 | length).to_be_bytes());
        let number_at = header.len();
        header.extend(number.to_be_bytes());
        let mut nonce = self.iv;
        for (byte, number) in nonce.iter_mut().skip(8).zip(number.to_be_bytes()) {
            *byte ^= number;
        }
        let nonce = Nonce::assume_unique_for_key(nonce);
        self.key
            .seal_in_place_append_tag(nonce, Aad::from(&header), &mut payload)
            .unwrap();
        let mut packet = [header, payload].concat();
        let sample = &packet[number_at + 4..number_at + 20];
        let [first, mask @ ..] = self.header.new_mask(sample).unwrap();
        packet[0] ^= first & 0x0f;
        for (byte, mask) in packet[number_at..].iter_mut().zip(mask) {
            *byte ^= mask;
        }
        packet
    }
}

/// What an Initial packet says in the clear beside its version.
#[derive(Clone, Copy, Default)]
pub(crate) struct Ids<'a> {
    pub(crate) dcid: &'a [u8],
    pub(crate) scid: &'a [u8],
    pub(crate) token: &'a [u8],
}

/// A CRYPTO frame.
pub(crate) fn crypto(offset: usize, data: &[u8]) -> Vec<u8> {
    let mut frame = vec![6];
    frame.extend(varint(offset as u64));
    frame.extend(varint(data.len() as u64));
    frame.extend(data);
    frame
}

/// A variable-length integer, in as few bytes as it takes.
pub(crate) fn varint(value: u64) -> Vec<u8> {
    match value {
        0..=0x3f => vec![u8::try_from(value).unwrap()],
        0x40..=0x3fff => (u16::try_from(value).unwrap() | 0x4000)
            .to_be_bytes()
            .to_vec(),
        0x4000..=0x3fff_ffff => (u32::try_from(value).unwrap() | 0x8000_0000)
            .to_be_bytes()
            .to_vec(),
        _ => (value | 0xc000_0000_0000_0000).to_be_bytes().to_vec(),
    }
}
