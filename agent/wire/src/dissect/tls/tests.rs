//! ClientHellos of all makings, whole, cut and broken, and against another parser.

use proptest::prelude::*;
use tls_parser::{TlsExtension, TlsMessage, TlsMessageHandshake};

use super::*;
use crate::dissect::Progress;
use crate::testing::{Hello, server_name};

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

fn name(hello: &ClientHello<'_>) -> Option<String> {
    hello.server_name().map(|name| name.to_string())
}

#[test]
fn reads_what_a_browser_offers() {
    let message = Hello::browser("ChatGPT.com").message();
    let hello = parse(&message);
    assert!(hello.is_complete());
    assert_eq!(name(&hello).as_deref(), Some("chatgpt.com"));
    assert_eq!(
        hello.alpn().collect::<Vec<_>>(),
        [b"h2".as_slice(), b"http/1.1"]
    );
    assert_eq!(hello.ech(), Ech::Present);
    assert_eq!(hello.legacy_version(), 0x0303);
    assert_eq!(
        hello.supported_versions().collect::<Vec<_>>(),
        [0x5a5a, 0x0304, 0x0303]
    );
    assert_eq!(hello.cipher_suites().count(), 16);
    assert_eq!(hello.groups().nth(1), Some(0x11ec));
    assert_eq!(hello.signature_algorithms().next(), Some(0x0403));
    assert_eq!(hello.random(), &[7; 32]);
    assert_eq!(hello.session_id(), [9; 32]);
    assert!(!hello.has_early_data());
    assert_eq!(hello.extensions().count(), 17);
}

#[test]
fn gives_no_name_when_there_is_none_or_it_is_empty() {
    let cases = [
        vec![],
        vec![(0, vec![])],
        vec![(0, server_name(b""))],
        vec![(0, vec![0, 9, 0])],
    ];
    for extensions in cases {
        let message = with(extensions).message();
        assert!(parse(&message).server_name().is_none());
    }
    let without_block = Hello {
        extensions: None,
        ..Hello::plain("x")
    }
    .message();
    assert!(parse(&without_block).server_name().is_none());
    assert_eq!(parse(&without_block).extensions().count(), 0);
}

#[test]
fn takes_the_first_host_name_and_an_address_as_it_is() {
    let other_type_first = vec![0, 10, 1, 0, 1, b'x', 0, 0, 3, b'a', b'.', b'b'];
    let message = with(vec![(0, other_type_first)]).message();
    assert_eq!(name(&parse(&message)).as_deref(), Some("a.b"));
    let message = Hello::plain("192.0.2.1").message();
    assert_eq!(name(&parse(&message)).as_deref(), Some("192.0.2.1"));
}

#[test]
fn tells_the_two_ways_to_hide_a_name_apart() {
    let ech = |kinds: &[u16]| {
        let extensions = kinds.iter().map(|kind| (*kind, vec![0])).collect();
        parse(&with(extensions).message()).ech()
    };
    assert_eq!(ech(&[]), Ech::None);
    assert_eq!(ech(&[0xfe0d]), Ech::Present);
    assert_eq!(ech(&[0xfe09]), Ech::Present);
    assert_eq!(ech(&[0xffce]), Ech::Esni);
    assert_eq!(ech(&[0xfe0d, 0xffce]), Ech::Present);
    assert_eq!(ech(&[0xffce, 0xfe0d]), Ech::Present);
    assert_eq!(ech(&[0xff02]), Ech::None);
}

#[test]
fn refuses_lengths_that_leave_the_message() {
    let reject = |message: &[u8]| match ClientHello::parse(message, Carrier::Tcp) {
        Progress::Reject(error) => Some(error),
        Progress::Done(_) | Progress::NeedMore => None,
    };
    assert_eq!(reject(&[2, 0, 0, 0]), Some(TlsError::NotClientHello));
    assert_eq!(reject(&[1, 0, 0, 0]), Some(TlsError::BadLength));
    let mut long_extension = Hello::plain("a.example").message();
    // The length of the server name extension, behind its type.
    let at = long_extension.len() - 15;
    long_extension[at] = 0xff;
    assert_eq!(reject(&long_extension), Some(TlsError::BadLength));
}

#[test]
fn reads_a_dtls_body_with_its_cookie() {
    let hello = Hello {
        version: 0xfefd,
        cookie: Some(vec![1; 20]),
        ..Hello::plain("d.example")
    };
    let body = hello.body();
    let read = ClientHello::parse_body(&body, Carrier::Datagram).expect("a hello");
    assert_eq!(name(&read).as_deref(), Some("d.example"));
    assert!(
        read.ja4()
            .expect("complete")
            .as_str()
            .starts_with("dd2d0301")
    );
}

#[test]
fn a_cut_hello_is_given_only_with_its_whole_name() {
    let message = Hello::browser("platform.openai.com").message();
    let name_end = message
        .windows(19)
        .position(|w| w == b"platform.openai.com")
        .expect("there")
        + 19;
    for length in 0..message.len() {
        let cut = &message[..length];
        assert!(!matches!(
            ClientHello::parse(cut, Carrier::Tcp),
            Progress::Done(_)
        ));
        match ClientHello::prefix(cut, Carrier::Tcp) {
            Some(hello) => {
                assert!(length >= name_end);
                assert!(!hello.is_complete());
                assert_eq!(name(&hello).as_deref(), Some("platform.openai.com"));
                assert!(hello.ja3().is_none() && hello.ja4().is_none());
            }
            None => assert!(length < name_end),
        }
    }
}

