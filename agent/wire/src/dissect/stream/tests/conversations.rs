//! What clients send, and the messages in it.

use crate::testing::{Hello, handshake, record, records};

/// The bytes of a client with the messages that are in them.
pub(super) struct Conversation {
    pub(super) label: &'static str,
    pub(super) bytes: Vec<u8>,
    pub(super) messages: Vec<&'static str>,
    /// The port of the server; DNS is read more willingly on its own.
    pub(super) port: u16,
}

fn conversation(label: &'static str, parts: &[&[u8]], messages: &[&'static str]) -> Conversation {
    Conversation {
        label,
        bytes: parts.concat(),
        messages: messages.to_vec(),
        port: 4_433,
    }
}

/// A DNS query with its length.
pub(super) fn dns_query(name: &str) -> Vec<u8> {
    let mut message = vec![0x12, 0x34, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0];
    for label in name.split('.') {
        message.extend(crate::testing::short(label.as_bytes()));
    }
    message.extend([0, 0, 1, 0, 1]);
    crate::testing::long(&message)
}

/// HTTP/2 with prior knowledge: preface, SETTINGS, and a request for `local.test` in Huffman code.
fn http2() -> Vec<u8> {
    let mut bytes = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".to_vec();
    bytes.extend([0, 0, 6, 4, 0, 0, 0, 0, 0, 0, 3, 0, 0, 0, 100]);
    let mut block = vec![0x83, 0x86, 0x84, 0x41, 10];
    block.extend(b"local.test");
    bytes.extend([
        0,
        0,
        u8::try_from(block.len()).expect("short"),
        1,
        4,
        0,
        0,
        0,
        1,
    ]);
    bytes.extend(block);
    bytes
}

/// What may lie in front of a hello.
const WRAPPERS: [(&str, &[u8]); 20] = [
    ("proxy 1", b"PROXY TCP4 192.0.2.1 192.0.2.2 5 443\r\n"),
    ("proxy 1 unknown", b"PROXY UNKNOWN\r\n"),
    ("proxy 2", b"\r\n\r\n\0\r\nQUIT\n\x21\x11\0\x0c\xc0\0\x02\x01\xc0\0\x02\x02\0\x05\x01\xbb"),
    ("socks 4", b"\x04\x01\x01\xbb\xc0\0\x02\x01user\0"),
    ("socks 4a", b"\x04\x01\x01\xbb\0\0\0\x01\0api.openai.com\0"),
    ("socks 5", b"\x05\x01\0\x05\x01\0\x01\xc0\0\x02\x01\x01\xbb"),
    ("socks 5 login", b"\x05\x02\0\x02\x01\x04user\x04pass\x05\x01\0\x03\x03a.b\x01\xbb"),
    ("smtp", b"EHLO a.example\r\nSTARTTLS\r\n"),
    ("imap", b"a1 CAPABILITY\r\na2 STARTTLS\r\n"),
    ("pop3", b"CAPA\r\nSTLS\r\n"),
    ("ftp", b"AUTH TLS\r\n"),
    ("xmpp", b"<?xml version='1.0'?><stream:stream to='a'><starttls xmlns='b'/>"),
    ("postgresql", b"\0\0\0\x08\x04\xd2\x16\x2f"),
    ("postgresql gss", b"\0\0\0\x08\x04\xd2\x16\x30\0\0\0\x08\x04\xd2\x16\x2f"),
    ("mysql", b"\x20\0\0\x01\x85\xae\xff\0\0\0\0\x01\x2d\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"),
    ("ldap", b"\x30\x1d\x02\x01\x01\x77\x18\x80\x161.3.6.1.4.1.1466.20037"),
    (
        "ldap behind a search",
        b"\x30\x0d\x02\x01\x01\x63\x08\x04\0\x0a\x01\0\x0a\x01\0\x30\x1d\x02\x01\x02\x77\x18\x80\x161.3.6.1.4.1.1466.20037",
    ),
    ("rdp", b"\x03\0\0\x13\x0e\xe0\0\0\0\0\0\x01\0\x08\0\x0b\0\0\0"),
    ("tds", b"\x12\x01\0\x0e\0\0\0\0\0\0\x06\0\x01\xff\x12\x01\x07\0\0\0\0\0"),
    ("an alert", b"\x15\x03\x01\0\x02\x01\x5a"),
];

/// Everything that is read from a client, each with its messages.
pub(super) fn all() -> Vec<Conversation> {
    let hello = Hello::browser("api.openai.com").records(1 << 14);
    let mut all: Vec<_> = WRAPPERS
        .into_iter()
        .map(|(label, before)| conversation(label, &[before, &hello], &["tls api.openai.com"]))
        .collect();
    all.extend(hellos());
    all.extend(requests());
    all.extend(others());
    all
}

