//! The bytes of a file, inflated when it is compressed.

use std::fs::File;
use std::io::{self, BufReader, Chain, Cursor, Read};
use std::path::Path;

use flate2::bufread::MultiGzDecoder;

use crate::Error;

/// Compressed bytes are read in blocks of this size.
const COMPRESSED_READ_BYTES: usize = 64 * 1024;

const GZIP_MAGIC: [u8; 2] = [0x1f, 0x8b];

/// Opens a file and gives its bytes, inflated when it is compressed with gzip.
///
/// A digest of these bytes names a capture whether it is compressed or not.
///
/// # Errors
/// When the file cannot be opened or its first bytes cannot be read.
pub fn open_bytes(path: &Path) -> Result<CaptureBytes, Error> {
    let mut file = File::open(path).map_err(|source| Error::Open {
        path: path.to_owned(),
        source,
    })?;
    let total = file.metadata().map_or(0, |metadata| metadata.len());
    let mut magic = Vec::with_capacity(GZIP_MAGIC.len());
    Read::by_ref(&mut file)
        .take(GZIP_MAGIC.len() as u64)
        .read_to_end(&mut magic)
        .map_err(|source| Error::Read {
            path: path.to_owned(),
            source,
        })?;
    let compressed = magic == GZIP_MAGIC;
    let counted = Counted {
        inner: Cursor::new(magic).chain(file),
        count: 0,
    };
    let kind = if compressed {
        let buffered = BufReader::with_capacity(COMPRESSED_READ_BYTES, counted);
        Kind::Gzip(MultiGzDecoder::new(buffered))
    } else {
        Kind::Plain(counted)
    };
    Ok(CaptureBytes { kind, total })
}

/// The bytes of a capture file, inflated when it is compressed.
#[derive(Debug)]
pub struct CaptureBytes {
    kind: Kind,
    total: u64,
}

#[derive(Debug)]
enum Kind {
    Plain(Counted),
    Gzip(MultiGzDecoder<BufReader<Counted>>),
}

/// Counts what is read from the file itself.
#[derive(Debug)]
struct Counted {
    inner: Chain<Cursor<Vec<u8>>, File>,
    count: u64,
}

impl Read for Counted {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.inner.read(buffer)?;
        self.count = self.count.saturating_add(read as u64);
        Ok(read)
    }
}

impl CaptureBytes {
    /// Bytes taken from the file itself, and its size (0 when it has none, as a pipe).
    pub fn position(&self) -> (u64, u64) {
        let count = match &self.kind {
            Kind::Plain(file) => file.count,
            Kind::Gzip(decoder) => decoder.get_ref().get_ref().count,
        };
        (count, self.total)
    }

    /// Whether an error means that compressed data is damaged, not that the medium failed.
    pub(super) fn is_damage(&self, error: &io::Error) -> bool {
        use io::ErrorKind::{InvalidData, InvalidInput, UnexpectedEof};
        matches!(self.kind, Kind::Gzip(_))
            && matches!(error.kind(), InvalidData | InvalidInput | UnexpectedEof)
    }
}

impl Read for CaptureBytes {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match &mut self.kind {
            Kind::Plain(file) => file.read(buffer),
            Kind::Gzip(decoder) => decoder.read(buffer),
        }
    }
}