/// A hello with a few of its parts changed.
fn any_hello() -> impl Strategy<Value = Hello> {
    let extension = (
        prop_oneof![
            Just(0_u16),
            Just(10),
            Just(13),
            Just(16),
            Just(43),
            Just(0xfe0d),
            any::<u16>()
        ],
        prop::collection::vec(any::<u8>(), 0..40),
    );
    (
        prop_oneof![Just(0x0301_u16), Just(0x0303), any::<u16>()],
        any::<[u8; 32]>(),
        prop::collection::vec(any::<u8>(), 0..33),
        prop::collection::vec(any::<u16>(), 1..40),
        prop::option::of("[a-zA-Z0-9.-]{1,60}"),
        prop::collection::vec(extension, 0..12),
    )
        .prop_map(
            |(version, random, session_id, ciphers, name, mut extensions)| {
                if let Some(name) = name {
                    let at = extensions.len() / 2;
                    extensions.retain(|(kind, _)| *kind != 0);
                    extensions.insert(at.min(extensions.len()), (0, server_name(name.as_bytes())));
                }
                Hello {
                    version,
                    random,
                    session_id,
                    cookie: None,
                    ciphers,
                    extensions: Some(extensions),
                }
            },
        )
}

/// What tls-parser reads.
struct Theirs {
    name: Option<Vec<u8>>,
    version: u16,
    ciphers: Vec<u16>,
}

fn by_tls_parser(message: &[u8]) -> Option<Theirs> {
    let (_, parsed) = tls_parser::parse_tls_message_handshake(message).ok()?;
    let TlsMessage::Handshake(TlsMessageHandshake::ClientHello(hello)) = parsed else {
        return None;
    };
    let extensions = match hello.ext {
        Some(bytes) => {
            let (rest, extensions) = tls_parser::parse_tls_client_hello_extensions(bytes).ok()?;
            rest.is_empty().then_some(extensions)?
        }
        None => vec![],
    };
    let name = extensions.iter().find_map(|extension| {
        let TlsExtension::SNI(names) = extension else {
            return None;
        };
        names
            .iter()
            .find(|(kind, _)| kind.0 == 0)
            .map(|(_, name)| name.to_vec())
    });
    Some(Theirs {
        name: name.filter(|name| !name.is_empty()),
        version: hello.version.0,
        ciphers: hello.ciphers.iter().map(|cipher| cipher.0).collect(),
    })
}

proptest! {
    #[test]
    fn agrees_with_tls_parser(hello in any_hello(), flips in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..4)) {
        let mut message = hello.message();
        for (at, byte) in flips {
            let at = at.index(message.len());
            message[at] = byte;
        }
        let theirs = by_tls_parser(&message);
        if let (Progress::Done(ours), Some(theirs)) =
            (ClientHello::parse(&message, Carrier::Tcp), theirs)
        {
            prop_assert_eq!(ours.legacy_version(), theirs.version);
            prop_assert_eq!(ours.cipher_suites().collect::<Vec<_>>(), theirs.ciphers);
            // A repeated extension is an error for a server; we keep the first one.
            let names = ours.extensions().filter(|(kind, _)| *kind == 0).count();
            if names <= 1 {
                prop_assert_eq!(ours.server_name().map(|name| name.as_bytes().to_vec()), theirs.name);
            }
        }
    }

    #[test]
    fn reads_every_hello_that_is_well_formed(hello in any_hello()) {
        let message = hello.message();
        let read = parse(&message);
        prop_assert_eq!(read.cipher_suites().collect::<Vec<_>>(), hello.ciphers);
        let extensions: Vec<_> = read.extensions().map(|(kind, data)| (kind, data.to_vec())).collect();
        prop_assert_eq!(Some(extensions), hello.extensions);
        prop_assert!(read.ja3().is_some() && read.ja4().is_some());
    }
}

#[test]
fn reads_the_framing_of_ssl_2() {
    let mut bytes = vec![0x80, 0x2e, 1, 0, 2, 0, 21, 0, 0, 0, 16];
    bytes.extend([1, 0, 0x80].repeat(7));
    bytes.extend([8; 16]);
    let Progress::Done(hello) = SslV2Hello::parse(&bytes) else {
        panic!("not read")
    };
    assert_eq!(hello.version(), 2);
    assert_eq!(hello.cipher_specs().count(), 7);
    assert_eq!(hello.challenge(), [8; 16]);
    assert_eq!(hello.wire_length(), bytes.len());
    for length in 0..bytes.len() {
        assert!(matches!(
            SslV2Hello::parse(&bytes[..length]),
            Progress::NeedMore
        ));
    }
    bytes[2] = 4;
    assert!(matches!(SslV2Hello::parse(&bytes), Progress::Reject(_)));
}
