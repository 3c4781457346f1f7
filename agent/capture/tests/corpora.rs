//! Every input that is committed for the fuzz targets of this crate, through their bodies.
#![cfg(test)]

#[path = "../../../tests/fuzz/replay.rs"]
mod replay;

use replay::replay;

#[test]
fn capture_file() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("capture");
    replay("capture_file", |bytes| {
        capture::fuzzing::capture_file(&file, bytes);
    });
}
