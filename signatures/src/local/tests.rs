//! Places and request lines.

use super::*;

#[test]
fn reads_request_lines() {
    let line = RequestLine::parse("HEAD /api/blobs/*").unwrap();
    assert_eq!(
        (&*line.method, &*line.path, line.below),
        ("HEAD", "/api/blobs", true)
    );
    for bad in [
        "", "GET", "GET /", "get /x", "GET x", "GET /x*", "GET /*", "GET /x?y", "GET /a b",
    ] {
        assert!(RequestLine::parse(bad).is_err(), "{bad}");
    }
}

#[test]
fn cuts_ports_only() {
    for (authority, host) in [
        ("localhost:11434", "localhost"),
        ("localhost", "localhost"),
        ("[::1]:8080", "[::1]"),
        ("a:b", "a:b"),
        ("a:", "a"),
        ("", ""),
    ] {
        assert_eq!(
            without_port(authority.as_bytes()),
            host.as_bytes(),
            "{authority}"
        );
    }
}

#[test]
fn a_user_agent_counts_by_its_start() {
    let rule = LocalRule {
        user_agents: vec!["Example-Client/".into()],
        ..LocalRule::default()
    };
    let place = |agent: &'static [u8]| {
        rule.place(
            None,
            &LocalRequest {
                user_agent: Some(agent),
                ..LocalRequest::default()
            },
        )
    };
    assert_eq!(place(b"example-client/1.0 (x)"), Some(Place::Named));
    assert_eq!(place(b"my example-client/1.0"), None);
    assert_eq!(place(b"example"), None);
}

#[test]
fn a_header_of_the_protocol_counts_on_any_port_and_a_path_alone_does_not() {
    let rule = LocalRule {
        mcp: true,
        ..LocalRule::default()
    };
    let place = |mcp| {
        let request = LocalRequest {
            path: b"/mcp",
            port: 8_931,
            mcp,
            ..LocalRequest::default()
        };
        rule.place(None, &request)
    };
    assert_eq!(place(true), Some(Place::Named));
    assert_eq!(place(false), None);
    let other = LocalRule {
        ports: vec![8_931],
        ..LocalRule::default()
    };
    let request = LocalRequest {
        port: 11_434,
        mcp: true,
        ..LocalRequest::default()
    };
    assert_eq!(other.place(None, &request), None);
}
