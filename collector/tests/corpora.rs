//! Every input that is committed for the fuzz targets of this crate, through their bodies.
#![cfg(test)]

#[path = "../../tests/fuzz/replay.rs"]
mod replay;

use replay::replay;

#[test]
fn finding_batch() {
    replay("finding_batch", collector::ingest::fuzzing::finding_batch);
}

#[test]
fn config_toml() {
    replay("config_toml", collector::config::fuzzing::config_toml);
}

#[test]
fn unmask_files() {
    replay("unmask_files", collector::privacy::fuzzing::unmask_files);
}
