//! Writes the list of the catalogue files, each with `include_str!`, for `Catalogue::builtin`.
#![expect(
    clippy::disallowed_methods,
    reason = "a build script reads folders and the environment"
)]

use std::error::Error;
use std::fmt::Write as _;
use std::path::PathBuf;

fn main() -> Result<(), Box<dyn Error>> {
    let folder = PathBuf::from(std::env::var("CARGO_MANIFEST_DIR")?).join("catalogue");
    println!("cargo::rerun-if-changed=catalogue");
    let mut names: Vec<String> = Vec::new();
    for entry in std::fs::read_dir(&folder)? {
        let name = entry?
            .file_name()
            .into_string()
            .map_err(|name| format!("{name:?} is not UTF-8"))?;
        if name.ends_with(".toml") {
            names.push(name);
        }
    }
    names.sort();
    let mut code = String::from("const BUILTIN_FILES: &[(&str, &str)] = &[\n");
    for name in &names {
        let path = folder.join(name);
        writeln!(code, "    ({name:?}, include_str!({path:?})),")?;
    }
    code.push_str("];\n");
    let out = PathBuf::from(std::env::var("OUT_DIR")?).join("builtin_files.rs");
    std::fs::write(out, code)?;
    Ok(())
}
