//! Puts pieces of a handshake message in order, whatever order they come in.

/// The longest handshake message that is put together, in bytes, header included.
pub(crate) const MAX_MESSAGE: usize = 64 << 10;

/// The most pieces that are kept apart; a browser that shuffles its hello sends a few dozen.
const MAX_PIECES: usize = 1024;

/// Room that is made for pieces in [`Assembly::reserve`].
const FIRST_PIECES: usize = 16;

/// Why a piece was not taken.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum AssemblyError {
    /// It lies past [`MAX_MESSAGE`].
    TooFar,
    /// There are too many pieces with gaps between them.
    TooManyPieces,
}

/// Bytes of one message, each offset held once: what came first stays.
#[derive(Debug, Default)]
pub(crate) struct Assembly {
    /// The bytes in the order they came.
    bytes: Vec<u8>,
    /// Where they belong, by offset, without overlaps.
    pieces: Vec<Piece>,
}

#[derive(Clone, Copy, Debug)]
struct Piece {
    offset: usize,
    at: usize,
    len: usize,
}

impl Piece {
    const fn end(&self) -> usize {
        self.offset.saturating_add(self.len)
    }
}

impl Assembly {
    /// Starts empty, with nothing allocated.
    pub(crate) const fn new() -> Self {
        Self {
            bytes: Vec::new(),
            pieces: Vec::new(),
        }
    }

    /// Bytes of memory held.
    pub(crate) fn memory(&self) -> usize {
        let pieces = self.pieces.capacity().saturating_mul(size_of::<Piece>());
        self.bytes.capacity().saturating_add(pieces)
    }

    /// Makes room for pieces that come at once and have `bytes` bytes in all.
    pub(crate) fn reserve(&mut self, bytes: usize) {
        self.bytes.reserve(bytes);
        if self.pieces.is_empty() {
            self.pieces.reserve_exact(FIRST_PIECES);
        }
    }

    /// Takes the part of `data`, which belongs at `offset`, that is not there yet.
    pub(crate) fn insert(&mut self, offset: u64, data: &[u8]) -> Result<(), AssemblyError> {
        let offset = usize::try_from(offset).map_err(|_| AssemblyError::TooFar)?;
        let end = offset.saturating_add(data.len());
        if end > MAX_MESSAGE {
            return Err(AssemblyError::TooFar);
        }
        let mut start = offset;
        let mut index = self.pieces.partition_point(|piece| piece.end() <= start);
        while start < end {
            let next = self.pieces.get(index).copied();
            if let Some(piece) = next.filter(|piece| piece.offset <= start) {
                start = piece.end();
                index = index.saturating_add(1);
                continue;
            }
            let stop = next.map_or(end, |piece| piece.offset.min(end));
            let from = start.saturating_sub(offset);
            let new = data
                .get(from..stop.saturating_sub(offset))
                .unwrap_or_default();
            index = self.add(index, start, new)?;
            start = stop;
        }
        Ok(())
    }

    /// Puts `new` before the piece at `index`; gives the index behind it.
    fn add(&mut self, index: usize, offset: usize, new: &[u8]) -> Result<usize, AssemblyError> {
        let at = self.bytes.len();
        let before = index
            .checked_sub(1)
            .and_then(|before| self.pieces.get_mut(before));
        if let Some(before) =
            before.filter(|piece| piece.end() == offset && piece.at.saturating_add(piece.len) == at)
        {
            before.len = before.len.saturating_add(new.len());
            self.bytes.extend_from_slice(new);
            return Ok(index);
        }
        if self.pieces.len() >= MAX_PIECES {
            return Err(AssemblyError::TooManyPieces);
        }
        self.bytes.extend_from_slice(new);
        self.pieces.insert(
            index,
            Piece {
                offset,
                at,
                len: new.len(),
            },
        );
        Ok(index.saturating_add(1))
    }

    /// How many bytes are there from the start without a gap.
    pub(crate) fn contiguous(&self) -> usize {
        let mut end = 0;
        for piece in &self.pieces {
            if piece.offset > end {
                break;
            }
            end = piece.end();
        }
        end
    }

    /// The bytes from the start without a gap, at most `limit` of them, in order.
    pub(crate) fn prefix(&self, limit: usize) -> Vec<u8> {
        let mut prefix = Vec::with_capacity(self.contiguous().min(limit));
        for piece in &self.pieces {
            let left = limit.saturating_sub(prefix.len());
            if piece.offset > prefix.len() || left == 0 {
                break;
            }
            let end = piece.at.saturating_add(piece.len.min(left));
            prefix.extend_from_slice(self.bytes.get(piece.at..end).unwrap_or_default());
        }
        prefix
    }
}
