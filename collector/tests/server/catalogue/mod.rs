//! The catalogue's commands as processes, and published bundles on their way to sensors.

mod commands;
mod offers;

use std::fs;
use std::path::{Path, PathBuf};

use tempfile::TempDir;

use crate::process::{run, stdout};

pub(super) fn service(id: &str, name: &str) -> String {
    format!(
        "[[service]]\nid = \"{id}\"\nname = \"{id}\"\nvendor = \"Example\"\ncategory = \"other\"\n\
         last_checked = \"2026-11-20\"\nsources = [\"test\"]\n[service.examples]\nmatch = [\"{name}\"]\n\
         near_miss = [\"not{name}\"]\n[[service.names]]\nsurface = \"web\"\nconfidence = \"vendor-doc\"\n\
         sources = [\"test\"]\nsuffix = [\"{name}\"]\n"
    )
}

/// A folder to work in, with a collector's data folder in it.
pub(super) struct Place {
    folder: TempDir,
}

impl Place {
    pub(super) fn new() -> Self {
        let place = Self {
            folder: tempfile::tempdir().unwrap(),
        };
        stdout(&place.run(&["keygen", &place.path("key")]));
        place
    }

    pub(super) fn path(&self, name: &str) -> String {
        self.folder.path().join(name).to_str().unwrap().to_owned()
    }

    pub(super) fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    pub(super) fn run(&self, arguments: &[&str]) -> std::process::Output {
        on(&self.data(), arguments)
    }

    /// A file with one service, and a bundle of it.
    pub(super) fn bundle(&self, number: u64, name: &str, key: &str) -> String {
        let (file, out) = (self.path("a.toml"), self.path(&format!("{number}.gnomcat")));
        fs::write(&file, service("own", name)).unwrap();
        let (number, key) = (number.to_string(), self.path(key));
        let build = [
            "build", "--number", &number, "--key", &key, "--out", &out, &file,
        ];
        stdout(&self.run(&build));
        out
    }
}

pub(super) fn on(data: &Path, arguments: &[&str]) -> std::process::Output {
    let mut all = vec!["catalogue"];
    all.extend(arguments);
    all.extend(["--data-dir", data.to_str().unwrap()]);
    run(&all)
}
