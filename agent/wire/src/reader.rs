//! The only code that moves through bytes: a cursor that never reads past its end.

/// A cursor over bytes that somebody else wrote.
#[derive(Clone, Copy, Debug)]
pub struct Reader<'a> {
    bytes: &'a [u8],
    position: usize,
}

impl<'a> Reader<'a> {
    /// Starts at the first of `bytes`.
    pub const fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, position: 0 }
    }

    /// How many bytes have been taken.
    pub const fn position(&self) -> usize {
        self.position
    }

    /// How many bytes are left.
    pub const fn left(&self) -> usize {
        self.bytes.len().saturating_sub(self.position)
    }

    /// Whether no byte is left.
    pub const fn is_empty(&self) -> bool {
        self.left() == 0
    }

    /// The bytes that are left, without taking them.
    pub fn rest(&self) -> &'a [u8] {
        self.bytes.get(self.position..).unwrap_or_default()
    }

    /// Takes the next `count` bytes; `None`, and nothing taken, when there are fewer.
    pub fn take(&mut self, count: usize) -> Option<&'a [u8]> {
        let end = self.position.checked_add(count)?;
        let taken = self.bytes.get(self.position..end)?;
        self.position = end;
        Some(taken)
    }

    /// Takes the next `N` bytes.
    pub fn take_array<const N: usize>(&mut self) -> Option<[u8; N]> {
        self.rest().first_chunk::<N>().copied().inspect(|_| {
            self.position = self.position.saturating_add(N);
        })
    }

    /// Takes one byte.
    pub fn u8(&mut self) -> Option<u8> {
        self.take_array::<1>().map(|[byte]| byte)
    }

    /// Takes a 16-bit number in network order.
    pub fn u16(&mut self) -> Option<u16> {
        self.take_array().map(u16::from_be_bytes)
    }

    /// Takes a 24-bit number in network order.
    pub fn u24(&mut self) -> Option<u32> {
        self.take_array::<3>()
            .map(|[a, b, c]| u32::from_be_bytes([0, a, b, c]))
    }

    /// Takes a 32-bit number in network order.
    pub fn u32(&mut self) -> Option<u32> {
        self.take_array().map(u32::from_be_bytes)
    }

    /// Takes a 64-bit number in network order.
    pub fn u64(&mut self) -> Option<u64> {
        self.take_array().map(u64::from_be_bytes)
    }

    /// Takes `count` bytes as a reader of their own.
    pub fn sub(&mut self, count: usize) -> Option<Self> {
        self.take(count).map(Self::new)
    }

    /// Takes whatever is left.
    pub fn all(&mut self) -> &'a [u8] {
        let rest = self.rest();
        self.position = self.bytes.len();
        rest
    }
}
