//! The options at the end of a block.

use crate::file::order::ByteOrder;

const END: u16 = 0;

/// The options of a block: code, length, value, padded to 4 bytes.
#[derive(Clone, Copy, Debug)]
pub(super) struct Options<'b> {
    pub(super) order: ByteOrder,
    pub(super) rest: &'b [u8],
}

impl<'b> Iterator for Options<'b> {
    type Item = (u16, &'b [u8]);

    fn next(&mut self) -> Option<Self::Item> {
        let (header, rest) = self.rest.split_first_chunk::<4>()?;
        let [c0, c1, l0, l1] = *header;
        let code = self.order.u16([c0, c1]);
        let length = usize::from(self.order.u16([l0, l1]));
        let value = rest.get(..length)?;
        self.rest = rest.get(length.next_multiple_of(4)..).unwrap_or_default();
        (code != END).then_some((code, value))
    }
}
