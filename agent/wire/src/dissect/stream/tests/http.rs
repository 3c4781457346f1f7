//! Requests where the capture is not whole, and what is no request.

use super::Connection;

const GET: &[u8] = b"GET /a HTTP/1.1\r\nHost: a.example\r\n\r\n";

#[test]
fn a_body_that_was_not_captured_is_counted_over() {
    let head = b"POST / HTTP/1.1\r\nHost: b.example\r\nContent-Length: 5000000000\r\n\r\n";
    let mut connection = Connection::new();
    connection.client(0, head);
    let mut at = head.len();
    // Two of three segments are missing; the numbers wrap.
    let mut left = 5_000_000_000_u64;
    let mut seq = super::CLIENT.wrapping_add(u32::try_from(at).expect("short"));
    while left > 0 {
        let step = left.min(9_000_000);
        let payload = [0; 100];
        left -= step;
        seq = seq.wrapping_add(u32::try_from(step).expect("short"));
        let segment = super::segment((1, 2), seq.wrapping_sub(100), &payload, 100);
        connection.segment(crate::dissect::Direction::ToResponder, &segment);
        assert_eq!(connection.memory(), 0);
        at = at.wrapping_add(usize::try_from(step).expect("short"));
    }
    let segment = super::segment((1, 2), seq, GET, GET.len());
    connection.segment(crate::dissect::Direction::ToResponder, &segment);
    assert_eq!(
        connection.messages(),
        ["http POST b.example", "http GET a.example"]
    );
}

#[test]
fn bodies_cut_by_the_snap_length_are_counted_over() {
    let post = b"POST / HTTP/1.1\r\nHost: b.example\r\nContent-Length: 1000\r\n\r\nabc";
    let mut connection = Connection::new();
    connection.client_cut(0, post, post.len() + 997);
    connection.client(post.len() + 997, GET);
    assert_eq!(
        connection.messages(),
        ["http POST b.example", "http GET a.example"]
    );
}

#[test]
fn a_head_cut_by_the_snap_length_is_given_with_its_name_only() {
    let mut connection = Connection::new();
    connection.client_cut(0, &GET[..34], 600);
    connection.client_cut(600, &GET[..25], 600);
    connection.client(1200, GET);
    assert_eq!(
        connection.messages(),
        ["http GET a.example cut", "http GET a.example"]
    );
    assert_eq!(connection.seen.count("http_incomplete"), 1);
}

#[test]
fn behind_a_body_of_unknown_length_the_next_head_is_found() {
    let head = b"POST / HTTP/1.1\r\nHost: b.example\r\nContent-Length: x\r\n\r\n";
    let mut connection = Connection::new();
    connection.client(0, head);
    connection.client(head.len(), &[b'x'; 500]);
    connection.client(head.len() + 500, GET);
    assert_eq!(
        connection.messages(),
        ["http POST b.example", "http GET a.example"]
    );
    assert_eq!(connection.seen.count("http_unknown_body_length"), 1);
}

#[test]
fn requests_in_the_middle_of_a_capture_are_found() {
    let mut connection = Connection::mid_stream();
    connection.server(0, b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nGET / HTT");
    connection.client(5000, b"the rest of some body");
    connection.client(5021, GET);
    connection.client(5021 + GET.len(), GET);
    assert_eq!(
        connection.messages(),
        ["http GET a.example", "http GET a.example"]
    );
}

#[test]
fn swapped_requests_without_a_syn_are_both_read_once() {
    let mut connection = Connection::mid_stream();
    connection.client(GET.len(), GET);
    connection.client(0, GET);
    connection.client(0, GET);
    connection.client(2 * GET.len(), GET);
    assert_eq!(connection.finish().len(), 3);
}

#[test]
fn a_head_that_is_too_long_is_given_with_its_name() {
    let mut connection = Connection::new();
    let head = [&GET[..34], b"Cookie: ".as_slice()].concat();
    connection.client(0, &head);
    let mut at = head.len();
    for _ in 0..60 {
        connection.client(at, &[b'x'; 1400]);
        at += 1400;
        assert!(connection.memory() < 160 * 1024);
    }
    connection.client(at, GET);
    assert_eq!(
        connection.messages(),
        ["http GET a.example cut", "http GET a.example"]
    );
    assert_eq!(connection.seen.count("http_head_too_long"), 1);
}

#[test]
fn other_lines_are_no_requests() {
    for bytes in [
        b"GET / RTSP/1.0\r\nCSeq: 1\r\n\r\n".as_slice(),
        b"INVITE sip:a@b SIP/2.0\r\n\r\n",
        b"HTTP/1.1 200 OK\r\n\r\n",
        b"GET HTTP/1.1\r\n\r\n",
        b"G(T / HTTP/1.1\r\n\r\n",
        b"GET /\x01 HTTP/1.1\r\n\r\n",
        b"*3\r\n$3\r\nSET\r\n",
        b"NICK gnomon\r\nUSER a b c d\r\n",
    ] {
        let mut connection = Connection::new();
        connection.client(0, bytes);
        assert!(
            connection.finish().is_empty(),
            "{}",
            String::from_utf8_lossy(bytes)
        );
    }
}

#[test]
fn junk_between_requests_is_counted_and_passed() {
    let mut connection = Connection::new();
    connection.client(0, GET);
    connection.client(GET.len(), b"\0\0\0junk");
    connection.client(GET.len() + 7, GET);
    assert_eq!(connection.messages().len(), 2);
    assert_eq!(connection.seen.count("http_bad_request_line"), 1);
}
