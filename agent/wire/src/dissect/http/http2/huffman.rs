//! The Huffman code of HPACK (RFC 7541 section 5.2 and appendix B).
//!
//! The code is canonical: codes of one length are consecutive numbers, and a longer code is the next number
//! with zeros behind it. So the symbols in the order of their codes, with the number of codes of each length,
//! are the whole table.

/// How many codes there are of each length from 5 bits on; the last of 30 bits is the end of string.
const COUNTS: [u16; 26] = [
    10, 26, 32, 6, 0, 5, 3, 2, 6, 2, 3, 0, 0, 0, 3, 8, 13, 26, 29, 12, 4, 15, 19, 29, 0, 4,
];
const SHORTEST: u32 = 5;

/// The symbols in the order of their codes, without the end of string.
const SYMBOLS: [u8; 256] = [
    48, 49, 50, 97, 99, 101, 105, 111, 115, 116, 32, 37, 45, 46, 47, 51, 52, 53, 54, 55, 56, 57,
    61, 65, 95, 98, 100, 102, 103, 104, 108, 109, 110, 112, 114, 117, 58, 66, 67, 68, 69, 70, 71,
    72, 73, 74, 75, 76, 77, 78, 79, 80, 81, 82, 83, 84, 85, 86, 87, 89, 106, 107, 113, 118, 119,
    120, 121, 122, 38, 42, 44, 59, 88, 90, 33, 34, 40, 41, 63, 39, 43, 124, 35, 62, 0, 36, 64, 91,
    93, 126, 94, 125, 60, 96, 123, 92, 195, 208, 128, 130, 131, 162, 184, 194, 224, 226, 153, 161,
    167, 172, 176, 177, 179, 209, 216, 217, 227, 229, 230, 129, 132, 133, 134, 136, 146, 154, 156,
    160, 163, 164, 169, 170, 173, 178, 181, 185, 186, 187, 189, 190, 196, 198, 228, 232, 233, 1,
    135, 137, 138, 139, 140, 141, 143, 147, 149, 150, 151, 152, 155, 157, 158, 165, 166, 168, 174,
    175, 180, 182, 183, 188, 191, 197, 231, 239, 9, 142, 144, 145, 148, 159, 171, 206, 215, 225,
    236, 237, 199, 207, 234, 235, 192, 193, 200, 201, 202, 205, 210, 213, 218, 219, 238, 240, 242,
    243, 255, 203, 204, 211, 212, 214, 221, 222, 223, 241, 244, 245, 246, 247, 248, 250, 251, 252,
    253, 254, 2, 3, 4, 5, 6, 7, 8, 11, 12, 14, 15, 16, 17, 18, 19, 20, 21, 23, 24, 25, 26, 27, 28,
    29, 30, 31, 127, 220, 249, 10, 13, 22,
];

/// Decodes `coded`; `None` for a code that is none, padding that is no padding, or more than `limit` bytes.
pub(super) fn decode(coded: &[u8], limit: usize) -> Option<Vec<u8>> {
    let mut text = Vec::with_capacity(coded.len().saturating_mul(8).div_ceil(5).min(limit));
    let mut code = Code::default();
    for byte in coded {
        for shift in (0..8).rev() {
            let bit = byte.checked_shr(shift).unwrap_or_default() & 1;
            match code.push(bit) {
                Found::Symbol(symbol) if text.len() < limit => text.push(symbol),
                Found::Symbol(_) | Found::Invalid => return None,
                Found::Nothing => {}
            }
        }
    }
    // Padding is the start of the end of string: fewer than eight bits, all set.
    (code.bits < 8 && code.all_set).then_some(text)
}

enum Found {
    Nothing,
    Symbol(u8),
    Invalid,
}

/// The bits of one code so far.
struct Code {
    bits: u32,
    value: u32,
    /// The first code of the present length, and the place of its symbol.
    first: u32,
    place: usize,
    all_set: bool,
}

impl Default for Code {
    fn default() -> Self {
        Self {
            bits: 0,
            value: 0,
            first: 0,
            place: 0,
            all_set: true,
        }
    }
}

impl Code {
    fn push(&mut self, bit: u8) -> Found {
        self.value = self.value.wrapping_shl(1) | u32::from(bit);
        self.bits = self.bits.saturating_add(1);
        self.all_set &= bit == 1;
        let Some(length) = self.bits.checked_sub(SHORTEST) else {
            return Found::Nothing;
        };
        let count = usize::try_from(length)
            .ok()
            .and_then(|at| COUNTS.get(at).copied());
        let Some(count) = count else {
            return Found::Invalid;
        };
        let within = self.value.saturating_sub(self.first);
        if self.value >= self.first && within < u32::from(count) {
            let place = self
                .place
                .saturating_add(usize::try_from(within).unwrap_or(usize::MAX));
            *self = Self::default();
            return SYMBOLS
                .get(place)
                .map_or(Found::Invalid, |symbol| Found::Symbol(*symbol));
        }
        self.place = self.place.saturating_add(usize::from(count));
        self.first = self.first.saturating_add(u32::from(count)).wrapping_shl(1);
        Found::Nothing
    }
}
