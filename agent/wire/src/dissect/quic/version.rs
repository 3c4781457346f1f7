//! What differs between versions of QUIC before the handshake: salts, labels and type numbers.

use std::sync::LazyLock;

use ring::hkdf::{HKDF_SHA256, Salt};

use super::header::PacketType;

/// QUIC version 1 (RFC 9000).
pub const VERSION_1: u32 = 0x0000_0001;
/// QUIC version 2 (RFC 9369).
pub const VERSION_2: u32 = 0x6b33_43cf;

/// Google QUIC with IETF packet protection: `Q050`, `T050`, `T051`.
const GOOGLE_Q050: u32 = 0x5130_3530;
const GOOGLE_T050: u32 = 0x5430_3530;
const GOOGLE_T051: u32 = 0x5430_3531;
/// mvfst's names for drafts 22 and 27, and for its experiments on draft 27.
const MVFST_22: u32 = 0xface_b001;
const MVFST_27: u32 = 0xface_b002;
const MVFST_EXPERIMENTAL: u32 = 0xface_b00e;
/// Version 2 while it was a draft.
const VERSION_2_DRAFT: u32 = 0x709a_50c4;

/// Which secrets protect the Initial packets of a version.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Protection {
    Draft22,
    Draft23,
    Draft29,
    V1,
    V2Draft,
    V2,
    GoogleQ050,
    GoogleT050,
    GoogleT051,
}

/// Whether a version is one whose packets are known to be QUIC.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Known {
    /// Published, or seen in the field.
    Yes,
    /// Never seen; read as version 1, which is what new versions start from, once all else fits.
    No,
}

impl Protection {
    /// How Initial packets of `version` are protected. Versions that force negotiation (RFC 9000
    /// section 15) and unknown ones are taken for version 1.
    pub(super) const fn of(version: u32) -> (Self, Known) {
        let protection = match version {
            VERSION_1 | 0xff00_0021..=0xff00_0022 => Self::V1,
            VERSION_2 => Self::V2,
            VERSION_2_DRAFT => Self::V2Draft,
            0xff00_0016 | MVFST_22 => Self::Draft22,
            0xff00_0017..=0xff00_001c | MVFST_27 | MVFST_EXPERIMENTAL => Self::Draft23,
            0xff00_001d..=0xff00_0020 => Self::Draft29,
            GOOGLE_Q050 => Self::GoogleQ050,
            GOOGLE_T050 => Self::GoogleT050,
            GOOGLE_T051 => Self::GoogleT051,
            0xface_b000..=0xface_bfff => Self::V1,
            reserved if reserved & 0x0f0f_0f0f == 0x0a0a_0a0a => Self::V1,
            _ => return (Self::V1, Known::No),
        };
        (protection, Known::Yes)
    }

    /// The type that the two type bits of a long header mean (RFC 9369 section 3.2 moved them).
    pub(super) const fn packet_type(self, bits: u8) -> PacketType {
        let moved = if self.is_version_2() { 1 } else { 0 };
        match bits.wrapping_sub(moved) & 0b11 {
            0 => PacketType::Initial,
            1 => PacketType::ZeroRtt,
            2 => PacketType::Handshake,
            _ => PacketType::Retry,
        }
    }

    /// Whether packets hold frames with the types of Google QUIC.
    pub(super) const fn has_google_frames(self) -> bool {
        matches!(self, Self::GoogleQ050 | Self::GoogleT050 | Self::GoogleT051)
    }

    const fn is_version_2(self) -> bool {
        matches!(self, Self::V2 | Self::V2Draft)
    }

    pub(super) fn salt(self) -> &'static Salt {
        match self {
            Self::Draft22 => &SALT_DRAFT_22,
            Self::Draft23 => &SALT_DRAFT_23,
            Self::Draft29 => &SALT_DRAFT_29,
            Self::V1 => &SALT_1,
            Self::V2Draft => &SALT_2_DRAFT,
            Self::V2 => &SALT_2,
            Self::GoogleQ050 => &SALT_Q050,
            Self::GoogleT050 => &SALT_T050,
            Self::GoogleT051 => &SALT_T051,
        }
    }

    /// The labels of key, initialisation vector and header protection key, each as the whole
    /// `HkdfLabel` of RFC 8446 section 7.1.
    pub(super) const fn labels(self) -> &'static Labels {
        if self.is_version_2() {
            &LABELS_2
        } else {
            &LABELS_1
        }
    }
}

