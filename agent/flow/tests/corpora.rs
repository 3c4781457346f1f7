//! Every input that is committed for the fuzz targets of this crate, through their bodies.
#![cfg(test)]

#[path = "../../../tests/fuzz/replay.rs"]
mod replay;

use replay::replay;

#[test]
fn engine() {
    replay("engine", flow::fuzzing::engine);
}
