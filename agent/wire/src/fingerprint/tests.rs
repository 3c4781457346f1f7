//! The fingerprints of known hellos, and the edge cases of the rules.

use crate::dissect::Progress;
use crate::dissect::tls::{Carrier, ClientHello};
use crate::testing::{Hello, alpn, numbers, server_name, short};

fn parse(message: &[u8]) -> ClientHello<'_> {
    let Progress::Done(hello) = ClientHello::parse(message, Carrier::Tcp) else {
        panic!("not read");
    };
    hello
}

/// A plain hello with other extensions.
fn with(extensions: Vec<(u16, Vec<u8>)>) -> Hello {
    Hello {
        extensions: Some(extensions),
        ..Hello::plain("x")
    }
}

#[test]
fn fingerprints_follow_the_published_rules() {
    // Computed apart from this code, from the rules.
    let message = Hello::browser("chatgpt.com").message();
    let hello = parse(&message);
    let ja3 = hello.ja3().expect("complete").to_string();
    let ja4 = hello.ja4().expect("complete").to_string();
    assert_eq!(ja3, "3fc36f78b1df80e54958446a329ed105");
    assert_eq!(ja4, "t13d1515h2_8daaf6152771_0a20fe35d3a5");
}

#[test]
fn gives_the_fingerprint_of_the_published_example() {
    let mut hello = Hello::browser("example.org");
    let extensions = hello.extensions.as_mut().expect("a browser has some");
    for (kind, data) in extensions.iter_mut().filter(|(kind, _)| *kind == 0xfe0d) {
        (*kind, *data) = (0x4469, vec![]);
    }
    extensions.push((21, vec![0; 8]));
    let message = hello.message();
    let ja4 = parse(&message).ja4().expect("complete");
    assert_eq!(ja4.as_str(), "t13d1516h2_8daaf6152771_e5627efa2ab1");
}

#[test]
fn ja4_covers_its_edge_cases() {
    let ja4 = |hello: &Hello| parse(&hello.message()).ja4().expect("complete").to_string();
    let digits = |text: String, from, to| {
        text.get(from..to)
            .map(str::to_owned)
            .expect("36 characters")
    };
    let alpn_digits = |protocol: &[u8]| digits(ja4(&with(vec![(16, alpn(&[protocol]))])), 8, 10);

    assert_eq!(alpn_digits(b"h2"), "h2");
    assert_eq!(alpn_digits(b"http/1.1"), "h1");
    assert_eq!(alpn_digits(b"x"), "xx");
    assert_eq!(alpn_digits(b"\xab"), "ab");
    assert_eq!(alpn_digits(b"\xab\xcd"), "ad");
    assert_eq!(alpn_digits(b"0\xab"), "3b");
    assert_eq!(alpn_digits(b"0\x31\x32\x33"), "03");
    assert_eq!(digits(ja4(&with(vec![])), 8, 10), "00");

    let nothing = Hello {
        ciphers: vec![],
        extensions: None,
        version: 0x0301,
        ..Hello::plain("x")
    };
    assert_eq!(ja4(&nothing), "t10i000000_000000000000_000000000000");
    // Name and ALPN count, but are not hashed.
    let two = ja4(&with(vec![(0, server_name(b"a")), (16, alpn(&[b"h2"]))]));
    assert_eq!(two, "t12d0302h2_40b44b994229_000000000000");
    // An empty name still says that a domain is meant.
    assert!(ja4(&with(vec![(0, vec![])])).starts_with("t12d"));
    // GREASE does not count, in the signature algorithms either.
    let grease = with(vec![
        (13, [vec![0, 4], numbers(&[0x0a0a, 0x0403])].concat()),
        (0x1a1a, vec![]),
    ]);
    let plain = with(vec![(13, [vec![0, 2], numbers(&[0x0403])].concat())]);
    assert_eq!(ja4(&grease), ja4(&plain));
    // More than 99 of anything is 99.
    let many = Hello {
        ciphers: (1..=120).collect(),
        ..with((100..220).map(|k| (k, vec![])).collect())
    };
    assert!(ja4(&many).starts_with("t12i999900_"));
    let old = |version| {
        digits(
            ja4(&Hello {
                version,
                ..with(vec![])
            }),
            1,
            3,
        )
    };
    assert_eq!(
        [old(0x0300), old(0x0002), old(0x0304), old(0x7777)],
        ["s3", "s2", "13", "00"]
    );
    let versions = with(vec![(43, short(&numbers(&[0xfafa, 0x0303, 0x0304])))]);
    assert!(ja4(&versions).starts_with("t13"));
}
