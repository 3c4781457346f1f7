//! Between the working corpora of `cargo fuzz` (`corpus/TARGET/`, many small files) and the bundles that are
//! committed (`corpora/TARGET.bundle`: each input behind its length, 32 bits, little-endian).
//!
//! ```sh
//! cargo run --no-default-features --example corpora -- unpack   # before fuzzing
//! cargo run --no-default-features --example corpora -- pack     # after `cargo fuzz cmin TARGET`
//! ```

use std::path::{Path, PathBuf};
use std::{env, fs, io};

/// Longer inputs are not committed.
const MAX_INPUT: usize = 16 << 10;
/// A bundle does not grow past this.
const MAX_BUNDLE: usize = 256 << 10;

fn main() -> io::Result<()> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"));
    match env::args().nth(1).as_deref() {
        Some("unpack") => unpack(folder),
        Some("pack") => pack(folder),
        _ => Err(io::Error::other("say `pack` or `unpack`")),
    }
}

fn unpack(folder: &Path) -> io::Result<()> {
    for bundle in sorted(&folder.join("corpora"))? {
        let Some(target) = bundle.file_stem().filter(|_| bundle.is_file()) else {
            continue;
        };
        let corpus = folder.join("corpus").join(target);
        fs::create_dir_all(&corpus)?;
        let bytes = fs::read(&bundle)?;
        let (mut rest, mut number) = (bytes.as_slice(), 0);
        while let Some((length, after)) = rest.split_first_chunk() {
            let length = u32::from_le_bytes(*length) as usize;
            let (input, after) = after
                .split_at_checked(length)
                .ok_or_else(|| io::Error::other("the bundle is cut"))?;
            fs::write(corpus.join(format!("{number:05}")), input)?;
            (rest, number) = (after, number + 1);
        }
    }
    Ok(())
}

/// The smallest inputs first, so that what has no room is what is large.
fn pack(folder: &Path) -> io::Result<()> {
    for corpus in sorted(&folder.join("corpus"))? {
        let mut inputs = Vec::new();
        for file in sorted(&corpus)? {
            inputs.push(fs::read(file)?);
        }
        inputs.retain(|input| input.len() <= MAX_INPUT);
        inputs.sort_by(|a, b| a.len().cmp(&b.len()).then_with(|| a.cmp(b)));
        inputs.dedup();
        let mut bundle = Vec::new();
        for input in inputs {
            if bundle.len() + 4 + input.len() > MAX_BUNDLE {
                break;
            }
            bundle.extend(u32::try_from(input.len()).unwrap_or(0).to_le_bytes());
            bundle.extend(input);
        }
        let name = corpus.file_name().unwrap_or_default();
        let file = folder.join("corpora").join(name).with_extension("bundle");
        fs::write(file, bundle)?;
    }
    Ok(())
}

fn sorted(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let mut paths = fs::read_dir(folder)?
        .map(|entry| entry.map(|entry| entry.path()))
        .collect::<io::Result<Vec<_>>>()?;
    paths.sort();
    Ok(paths)
}
