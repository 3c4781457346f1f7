//! What a flow table sees: how large a dissector is, and when it may be let go.

use super::*;
use crate::dissect::dns::DnsError;
use crate::dissect::quic;
use crate::dissect::quic::tests::sealer::{V1, crypto};
use crate::testing::Hello;

fn query(name: &[u8]) -> Vec<u8> {
    [
        &[0, 1, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0][..],
        name,
        &[0, 0, 1, 0, 1],
    ]
    .concat()
}

#[test]
fn fits_into_the_entry_of_a_flow_table() {
    assert!(size_of::<Answered>() <= 16);
    assert!(size_of::<DatagramDissector>() <= 32);
}

#[test]
fn dns_is_wanted_for_ever_and_holds_nothing() {
    for port in [53, 9999] {
        let mut flow = Flow::new(40_000, port);
        for _ in 0..500 {
            flow.client(&query(b"\x01a")).server(&query(b"\x01b"));
        }
        assert_eq!(flow.told().len(), 1000);
        assert!(matches!(flow.state, First::Answered(_)));
    }
}

#[test]
fn what_is_nothing_is_done_soon() {
    let mut flow = Flow::new(40_000, 4500);
    for datagrams in 1.. {
        if matches!(flow.client(&[0x5a; 80]).state, First::Done) {
            assert_eq!(datagrams, 8);
            break;
        }
    }
    assert!(flow.client(&query(b"\x01a")).told().is_empty());
}

#[test]
fn on_the_dns_port_the_reason_is_counted() {
    let mut flow = Flow::new(40_000, 53);
    flow.client(&[0x5a; 80]).client(&query(b"\xc0"));
    let reasons = [DnsError::NotDns, DnsError::NameLoops].map(Reject::Dns);
    assert_eq!(flow.heard.rejects, reasons);
}

#[test]
fn quic_gets_through_on_the_dns_port_too() {
    let hello = Hello::plain("chatgpt.com").message();
    let mut flow = Flow::new(40_000, 53);
    flow.client(&quic::tests::initial(&V1, 0, &crypto(0, &hello)))
        .client(&query(b"\x01a"));
    assert_eq!(flow.told(), ["quic chatgpt.com", "dns a"]);
    assert!(flow.heard.rejects.is_empty());
}

#[test]
fn a_hello_in_one_datagram_leaves_nothing_held() {
    let hello = Hello::plain("chatgpt.com").message();
    let mut flow = Flow::new(40_000, 443);
    flow.client(&quic::tests::initial(&V1, 0, &crypto(0, &hello)));
    assert!(matches!(flow.state, First::Answered(_)));
    assert_eq!(flow.told(), ["quic chatgpt.com"]);
}

#[test]
fn an_empty_datagram_costs_nothing() {
    let mut flow = Flow::new(40_000, 443);
    for _ in 0..100 {
        flow.client(&[]);
    }
    assert!(matches!(flow.state, First::Answered(_)));
}