/// Hellos in records of all kinds, and behind CONNECT.
fn hellos() -> Vec<Conversation> {
    let hello = Hello::browser("api.openai.com");
    let whole = hello.records(1 << 14);
    let tls = "tls api.openai.com";
    let connect = b"CONNECT api.openai.com:443 HTTP/1.1\r\nHost: proxy\r\n\r\n".as_slice();
    let asked = "http CONNECT api.openai.com:443";
    let others = [handshake(0, &[]), handshake(20, &[1; 12]), hello.message()].concat();
    let single = Hello::plain("a.example").records(1);
    vec![
        conversation("tls", &[&whole], &[tls]),
        conversation("small records", &[&hello.records(100)], &[tls]),
        conversation("records of one byte", &[&single], &["tls a.example"]),
        conversation("no name", &[&Hello::plain("").records(9000)], &["tls -"]),
        conversation("behind other messages", &[&records(&others, 700)], &[tls]),
        conversation(
            "twice",
            &[&whole, &record(20, &[1]), &hello.records(500)],
            &[tls, tls],
        ),
        conversation("connect", &[connect, &whole], &[asked, tls]),
        conversation(
            "connect again",
            &[connect, connect, &whole],
            &[asked, asked, tls],
        ),
    ]
}

/// Other protocols.
fn others() -> Vec<Conversation> {
    let upgrade =
        b"GET / HTTP/1.1\r\nHost: local.test\r\nUpgrade: h2c\r\nHTTP2-Settings: AAM\r\n\r\n"
            .as_slice();
    let connect = b"CONNECT a.example:22 HTTP/1.1\r\n\r\n".as_slice();
    let queries = [dns_query("chatgpt.com"), dns_query("claude.ai")].concat();
    let names = ["dns query chatgpt.com", "dns query claude.ai"];
    vec![
        conversation(
            "http 2 upgrade",
            &[upgrade, &http2()],
            &["http GET local.test", "http2 POST local.test"],
        ),
        conversation(
            "ssh in connect",
            &[connect, b"SSH-2.0-x\r\n"],
            &["http CONNECT a.example:22"],
        ),
        conversation("ssl 2", &[&ssl2()], &["sslv2 0301"]),
        conversation("http 2", &[&http2()], &["http2 POST local.test"]),
        conversation("dns", &[&queries], &names),
        Conversation {
            port: 53,
            ..conversation("dns on its port", &[&queries], &names)
        },
    ]
}

fn ssl2() -> Vec<u8> {
    let mut bytes = vec![0x80, 0x2e, 1, 3, 1, 0, 21, 0, 0, 0, 16];
    bytes.extend([1, 0, 0x80].repeat(7));
    bytes.extend([8; 16]);
    bytes
}

/// Requests on one connection after each other.
fn requests() -> Vec<Conversation> {
    let get = b"GET /a HTTP/1.1\r\nHost: a.example\r\nUser-Agent: x\r\n\r\n".as_slice();
    let post =
        b"POST /b HTTP/1.1\r\nHost: b.example:8080\r\nContent-Length: 3000\r\n\r\n".as_slice();
    let body = b"GET / HTTP/1.1\r\nHost: no.example\r\n\r\n".repeat(84)[..3000].to_vec();
    let chunked = b"PUT /c HTTP/1.1\r\nHost: c.example\r\nTransfer-Encoding: gzip, chunked\r\n\r\n"
        .as_slice();
    let chunks = [
        b"5;name=value\r\nhello\r\n7d0\r\n".as_slice(),
        &b"GET / HTTP/1.1\r\n\r\n".repeat(112)[..2000],
        b"\r\n0\r\nTrailer: 1\r\n\r\n",
    ]
    .concat();
    let absolute =
        b"GET http://user:secret@d.example/x?y HTTP/1.1\r\nHost: other\r\n\r\n".as_slice();
    let bare = b"\r\n\r\nDELETE / HTTP/1.0\nX: y\n\n".as_slice();
    let upgrade = b"GET /ws HTTP/1.1\r\nHost: e.example\r\nUpgrade: websocket\r\n\r\n".as_slice();
    let expect =
        b"POST /f HTTP/1.1\r\nHost: f.example\r\nExpect: 100-continue\r\nContent-Length: 40\r\n\r\n"
            .as_slice();
    vec![
        conversation(
            "requests",
            &[get, post, &body, chunked, &chunks, absolute, bare, get],
            &[
                "http GET a.example",
                "http POST b.example:8080",
                "http PUT c.example",
                "http GET d.example",
                "http DELETE -",
                "http GET a.example",
            ],
        ),
        conversation(
            "websocket",
            &[upgrade, b"\x81\x85\x01\x02\x03\x04hello", get],
            &["http GET e.example"],
        ),
        conversation(
            "upgrade refused",
            &[upgrade, get],
            &["http GET e.example", "http GET a.example"],
        ),
        conversation(
            "continue",
            &[expect, b"abcd efgh ijkl mnop qrst uvwx yz01 23456", get],
            &["http POST f.example", "http GET a.example"],
        ),
        conversation(
            "continue refused",
            &[expect, get],
            &["http POST f.example", "http GET a.example"],
        ),
    ]
}
