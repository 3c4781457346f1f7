//! Request heads: names, bounds, and what is none.

use proptest::prelude::*;

use super::*;
use crate::dissect::Progress;

fn parse(bytes: &[u8]) -> RequestHead<'_> {
    let Progress::Done((head, length)) = RequestHead::parse(bytes) else {
        panic!("not read: {}", String::from_utf8_lossy(bytes));
    };
    assert_eq!(length, bytes.len());
    head
}

fn name(bytes: &[u8]) -> Option<String> {
    parse(bytes).name().map(|name| name.to_string())
}

#[test]
fn names_follow_the_target_and_then_the_host() {
    let named = |line: &str, host: &str| name(format!("{line}\r\nHost: {host}\r\n\r\n").as_bytes());
    let is = |text: &str| Some(text.to_owned());
    assert_eq!(
        named("POST /api/chat HTTP/1.1", "127.0.0.1:11434"),
        is("127.0.0.1:11434")
    );
    assert_eq!(
        named("GET / HTTP/1.1", " API.OpenAI.com. \t"),
        is("api.openai.com")
    );
    assert_eq!(
        named("CONNECT api.anthropic.com:443 HTTP/1.1", "proxy"),
        is("api.anthropic.com:443")
    );
    assert_eq!(
        named("GET http://a.example:81/x HTTP/1.1", "b"),
        is("a.example:81")
    );
    assert_eq!(
        named("GET HTTPS://a.example?x HTTP/1.1", "b"),
        is("a.example")
    );
    assert_eq!(
        named("GET http://u:p@a.example/@x HTTP/1.1", "b"),
        is("a.example")
    );
    assert_eq!(named("GET http:///x HTTP/1.1", "b"), is("b"));
    assert_eq!(named("GET /?u=http://c.example/ HTTP/1.1", "b"), is("b"));
    assert_eq!(named("OPTIONS * HTTP/1.1", "b"), is("b"));
    assert_eq!(named("GET / HTTP/1.1", ""), None);
    assert_eq!(name(b"GET / HTTP/1.0\r\n\r\n"), None);
}

#[test]
fn headers_are_found_in_any_case_and_the_first_counts() {
    let head =
        parse(b"GET /v1?x#y HTTP/1.1\nuser-agent:curl/8\r\nUSER-AGENT: other\nbad line\nX:\n\n");
    assert_eq!(head.header("User-Agent"), Some(b"curl/8".as_slice()));
    assert_eq!(head.header("x"), Some(b"".as_slice()));
    assert_eq!(head.header("host"), None);
    assert_eq!(head.headers().count(), 3);
    assert_eq!(head.method(), b"GET");
    assert_eq!(head.target(), b"/v1?x#y");
    assert_eq!(head.path(), b"/v1");
    assert!(head.is_complete() && !head.is_connect());
    assert_eq!(
        parse(b"GET http://a/b/c?d HTTP/1.1\r\n\r\n").path(),
        b"/b/c"
    );
    assert_eq!(parse(b"CONNECT a:1 HTTP/1.1\r\n\r\n").path(), b"");
}

#[test]
fn request_lines_that_are_none_are_refused() {
    for line in [
        "GET / RTSP/1.0",
        "GET / HTTP/x.1",
        "GET / HTTP/1.1x",
        "GET HTTP/1.1",
        "GET / HTTP/",
        " / HTTP/1.1",
        "G\u{7f}T / HTTP/1.1",
        "GET /\u{1} HTTP/1.1",
        "G(E)T / HTTP/1.1",
        "",
        "AVERYLONGWORDTHATNOBODYHASEVERUSEDASAMETHOD / HTTP/1.1",
    ] {
        let bytes = format!("{line}\r\nHost: a\r\n\r\n");
        let refused = matches!(RequestHead::parse(bytes.as_bytes()), Progress::Reject(_));
        // Empty lines in front are passed over; then the header is the line.
        assert!(refused, "{line:?}");
    }
}

#[test]
fn lines_a_little_outside_the_grammar_are_read() {
    for line in [
        "GET /with space HTTP/1.1",
        "GET / HTTP/1.",
        "GET / HTTP/1",
        "CCM_POST / HTTP/1.1",
        "GET /caf\u{e9} HTTP/1.1",
        "GET / HTTP/1.1  ",
    ] {
        let bytes = format!("\r\n{line}\nHost: a\n\n");
        assert_eq!(name(bytes.as_bytes()).as_deref(), Some("a"), "{line:?}");
    }
}

#[test]
fn a_head_longer_than_the_cap_is_refused() {
    let mut bytes = b"GET / HTTP/1.1\r\nHost: a\r\nCookie: ".to_vec();
    bytes.resize(MAX_HEAD, b'x');
    let read = RequestHead::parse(&bytes);
    assert!(matches!(read, Progress::Reject(HttpError::HeadTooLong)));
}

#[test]
fn a_cut_head_is_given_only_with_a_whole_name() {
    let bytes = b"GET /x HTTP/1.1\r\nAccept: */*\r\nHost: a.example\r\nX: y\r\n\r\n";
    let host_ends = bytes
        .windows(9)
        .position(|w| w == b"a.example")
        .expect("there")
        + 11;
    for length in 0..bytes.len() {
        let cut = bytes.get(..length).expect("in bounds");
        assert!(!matches!(RequestHead::parse(cut), Progress::Done(_)));
        match RequestHead::prefix(cut) {
            Some(head) => {
                assert!(length >= host_ends && !head.is_complete());
                assert_eq!(
                    head.name().map(|name| name.to_string()).as_deref(),
                    Some("a.example")
                );
            }
            None => assert!(length < host_ends),
        }
    }
}

proptest! {
    #[test]
    fn noise_is_no_request(noise in prop::collection::vec(any::<u8>(), 0..400)) {
        prop_assert!(!matches!(RequestHead::parse(&noise), Progress::Done(_)));
        prop_assert!(RequestHead::prefix(&noise).is_none());
    }

    #[test]
    fn changed_heads_never_panic(at in any::<prop::sample::Index>(), byte in any::<u8>(), end in any::<prop::sample::Index>()) {
        let mut bytes = b"POST http://u@a:1/b HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n".to_vec();
        let at = at.index(bytes.len());
        bytes[at] = byte;
        bytes.truncate(end.index(bytes.len() + 1));
        if let Progress::Done((head, length)) = RequestHead::parse(&bytes) {
            prop_assert!(length <= bytes.len());
            let _ = (head.name(), head.path(), head.headers().count(), head.framing());
        }
        if let Some(head) = RequestHead::prefix(&bytes) {
            prop_assert!(head.name().is_some());
        }
    }
}
