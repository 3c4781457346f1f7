//! What is a message, and what only looks a little like one.

use super::build::{A, Build, encode};
use super::*;

fn elsewhere(built: &Build) -> bool {
    read(&built.bytes, ELSEWHERE).is_ok()
}

#[test]
fn any_port_will_do_for_a_well_formed_message() {
    assert!(elsewhere(&Build::query("a.example", A)));
    assert!(elsewhere(
        &Build::new(0x0120, [1, 0, 0, 1])
            .question("a.example", A)
            .edns(0)
    ));
    assert!(elsewhere(
        &Build::answer("a.example", A, 1).record(A, &[1, 2, 3, 4])
    ));
    assert!(elsewhere(
        &Build::new(0x8583, [1, 0, 0, 0]).question("gone.example", 65)
    ));
    // An incremental transfer has the serial in the authority section, an update all sections.
    let soa = encode(".").repeat(2);
    let soa = [soa.as_slice(), &[0; 20]].concat();
    assert!(elsewhere(
        &Build::new(0x0000, [1, 0, 1, 0])
            .question("z.example", 251)
            .record(6, &soa)
    ));
    let update = Build::new(0x2800, [1, 1, 1, 0]).question("z.example", 6);
    assert!(elsewhere(&update.record(A, &[]).record(A, &[1, 2, 3, 4])));
}

#[test]
fn elsewhere_every_rule_counts() {
    let query = |flags: u16, counts: [u16; 4]| Build::new(flags, counts).question("a.example", A);
    assert!(elsewhere(&query(0x0100, [1, 0, 0, 0])));
    for flags in [
        0x0140, 0x0101, 0x0300, 0x0500, 0x0180, 0x1100, 0x1900, 0x7900,
    ] {
        assert!(!elsewhere(&query(flags, [1, 0, 0, 0])), "{flags:04x}");
    }
    for counts in [
        [0, 0, 0, 0],
        [2, 0, 0, 0],
        [1, 1, 0, 0],
        [1, 0, 1, 0],
        [1, 0, 0, 3],
    ] {
        assert!(!elsewhere(&query(0x0100, counts)), "{counts:?}");
    }
    assert!(
        !elsewhere(&query(0x0100, [1, 0, 0, 0]).raw(&[0])),
        "bytes behind the end"
    );
    assert!(!elsewhere(&Build::query("a.example", 0)), "no such type");
    assert!(
        !elsewhere(&Build::query("a.example", 20_000)),
        "no such type"
    );
    let classless = Build::new(0x0100, [1, 0, 0, 0])
        .raw(&encode("a.example"))
        .raw(&[0, 1, 0, 9]);
    assert!(!elsewhere(&classless));
    assert!(
        !elsewhere(&Build::answer("a.example", A, 1)),
        "a record short"
    );
    assert!(!elsewhere(&Build::answer("a.example", A, 1).record_of(
        &[0x80],
        A,
        &[]
    )));
}

#[test]
fn the_netbios_name_service_is_something_else() {
    let name = "CKAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
    for rrtype in [32, 33] {
        let built = Build::new(0x0110, [1, 0, 0, 0]).question(name, rrtype);
        assert!(!elsewhere(&built));
        let built = Build::new(0x0000, [1, 0, 0, 0]).question("a.example", rrtype);
        assert_eq!(
            read(&built.bytes, Ports { src: 137, dst: 137 }).unwrap_err(),
            DnsError::NotDns
        );
    }
}

#[test]
fn the_ports_tell_the_protocol() {
    let built = Build::query("a.local", A);
    let kind = |src, dst| read(&built.bytes, Ports { src, dst }).unwrap().kind();
    assert_eq!(kind(40_000, 5353), DnsKind::Mdns);
    assert_eq!(kind(5355, 40_000), DnsKind::Llmnr);
    assert_eq!(kind(5353, 53), DnsKind::Dns);
    assert_eq!(kind(40_000, 9953), DnsKind::Dns);
}

#[test]
fn on_its_ports_more_is_a_message() {
    // An empty refusal, a status, several questions, a question of an unknown type.
    assert!(read(&Build::new(0x8181, [0; 4]).bytes, ON_53).is_ok());
    assert!(read(&Build::new(0x1000, [0; 4]).bytes, ON_53).is_ok());
    let two = Build::new(0x0100, [2, 0, 0, 0])
        .question("a.example", A)
        .question("b.example", 28);
    assert_eq!(read(&two.bytes, ON_53).unwrap().questions().count(), 2);
    assert!(read(&Build::query("a.example", 20_000).bytes, ON_53).is_ok());
    assert!(read(&Build::query("a.example", A).raw(&[0; 3]).bytes, ON_53).is_ok());
}

#[test]
fn on_its_ports_the_reason_is_told() {
    let reason = |built: &Build| read(&built.bytes, ON_53).unwrap_err();
    let cut = Build::new(0x0100, [1, 0, 0, 0]).raw(b"\x07exam");
    assert_eq!(reason(&cut), DnsError::Truncated);
    assert_eq!(
        reason(&Build::new(0x0100, [1, 0, 0, 0]).raw(b"\xc0\x0c\0\x01\0\x01")),
        DnsError::NameLoops
    );
    assert_eq!(
        reason(&Build::new(0x0100, [1, 0, 0, 0]).raw(b"\x50a\0\0\x01\0\x01")),
        DnsError::BadLabel
    );
    assert_eq!(
        reason(&Build::new(0x1900, [1, 0, 0, 0]).question("a.example", A)),
        DnsError::NotDns
    );
    assert_eq!(read(b"short", ON_53).unwrap_err(), DnsError::NotDns);
    let mut many = Build::new(0x0100, [3000, 0, 0, 0]);
    for _ in 0..3000 {
        many = many.raw(&[0, 0, 1, 0, 1]);
    }
    assert_eq!(reason(&many), DnsError::BadLength);
    assert_eq!(read(&cut.bytes, ELSEWHERE).unwrap_err(), DnsError::NotDns);
}

#[test]
fn tunnels_on_the_dns_port_give_nothing() {
    let wireguard = [&[1, 0, 0, 0, 0x5d, 0x41, 0x02, 0x11][..], &[0x77; 140]].concat();
    let openvpn = [&[
        0x38, 0x2c, 0x9b, 0x11, 0x7e, 0x02, 0x30, 0xa9, 0xee, 0, 0, 0, 0, 0,
    ][..]]
    .concat();
    let quic = [&[0xc3, 0, 0, 0, 1, 8][..], &[0x42; 1194]].concat();
    for bytes in [wireguard, openvpn, quic] {
        assert!(read(&bytes, ON_53).is_err());
        assert!(read(&bytes, ELSEWHERE).is_err());
    }
}
