//! Every input that is committed for the fuzz targets of this crate, through their bodies.
#![cfg(test)]

#[path = "../../../tests/fuzz/replay.rs"]
mod replay;

use replay::replay;

#[test]
fn spool_open() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path().join("spool");
    replay("spool_open", |bytes| {
        spool::fuzzing::spool_open(&folder, bytes);
    });
}
