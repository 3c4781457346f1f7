//! One field block of HPACK (RFC 7541), the first of its connection.
//!
//! The dynamic table starts empty and takes what the block itself adds; only the fields that name the request
//! are kept. Everything is bounded by the length of the block and by [`MAX_FIELDS`].

use crate::dissect::http::http2::huffman;
use crate::dissect::http::http2::static_table::STATIC_TABLE;
use crate::reader::Reader;

/// The most fields of a block.
const MAX_FIELDS: usize = 512;
/// The longest name or value.
const MAX_STRING: usize = 16 * 1024;
/// Size of the dynamic table before SETTINGS change it (RFC 9113 section 6.5.2).
const TABLE: usize = 4096;
/// The largest that a size update may ask for here.
const MAX_TABLE: usize = 64 * 1024;
/// What an entry costs beyond its bytes (RFC 7541 section 4.1).
const ENTRY_OVERHEAD: usize = 32;
/// Entries of the static table (RFC 7541 appendix A).
const STATIC_ENTRIES: usize = STATIC_TABLE.len();

/// The fields that say what is asked of whom.
#[derive(Default, Debug)]
pub(super) struct Fields {
    pub(super) method: Vec<u8>,
    pub(super) path: Vec<u8>,
    pub(super) authority: Vec<u8>,
    pub(super) host: Vec<u8>,
}

/// Reads a whole field block; `None` when it breaks the rules.
pub(super) fn decode(block: &[u8]) -> Option<Fields> {
    let mut decoder = Decoder {
        table: Vec::new(),
        size: 0,
        limit: TABLE,
        fields: Fields::default(),
    };
    let mut reader = Reader::new(block);
    for _ in 0..MAX_FIELDS {
        if reader.is_empty() {
            return Some(decoder.fields);
        }
        decoder.field(&mut reader)?;
    }
    None
}

#[derive(Clone)]
struct Field {
    name: Vec<u8>,
    value: Vec<u8>,
}

impl Field {
    fn size(&self) -> usize {
        self.name
            .len()
            .saturating_add(self.value.len())
            .saturating_add(ENTRY_OVERHEAD)
    }
}

struct Decoder {
    /// The newest entry last.
    table: Vec<Field>,
    size: usize,
    limit: usize,
    fields: Fields,
}

impl Decoder {
    /// Reads one representation (RFC 7541 section 6).
    fn field(&mut self, reader: &mut Reader<'_>) -> Option<()> {
        let first = *reader.rest().first()?;
        if first & 0x80 != 0 {
            let index = integer(reader, 7)?;
            let field = self.indexed(index)?;
            self.note(&field);
        } else if first & 0xc0 == 0x40 {
            let field = self.literal(reader, 6)?;
            self.note(&field);
            self.add(field);
        } else if first & 0xe0 == 0x20 {
            self.limit = integer(reader, 5).filter(|limit| *limit <= MAX_TABLE)?;
            self.evict(self.limit);
        } else {
            let field = self.literal(reader, 4)?;
            self.note(&field);
        }
        Some(())
    }

    fn literal(&self, reader: &mut Reader<'_>, prefix: u8) -> Option<Field> {
        let index = integer(reader, prefix)?;
        let name = if index == 0 {
            string(reader)?
        } else {
            self.indexed(index)?.name
        };
        Some(Field {
            name,
            value: string(reader)?,
        })
    }

    /// The entry with this index over both tables (RFC 7541 section 2.3.3).
    fn indexed(&self, index: usize) -> Option<Field> {
        let place = index.checked_sub(1)?;
        if let Some((name, value)) = STATIC_TABLE.get(place) {
            return Some(Field {
                name: name.as_bytes().to_vec(),
                value: value.as_bytes().to_vec(),
            });
        }
        let newest = place.checked_sub(STATIC_ENTRIES)?;
        let at = self.table.len().checked_sub(newest.checked_add(1)?)?;
        self.table.get(at).cloned()
    }

    fn add(&mut self, field: Field) {
        let size = field.size();
        self.evict(self.limit.saturating_sub(size));
        if size <= self.limit {
            self.size = self.size.saturating_add(size);
            self.table.push(field);
        }
    }

    /// Drops the oldest entries until the table takes at most `target`.
    fn evict(&mut self, target: usize) {
        let mut drop = 0_usize;
        for field in &self.table {
            if self.size <= target {
                break;
            }
            self.size = self.size.saturating_sub(field.size());
            drop = drop.saturating_add(1);
        }
        self.table.drain(..drop);
    }

    /// Keeps the first of each field that matters.
    fn note(&mut self, field: &Field) {
        let slot = match field.name.as_slice() {
            b":method" => &mut self.fields.method,
            b":path" => &mut self.fields.path,
            b":authority" => &mut self.fields.authority,
            b"host" => &mut self.fields.host,
            _ => return,
        };
        if slot.is_empty() {
            slot.clone_from(&field.value);
        }
    }
}

/// An integer with a prefix of so many bits (RFC 7541 section 5.1); none here needs more than 28 bits.
fn integer(reader: &mut Reader<'_>, prefix: u8) -> Option<usize> {
    let mask = u8::MAX.checked_shr(8_u32.checked_sub(u32::from(prefix))?)?;
    let low = reader.u8()? & mask;
    let mut value = usize::from(low);
    if low < mask {
        return Some(value);
    }
    for shift in [0_u32, 7, 14, 21] {
        let byte = reader.u8()?;
        value = value.checked_add(usize::from(byte & 0x7f).checked_shl(shift)?)?;
        if byte & 0x80 == 0 {
            return Some(value);
        }
    }
    None
}

/// A string, plain or Huffman coded (RFC 7541 section 5.2).
fn string(reader: &mut Reader<'_>) -> Option<Vec<u8>> {
    let coded = reader.rest().first()? & 0x80 != 0;
    let length = integer(reader, 7)?;
    let bytes = reader.take(length)?;
    if coded {
        huffman::decode(bytes, MAX_STRING)
    } else {
        (length <= MAX_STRING).then(|| bytes.to_vec())
    }
}
