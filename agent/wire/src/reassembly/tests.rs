//! Order, overlaps, holes and bounds, against a plain model of the stream.

use proptest::prelude::*;

use super::*;

const START: u32 = u32::MAX - 40;

/// Takes segments and collects what comes in order.
#[derive(Default)]
struct Reader {
    stream: Reassembly,
    read: Vec<u8>,
    differs: usize,
}

impl Reader {
    fn new() -> Self {
        let mut reader = Self::default();
        reader.stream.start_at(START);
        reader
    }

    fn accept(&mut self, at: usize, bytes: &[u8], missing: usize) {
        let seq = START.wrapping_add(u32::try_from(at).expect("short"));
        let length = u32::try_from(bytes.len() + missing).expect("short");
        self.take(seq, bytes, length);
        while let Some(piece) = self.stream.pop_ready() {
            let length = u32::try_from(piece.bytes.len()).expect("short") + piece.missing;
            self.take(piece.seq, &piece.bytes, length);
        }
    }

    fn take(&mut self, seq: u32, bytes: &[u8], length: u32) {
        let differs = &mut self.differs;
        let mut report = |error| *differs += usize::from(error == StreamError::OverlapDiffers);
        if let Accepted::InOrder { bytes, missing } =
            self.stream.accept(seq, bytes, length, &mut report)
        {
            self.read.extend(bytes);
            self.stream.consumed(bytes, bytes.len(), 0, missing);
            self.stream.settle();
        }
    }
}

proptest! {
    #[test]
    fn any_cover_of_the_stream_gives_the_stream(
        bytes in prop::collection::vec(any::<u8>(), 1..300),
        segments in prop::collection::vec((any::<prop::sample::Index>(), 1_usize..60), 0..40),
    ) {
        let mut reader = Reader::new();
        for (at, length) in segments {
            let at = at.index(bytes.len());
            reader.accept(at, &bytes[at..(at + length).min(bytes.len())], 0);
        }
        for at in (0..bytes.len()).rev() {
            reader.accept(at, &bytes[at..=at], 0);
        }
        prop_assert_eq!(reader.read, bytes);
        prop_assert_eq!(reader.differs, 0);
        prop_assert_eq!(reader.stream.memory(), 0);
    }

    #[test]
    fn what_came_first_is_what_is_read(
        segments in prop::collection::vec((0_usize..60, 1_usize..20), 1..30),
    ) {
        // Each segment holds its own number, so that it shows which one was read.
        let mut model: [Option<u8>; 100] = [None; 100];
        let mut reader = Reader::new();
        for (number, (at, length)) in segments.into_iter().enumerate() {
            let number = u8::try_from(number).expect("few");
            for slot in &mut model[at + 1..=at + length] {
                slot.get_or_insert(number);
            }
            // Nothing is read before the first byte comes.
            reader.accept(at + 1, &vec![number; length], 0);
        }
        prop_assert!(reader.read.is_empty());
        reader.accept(0, &[255], 0);
        let expected: Vec<u8> = model[1..].iter().map_while(|slot| *slot).collect();
        prop_assert_eq!(&reader.read[1..], expected);
    }

    #[test]
    fn nothing_makes_it_hold_more_than_its_caps(
        segments in prop::collection::vec((any::<u32>(), 0_usize..3000, 0_u32..9000), 0..300),
        skip in any::<u64>(),
    ) {
        let mut stream = Reassembly::default();
        stream.start_at(START);
        stream.skip(skip);
        for (seq, length, missing) in segments {
            let bytes = vec![0; length];
            let wire = u32::try_from(length).expect("short") + missing;
            if let Accepted::InOrder { bytes, missing } = stream.accept(seq, &bytes, wire, &mut |_| {}) {
                stream.consumed(bytes, bytes.len(), 0, missing);
                stream.settle();
            }
            prop_assert!(stream.waiting() <= MAX_HELD);
            prop_assert!(stream.memory() <= 2 * (MAX_HELD + MAX_PIECES * size_of::<Piece>()));
        }
    }
}

#[test]
fn skipped_bytes_need_not_be_captured() {
    let mut reader = Reader::new();
    reader.stream.skip(1000);
    reader.accept(100, &[1; 50], 400);
    reader.accept(990, &[2; 20], 0);
    reader.accept(1010, &[3; 5], 0);
    assert_eq!(reader.read, [[2; 10].as_slice(), &[3; 5]].concat());
}

#[test]
fn a_segment_behind_the_skipped_bytes_ends_them() {
    let mut reader = Reader::new();
    reader.stream.skip(1000);
    reader.accept(1005, &[2; 5], 0);
    assert!(reader.read.is_empty());
    reader.accept(1000, &[1; 5], 0);
    assert_eq!(reader.read, [[1; 5], [2; 5]].concat());
}

#[test]
fn a_repeated_frame_may_bring_what_the_first_one_lacked() {
    let mut reader = Reader::new();
    reader.accept(0, &[1; 10], 90);
    assert_eq!(reader.stream.missing(), 90);
    reader.accept(0, &[1; 100], 0);
    assert_eq!(reader.read, [1; 100]);
    assert_eq!(reader.stream.missing(), 0);
}

#[test]
fn other_bytes_in_a_repetition_are_counted() {
    let mut stream = Reassembly::default();
    stream.start_at(START);
    let mut differs = 0;
    let mut report = |_| differs += 1;
    stream.consumed(b"abcdef", 0, 0, 0);
    stream.accept(START.wrapping_add(2), b"cdXf", 4, &mut report);
    stream.accept(START.wrapping_sub(3), b"...abcdef", 9, &mut report);
    assert_eq!(differs, 1);
}

#[test]
fn a_frame_of_which_nothing_was_captured_holds_no_place() {
    let mut reader = Reader::new();
    reader.accept(100, &[], 10);
    reader.accept(100, &[2; 50], 0);
    reader.accept(0, &[1; 100], 0);
    assert_eq!(reader.read, [[1; 100].as_slice(), &[2; 50]].concat());
}

#[test]
fn a_piece_fills_what_a_cut_frame_lacks() {
    let mut reader = Reader::new();
    reader.accept(20, &[3; 10], 0);
    reader.accept(10, &[2; 5], 100);
    reader.accept(0, &[1; 10], 0);
    assert_eq!(reader.read, [[1; 10].as_slice(), &[2; 5]].concat());
    assert_eq!(reader.stream.missing(), 5);
    reader.accept(15, &[9; 5], 0);
    assert_eq!(reader.read.len(), 30);
}
