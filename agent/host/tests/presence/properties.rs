//! Readers of other programs' files, with bytes that nobody wrote.

use std::fs;
use std::path::Path;
use std::sync::LazyLock;

use host::presence::fuzzing::presence;
use proptest::prelude::*;

/// The inputs that are committed for the fuzz target.
static SEEDS: LazyLock<Vec<Vec<u8>>> = LazyLock::new(|| {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/fuzz/corpora/presence");
    let mut files: Vec<_> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    files.sort();
    files.iter().map(|file| fs::read(file).unwrap()).collect()
});

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn any_bytes(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        presence(&bytes);
    }

    #[test]
    fn good_files_with_a_few_bytes_changed(
        which in any::<prop::sample::Index>(),
        changes in prop::collection::vec((any::<prop::sample::Index>(), prop_oneof![any::<u8>(), prop::sample::select(b"{}[]\":,\\#/*-\n ".to_vec())]), 1..6),
        end in any::<prop::sample::Index>(),
    ) {
        let mut bytes = which.get(&SEEDS).clone();
        let reader = bytes[0];
        for (place, byte) in changes {
            let place = place.index(bytes.len());
            bytes[place] = byte;
        }
        bytes[0] = reader;
        presence(&bytes);
        bytes.truncate(end.index(bytes.len()) + 1);
        presence(&bytes);
    }

    #[test]
    fn one_reader_s_good_file_for_another(which in any::<prop::sample::Index>(), reader in 0_u8..10) {
        let mut bytes = which.get(&SEEDS).clone();
        bytes[0] = reader;
        presence(&bytes);
    }
}
