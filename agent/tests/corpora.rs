//! Every input that is committed for the fuzz targets of this crate, through their bodies.
#![cfg(test)]

#[path = "../../tests/fuzz/replay.rs"]
mod replay;

use replay::replay;

#[test]
fn dissect_lines() {
    replay("dissect_lines", agent::fuzzing::dissect_lines);
}

#[test]
fn config_toml() {
    replay("config_toml", agent::fuzzing::config_toml);
}
