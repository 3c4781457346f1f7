//! Where the targets that need files put them.

use std::env;
use std::path::PathBuf;

/// A path for this process alone, in memory where the system has a place for that: `FUZZ_DIR`, else the
/// folder for temporary files.
pub fn place(name: &str) -> PathBuf {
    let shared = PathBuf::from("/dev/shm");
    let folder = match env::var_os("FUZZ_DIR") {
        Some(folder) => PathBuf::from(folder),
        None if shared.is_dir() => shared,
        None => env::temp_dir(),
    };
    folder.join(format!("gnomon-fuzz-{name}-{}", std::process::id()))
}
