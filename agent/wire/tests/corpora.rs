//! Every input that is committed for the fuzz targets of this crate, through their bodies.
#![cfg(test)]

#[path = "../../../tests/fuzz/replay.rs"]
mod replay;

use replay::replay;

#[test]
fn decode() {
    replay("decode", wire::fuzzing::decode);
}

#[test]
fn client_hello() {
    replay("client_hello", wire::fuzzing::client_hello);
}

#[test]
fn stream() {
    replay("stream", wire::fuzzing::stream);
}

#[test]
fn http_head() {
    replay("http_head", wire::fuzzing::http_head);
}

#[test]
fn quic_initial() {
    replay("quic_initial", wire::fuzzing::quic_initial);
}

#[test]
fn datagram() {
    replay("datagram", wire::fuzzing::datagram);
}

#[test]
fn dns() {
    replay("dns", wire::fuzzing::dns);
}
