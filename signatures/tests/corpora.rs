//! Every input that is committed for the fuzz targets of this crate, through their bodies.
#![cfg(test)]

#[path = "../../tests/fuzz/replay.rs"]
mod replay;

use replay::replay;

#[test]
fn signature_toml() {
    replay("signature_toml", signatures::fuzzing::signature_toml);
}

#[test]
fn match_name() {
    replay("match_name", signatures::fuzzing::match_name);
}

#[test]
fn bundle() {
    replay("bundle", signatures::fuzzing::bundle);
}
