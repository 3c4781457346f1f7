//! Checks the files of `catalogue` and brings them into the form that the program carries, see `src/compiled`.
//!
//! The catalogue is read by the same modules that read it at run time. What is wrong in a file fails the build, with
//! file and line.
#![expect(
    clippy::disallowed_methods,
    reason = "a build script reads folders and the environment"
)]
#![expect(
    dead_code,
    unused_imports,
    unreachable_pub,
    reason = "modules of the crate, of which a part is needed here"
)]

use std::error::Error;
use std::fs;
use std::path::{Path, PathBuf};

#[path = "src/compiled/mod.rs"]
mod compiled;
#[path = "src/id.rs"]
mod id;
#[path = "src/labels.rs"]
mod labels;
#[path = "src/load/mod.rs"]
mod load;
#[path = "src/local/mod.rs"]
mod local;
#[path = "src/model.rs"]
mod model;
#[path = "src/name.rs"]
mod name;
#[path = "src/pattern/mod.rs"]
mod pattern;
#[path = "src/public_suffix.rs"]
mod public_suffix;
#[path = "src/services.rs"]
mod services;
#[path = "src/version.rs"]
mod version;
#[path = "src/vocabulary.rs"]
mod vocabulary;

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-changed=catalogue");
    let folder = PathBuf::from(std::env::var("CARGO_MANIFEST_DIR")?).join("catalogue");
    let files = read_files(&folder)?;
    let services = match load::load(Vec::new(), &files, &[]) {
        Ok((services, _)) => services,
        Err(error) => {
            for problem in error.problems {
                println!("cargo::error=signatures/catalogue/{problem}");
            }
            return Err("the catalogue has problems".into());
        }
    };
    let version = version::version_of(&files, &services);
    let bytes = compiled::compile(&version, &services)?;
    let out = PathBuf::from(std::env::var("OUT_DIR")?).join("catalogue.bin");
    fs::write(out, bytes)?;
    Ok(())
}

fn read_files(folder: &Path) -> Result<Vec<(String, String)>, Box<dyn Error>> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let name = entry
            .file_name()
            .into_string()
            .map_err(|name| format!("{name:?} is not UTF-8"))?;
        if name.ends_with(".toml") {
            files.push((name, fs::read_to_string(entry.path())?));
        }
    }
    Ok(files)
}
