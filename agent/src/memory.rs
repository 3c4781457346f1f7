//! Where the program's memory comes from: the system's allocator, with large pages for large tables.
//!
//! The table of flows and what goes with it take many MiB on a tap. In pages of 4 KiB each of them costs a fault when it
//! is first touched and a walk of the page tables when it is touched again; in pages of 2 MiB there is next to none of
//! either. So blocks of at least that size begin at such a page, and the system is asked to back them with large ones
//! (madvise(2), `MADV_HUGEPAGE`). It is a wish: where the system has none to give, or was told to give none, the block
//! is as any other.
#![expect(
    unsafe_code,
    reason = "an allocator is an unsafe trait, and advice is a call into the system's C library"
)]

use std::alloc::{GlobalAlloc, Layout, System};

/// Size of a large page, and of the smallest block that is laid out for them.
const LARGE_PAGE: usize = 2 << 20;

/// The system's allocator, with large pages for large blocks.
#[derive(Clone, Copy, Debug)]
pub struct LargePages;

/// What a run over a capture file may take before small blocks are in small pages again: address space, not memory.
#[cfg(target_env = "gnu")]
const ROOM: usize = 64 << 20;

/// Prepares for a run that takes much memory in small blocks and ends soon: they, too, lie in large pages then, and what is
/// freed is not given back before the end. Other allocators than the GNU C library's are left as they are.
pub(crate) fn expect_a_short_run() {
    #[cfg(target_env = "gnu")]
    {
        let bound = libc::c_int::try_from(2 * ROOM).unwrap_or(libc::c_int::MAX);
        for parameter in [libc::M_MMAP_THRESHOLD, libc::M_TRIM_THRESHOLD] {
            // SAFETY: sets a parameter of the allocator, which takes any number for these two.
            unsafe { libc::mallopt(parameter, bound) };
        }
        let Ok(layout) = Layout::from_size_align(ROOM, LARGE_PAGE) else {
            return;
        };
        // SAFETY: the size is not zero.
        let block = unsafe { LargePages.alloc(layout) };
        if !block.is_null() {
            // SAFETY: the block was just allocated with this layout. It was never touched, and the heap that it was cut from
            // goes on with the same addresses.
            unsafe { LargePages.dealloc(block, layout) };
        }
    }
}

/// The layout under which a block is really asked for: the same when it is given back.
const fn layout_of(layout: Layout) -> Layout {
    if layout.size() < LARGE_PAGE || layout.align() >= LARGE_PAGE {
        return layout;
    }
    match Layout::from_size_align(layout.size(), LARGE_PAGE) {
        Ok(aligned) => aligned,
        Err(_) => layout,
    }
}

/// Asks for large pages behind the whole ones of a block.
fn advise(block: *mut u8, size: usize) {
    let whole = size & !(LARGE_PAGE - 1);
    if block.is_null() || whole == 0 || !block.addr().is_multiple_of(LARGE_PAGE) {
        return;
    }
    // SAFETY: the range is part of a block that was just allocated, begins at a page, and keeps its contents.
    unsafe { libc::madvise(block.cast(), whole, libc::MADV_HUGEPAGE) };
}

// SAFETY: every block comes from `System` and goes back to it under one layout, which depends on the caller's alone and
// is at least as large and as aligned.
unsafe impl GlobalAlloc for LargePages {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        // SAFETY: the caller's promise holds for the layout made of theirs, whose size is the same.
        let block = unsafe { System.alloc(layout_of(layout)) };
        advise(block, layout.size());
        block
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        if layout_of(layout) == layout {
            // SAFETY: the caller's own promise.
            return unsafe { System.alloc_zeroed(layout) };
        }
        // SAFETY: the caller's own promise.
        let block = unsafe { self.alloc(layout) };
        if !block.is_null() {
            // SAFETY: the block was just allocated with this size.
            unsafe { block.write_bytes(0, layout.size()) };
        }
        block
    }

    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        // SAFETY: the block came from `alloc`, which asked for this layout.
        unsafe { System.dealloc(block, layout_of(layout)) };
    }

    unsafe fn realloc(&self, block: *mut u8, layout: Layout, new_size: usize) -> *mut u8 {
        if layout.size() < LARGE_PAGE && new_size < LARGE_PAGE {
            // SAFETY: the caller's own promise.
            return unsafe { System.realloc(block, layout, new_size) };
        }
        // SAFETY: the caller promises that the new size with this alignment is a layout.
        let new_layout = unsafe { Layout::from_size_align_unchecked(new_size, layout.align()) };
        // SAFETY: the caller's own promise: the new size is not zero.
        let moved = unsafe { self.alloc(new_layout) };
        if !moved.is_null() {
            let kept = layout.size().min(new_size);
            // SAFETY: both blocks have room for this many bytes, and one is new.
            unsafe { block.copy_to_nonoverlapping(moved, kept) };
            // SAFETY: the block came from `alloc` with this layout.
            unsafe { self.dealloc(block, layout) };
        }
        moved
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn layout(size: usize) -> Layout {
        Layout::from_size_align(size, 8).unwrap()
    }

    #[test]
    fn a_large_block_begins_at_a_large_page_and_is_zero_when_that_was_asked_for() {
        let layout = layout(LARGE_PAGE + 8);
        // SAFETY: the size is not zero.
        let block = unsafe { LargePages.alloc_zeroed(layout) };
        assert!(block.addr().is_multiple_of(LARGE_PAGE));
        // SAFETY: the block has this size and was written to by the allocator.
        let bytes = unsafe { std::slice::from_raw_parts(block, layout.size()) };
        assert!(bytes.iter().all(|byte| *byte == 0));
        // SAFETY: the block came from there with this layout.
        unsafe { LargePages.dealloc(block, layout) };
    }

    #[test]
    fn a_block_keeps_its_bytes_while_it_grows_and_shrinks() {
        let sizes = [
            24,
            LARGE_PAGE - 1,
            LARGE_PAGE,
            3 * LARGE_PAGE + 7,
            LARGE_PAGE + 1,
            40,
        ];
        // SAFETY: the size is not zero.
        let mut block = unsafe { LargePages.alloc(layout(24)) };
        // SAFETY: the block has that many bytes.
        unsafe { block.write_bytes(0x5a, 24) };
        for pair in sizes.windows(2) {
            let [before, after] = *pair else { continue };
            // SAFETY: the block came from there with this layout, and the new size is not zero.
            block = unsafe { LargePages.realloc(block, layout(before), after) };
            // SAFETY: the block has at least that many bytes, written above.
            let bytes = unsafe { std::slice::from_raw_parts(block, 24) };
            assert!(
                bytes.iter().all(|byte| *byte == 0x5a),
                "{before} to {after}"
            );
        }
        // SAFETY: the block came from there with this layout.
        unsafe { LargePages.dealloc(block, layout(40)) };
    }

    #[test]
    fn a_short_run_is_prepared_for_and_memory_is_had_after_it() {
        expect_a_short_run();
        let some: Vec<Vec<u8>> = (0..1000).map(|size| vec![1; size]).collect();
        assert_eq!(some.iter().map(Vec::len).sum::<usize>(), 499_500);
    }
}
