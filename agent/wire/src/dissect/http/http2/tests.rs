//! The examples of RFC 7541 appendix C, and frames in all the ways they may come.

use super::*;
use crate::dissect::Direction;
use crate::dissect::dns::Ports;

fn bytes(hex: &str) -> Vec<u8> {
    let digits: Vec<u32> = hex.chars().filter_map(|digit| digit.to_digit(16)).collect();
    digits
        .as_chunks::<2>()
        .0
        .iter()
        .map(|[high, low]| u8::try_from(high * 16 + low).expect("two digits"))
        .collect()
}

#[test]
fn huffman_reads_the_examples_of_the_rfc() {
    for (code, text) in [
        ("f1e3 c2e5 f23a 6ba0 ab90 f4ff", "www.example.com"),
        ("a8eb 1064 9cbf", "no-cache"),
        ("25a8 49e9 5ba9 7d7f", "custom-key"),
        ("25a8 49e9 5bb8 e8b4 bf", "custom-value"),
        ("6402", "302"),
        ("aec3 771a 4b", "private"),
        (
            "d07a be94 1054 d444 a820 0595 040b 8166 e082 a62d 1bff",
            "Mon, 21 Oct 2013 20:13:21 GMT",
        ),
        (
            "9d29 ad17 1863 c78f 0b97 c8e9 ae82 ae43 d3",
            "https://www.example.com",
        ),
        (
            "94e7 821d d7f2 e6c7 b335 dfdf cd5b 3960 d5af 2708 7f36 72c1 ab27 0fb5 291f 9587 3160 65c0 03ed 4ee5 b106 3d50 07",
            "foo=ASDJKHQKBZXOQWEOPIUAXQWEOIU; max-age=3600; version=1",
        ),
    ] {
        assert_eq!(
            huffman::decode(&bytes(code), 100).as_deref(),
            Some(text.as_bytes()),
            "{text}"
        );
    }
}

#[test]
fn huffman_refuses_bad_padding_the_end_of_string_and_long_text() {
    assert_eq!(huffman::decode(&bytes("a8eb 1064 9cbe"), 100), None);
    assert_eq!(huffman::decode(&bytes("ffff ffff"), 100), None);
    assert_eq!(huffman::decode(&bytes("6402 ff"), 100), None);
    assert_eq!(huffman::decode(&bytes("6402"), 2), None);
}

#[test]
fn blocks_of_the_rfc_name_their_request() {
    for block in [
        "828684410f7777772e6578616d706c652e636f6d",
        "828684418cf1e3c2e5f23a6ba0ab90f4ff",
    ] {
        let fields = hpack::decode(&bytes(block)).expect("a block");
        assert_eq!(fields.method, b"GET");
        assert_eq!(fields.path, b"/");
        assert_eq!(fields.authority, b"www.example.com");
    }
}

#[test]
fn entries_that_the_block_adds_can_be_used_in_it() {
    // A new entry "host: a" (index 62), then that entry, then a size update that drops it.
    let fields = hpack::decode(&bytes("82 66 01 61 be")).expect("a block");
    assert_eq!(fields.host, b"a");
    assert!(hpack::decode(&bytes("82 66 01 61 bf")).is_none());
    assert!(hpack::decode(&bytes("82 66 01 61 20 be")).is_none());
    assert!(hpack::decode(&bytes("80")).is_none());
    assert!(hpack::decode(&bytes("3f ff ff ff ff 0f")).is_none());
}

/// Feeds frames behind the preface, one at a time.
fn read(mut frames: &[u8]) -> (Vec<String>, Step) {
    let mut names = Vec::new();
    let mut sink = |_: Direction, message: Message<'_>| {
        if let Message::Http2(request) = message {
            names.push(
                request
                    .name()
                    .map_or(String::new(), |name| name.to_string()),
            );
        }
    };
    let mut out = Output::new(Direction::ToResponder, Ports { src: 1, dst: 2 }, &mut sink);
    let mut http2 = Http2::default();
    let step = loop {
        match http2.step(frames, &mut out) {
            Step::Take(count) => frames = frames.get(count..).expect("taken from it"),
            Step::Skip(count) => {
                frames = frames
                    .get(usize::try_from(count).expect("short")..)
                    .expect("there");
            }
            step @ (Step::Need(_) | Step::Lost | Step::Close) => break step,
        }
    };
    (names, step)
}

fn frame(kind: u8, flags: u8, stream: u8, payload: &[u8]) -> Vec<u8> {
    let length = u16::try_from(payload.len()).expect("short").to_be_bytes();
    let mut frame = vec![0, length[0], length[1], kind, flags, 0, 0, 0, stream];
    frame.extend(payload);
    frame
}

#[test]
fn a_block_may_be_padded_and_continued() {
    let block = bytes("828684410f7777772e6578616d706c652e636f6d");
    let (first, rest) = block.split_at(5);
    let padded = [&[3, 0, 0, 0, 0, 16], first, &[0; 3]].concat();
    let settings = frame(4, 0, 0, &[]);
    let frames = [
        settings,
        frame(1, PADDED | PRIORITY, 1, &padded),
        frame(9, END_HEADERS, 1, rest),
    ];
    assert_eq!(
        read(&frames.concat()),
        (vec!["www.example.com".to_owned()], Step::Close)
    );
}

#[test]
fn frames_that_break_the_rules_end_it() {
    let block = bytes("8286844101 61");
    for frames in [
        frame(1, END_HEADERS, 0, &block),
        frame(9, END_HEADERS, 1, &block),
        [frame(1, 0, 1, &block), frame(4, 0, 0, &[])].concat(),
        frame(1, END_HEADERS | PADDED, 1, &[200]),
        frame(1, END_HEADERS, 1, &[0x84]),
        frame(4, 0, 0, &[]).repeat(100),
        vec![0xff; 20],
    ] {
        assert_eq!(read(&frames), (vec![], Step::Close));
    }
}
