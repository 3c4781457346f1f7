//! Names: compression, bounds, spelling.

use super::build::{A, Build, encode};
use super::*;

fn name_of(bytes: &[u8], at: usize) -> Result<(DnsName, usize), DnsError> {
    DnsName::read(bytes, at)
}

/// Twelve bytes where a header would be, then these.
fn behind_header(bytes: &[u8]) -> Vec<u8> {
    [&[0; 12], bytes].concat()
}

#[test]
fn follows_pointers_backwards() {
    let bytes = behind_header(b"\x07example\0\x03www\xc0\x0c\x01a\xc0\x15");
    let (name, end) = name_of(&bytes, 27).unwrap();
    assert_eq!(name.to_string(), "a.www.example");
    assert_eq!(end, bytes.len());
    let (name, end) = name_of(&bytes, 12).unwrap();
    assert_eq!((name.to_string().as_str(), end), ("example", 21));
}

#[test]
fn refuses_pointers_that_do_not_go_back() {
    let itself = behind_header(b"\xc0\x0c");
    let forward = behind_header(b"\xc0\x0e\x01a\0");
    let round = behind_header(b"\x01a\xc0\x10\x01b\xc0\x0c");
    let header = behind_header(b"\xc0\x04");
    for bytes in [itself, forward, round, header] {
        assert_eq!(name_of(&bytes, 12).unwrap_err(), DnsError::NameLoops);
    }
}

#[test]
fn follows_so_many_pointers_and_no_more() {
    let chain = |pointers: u16| {
        let mut bytes = behind_header(b"\x01a\0");
        let mut last = 12_u16;
        for _ in 0..pointers {
            let at = u16::try_from(bytes.len()).unwrap();
            bytes.extend((0xc000 | last).to_be_bytes());
            last = at;
        }
        name_of(&bytes, bytes.len() - 2).map(|(name, _)| name.to_string())
    };
    assert_eq!(chain(127).unwrap(), "a");
    assert_eq!(chain(128).unwrap_err(), DnsError::NameLoops);
}

#[test]
fn a_name_has_at_most_255_octets() {
    let label = [&[63], [b'x'; 63].as_slice()].concat();
    let longest = [label.repeat(3).as_slice(), &[61], &[b'y'; 61], &[0]].concat();
    let bytes = behind_header(&longest);
    let (name, end) = name_of(&bytes, 12).unwrap();
    assert_eq!((name.as_bytes().len(), end), (253, bytes.len()));
    let longer = behind_header(&[label.repeat(3).as_slice(), &[62], &[b'y'; 62], &[0]].concat());
    assert_eq!(name_of(&longer, 12).unwrap_err(), DnsError::NameTooLong);
    // Also through a pointer.
    let pointed = [longest.as_slice(), &[1, b'z', 0xc0, 12]].concat();
    assert_eq!(
        name_of(&behind_header(&pointed), 12 + 255).unwrap_err(),
        DnsError::NameTooLong
    );
}

#[test]
fn refuses_reserved_label_types() {
    for kind in [0x40, 0x80, 0xbf] {
        assert_eq!(
            name_of(&behind_header(&[kind, 1, 0]), 12).unwrap_err(),
            DnsError::BadLabel
        );
    }
}

#[test]
fn a_name_that_ends_early_is_truncated() {
    let bytes = behind_header(b"\x07example\x03com\0");
    for end in 12..bytes.len() {
        assert_eq!(name_of(&bytes[..end], 12).unwrap_err(), DnsError::Truncated);
    }
    assert_eq!(
        name_of(&behind_header(b"\x01a\xc0"), 12).unwrap_err(),
        DnsError::Truncated
    );
}

#[test]
fn writes_odd_bytes_as_three_digits() {
    let bytes = behind_header(b"\x06a b\\c\xff\x02\xe5\xb0\0");
    let (name, _) = name_of(&bytes, 12).unwrap();
    assert_eq!(name.to_string(), r"a\032b\092c\255.\229\176");
    assert_eq!(name.as_host(), None);
}

#[test]
fn a_dot_inside_a_label_never_makes_a_host() {
    let bytes = behind_header(b"\x0eapi.openai.com\0");
    let (name, _) = name_of(&bytes, 12).unwrap();
    let (plain, _) = name_of(&behind_header(&encode("api.openai.com")), 12).unwrap();
    assert!(name.is_ambiguous() && !plain.is_ambiguous());
    assert_eq!(name.as_host(), None);
    assert_ne!(name, plain);
}

#[test]
fn the_root_is_empty() {
    let built = Build::query("", A);
    let name = read(&built.bytes, ON_53).unwrap().question().unwrap().name;
    assert!(name.is_root());
    assert_eq!((name.to_string().as_str(), name.as_host()), ("", None));
}

/// The alias leads into the question, to where a length of 48 octets seems to be: they end in the second record.
#[test]
fn a_cut_message_takes_no_name_for_something_else() {
    let mut bytes = vec![
        0, 1, 0x81, 0x80, 0, 1, 0, 2, 0, 0, 0, 0, 3, 48, b'b', b'c', 0, 0, 1, 0, 1,
    ];
    bytes.extend([0xc0, 12, 0, 5, 0, 1, 0, 0, 0, 9, 0, 2, 0xc0, 13]);
    bytes.extend([0xc0, 12, 0, 16, 0, 1, 0, 0, 0, 9, 0, 20]);
    bytes.extend([0; 20]);
    let told = |bytes: &[u8], cut| {
        let message = parse_datagram(bytes, cut, ON_53).unwrap();
        let records = message.records();
        records
            .map(|record| record.data.to_string())
            .collect::<Vec<_>>()
    };
    let whole = told(&bytes, false);
    assert!(whole.len() == 2 && whole[0].starts_with("bc"), "{whole:?}");
    for length in 21..bytes.len() {
        let cut = told(&bytes[..length], true);
        assert!(whole.starts_with(&cut), "{length}: {cut:?}");
    }
}
