//! DNS over TCP, both ways.

use super::Connection;
use super::conversations::dns_query;

#[test]
fn both_sides_are_read() {
    let query = dns_query("chatgpt.com");
    let mut answer = query.clone();
    answer[4] |= 0x80;
    let mut connection = Connection::new();
    connection.ports.1 = 53;
    connection.client(0, &query[..2]);
    connection.client(2, &query[2..]);
    connection.server(0, &answer);
    connection.client(query.len(), &query);
    let expected = [
        "dns query chatgpt.com",
        "dns answer chatgpt.com",
        "dns query chatgpt.com",
    ];
    assert_eq!(connection.messages(), expected);
}

#[test]
fn a_bad_message_between_good_ones_is_passed_over_on_the_port_of_dns() {
    let good = dns_query("a.example");
    let mut bad = dns_query("b.example");
    // A pointer to itself.
    (bad[14], bad[15]) = (0xc0, 12);
    let mut connection = Connection::new();
    connection.ports.1 = 53;
    connection.client(0, &[good.clone(), bad, good].concat());
    assert_eq!(
        connection.messages(),
        ["dns query a.example", "dns query a.example"]
    );
}
