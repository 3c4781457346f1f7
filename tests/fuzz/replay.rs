//! Runs a fuzz body on everything that is committed for its target; the tests of several crates include
//! this file.

use std::fs::OpenOptions;
use std::io::Read;
use std::path::{Path, PathBuf};

/// Calls `body` with every input of `target`: the files in its folder, then those in its bundle, where each
/// has its length (32 bits, little-endian) before it.
pub(crate) fn replay(target: &str, body: impl Fn(&[u8])) {
    let corpora = corpora();
    let mut files: Vec<PathBuf> = match corpora.join(target).read_dir() {
        Ok(entries) => entries.map(|entry| entry.unwrap().path()).collect(),
        Err(_) => Vec::new(),
    };
    files.sort();
    for file in &files {
        println!("{}", file.display());
        body(&bytes_of(file));
    }
    let bundle = bytes_of(&corpora.join(format!("{target}.bundle")));
    let mut rest = bundle.as_slice();
    let mut count = files.len();
    while let Some((length, after)) = rest.split_first_chunk() {
        let (input, after) = after.split_at(u32::from_le_bytes(*length) as usize);
        println!("{target}.bundle at {}", bundle.len() - rest.len());
        body(input);
        count += 1;
        rest = after;
    }
    assert!(rest.is_empty(), "the bundle ends inside a length");
    assert!(count > 0, "nothing is committed for {target}");
}

/// The folder of all corpora, wherever in the tree the crate is.
fn corpora() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .ancestors()
        .map(|folder| folder.join("tests/fuzz/corpora"))
        .find(|corpora| corpora.is_dir())
        .unwrap()
}

fn bytes_of(file: &Path) -> Vec<u8> {
    let mut bytes = Vec::new();
    if let Ok(mut file) = OpenOptions::new().read(true).open(file) {
        file.read_to_end(&mut bytes).unwrap();
    }
    bytes
}