/// `HkdfLabel`s: length of the output, length and text of the label, empty context.
pub(super) struct Labels {
    pub(super) key: &'static [u8],
    pub(super) iv: &'static [u8],
    pub(super) header: &'static [u8],
}

pub(super) const LABEL_CLIENT: &[u8] = b"\x00\x20\x0ftls13 client in\x00";

const LABELS_1: Labels = Labels {
    key: b"\x00\x10\x0etls13 quic key\x00",
    iv: b"\x00\x0c\x0dtls13 quic iv\x00",
    header: b"\x00\x10\x0dtls13 quic hp\x00",
};
const LABELS_2: Labels = Labels {
    key: b"\x00\x10\x10tls13 quicv2 key\x00",
    iv: b"\x00\x0c\x0ftls13 quicv2 iv\x00",
    header: b"\x00\x10\x0ftls13 quicv2 hp\x00",
};

/// A salt is hashed once; each connection starts from the result.
macro_rules! salts {
    ($($(#[$meta:meta])* $name:ident = $bytes:literal;)+) => {
        $($(#[$meta])* static $name: LazyLock<Salt> = LazyLock::new(|| Salt::new(HKDF_SHA256, $bytes));)+
    };
}

salts! {
    /// draft-ietf-quic-tls-22 section 5.2.
    SALT_DRAFT_22 =
        b"\x7f\xbc\xdb\x0e\x7c\x66\xbb\xe9\x19\x3a\x96\xcd\x21\x51\x9e\xbd\x7a\x02\x64\x4a";
    /// draft-ietf-quic-tls-23 section 5.2, in use up to draft 28.
    SALT_DRAFT_23 =
        b"\xc3\xee\xf7\x12\xc7\x2e\xbb\x5a\x11\xa7\xd2\x43\x2b\xb4\x63\x65\xbe\xf9\xf5\x02";
    /// draft-ietf-quic-tls-29 section 5.2, in use up to draft 32.
    SALT_DRAFT_29 =
        b"\xaf\xbf\xec\x28\x99\x93\xd2\x4c\x9e\x97\x86\xf1\x9c\x61\x11\xe0\x43\x90\xa8\x99";
    /// RFC 9001 section 5.2, from draft 33 on.
    SALT_1 =
        b"\x38\x76\x2c\xf7\xf5\x59\x34\xb3\x4d\x17\x9a\xe6\xa4\xc8\x0c\xad\xcc\xbb\x7f\x0a";
    /// draft-ietf-quic-v2-01 section 3.3.1.
    SALT_2_DRAFT =
        b"\xa7\x07\xc2\x03\xa5\x9b\x47\x18\x4a\x1d\x62\xca\x57\x04\x06\xea\x7a\xe3\xe5\xd3";
    /// RFC 9369 section 3.3.1.
    SALT_2 =
        b"\x0d\xed\xe3\xde\xf7\x00\xa6\xdb\x81\x93\x81\xbe\x6e\x26\x9d\xcb\xf9\xbd\x2e\xd9";
    /// Chromium's salt for `Q050`.
    SALT_Q050 =
        b"\x50\x45\x74\xef\xd0\x66\xfe\x2f\x9d\x94\x5c\xfc\xdb\xd3\xa7\xf0\xd3\xb5\x6b\x45";
    /// Chromium's salt for `T050`.
    SALT_T050 =
        b"\x7f\xf5\x79\xe5\xac\xd0\x72\x91\x55\x80\x30\x4c\x43\xa2\x36\x7c\x60\x48\x83\x10";
    /// Chromium's salt for `T051`.
    SALT_T051 =
        b"\x7a\x4e\xde\xf4\xe7\xcc\xee\x5f\xa4\x50\x6c\x19\x12\x4f\xc8\xcc\xda\x6e\x03\x3d";
}
