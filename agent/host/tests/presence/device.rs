//! A device made of temporary folders, with people and their home folders.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use flow::{Trace, TraceKind, Wanted};
use host::presence::{Homes, Limits, PresenceConfig, Scan, Scanner};
use signatures::{Catalogue, Platform};
use tempfile::TempDir;
use wire::Timestamp;

/// A device with one person, `kowalska`.
pub(crate) struct Device {
    root: TempDir,
    wanted: Arc<Wanted>,
    limits: Limits,
}

impl Device {
    pub(crate) fn new() -> Self {
        Self::with(Wanted::new(Catalogue::builtin(), Platform::Linux))
    }

    pub(crate) fn with(wanted: Wanted) -> Self {
        // In memory where that can be: some tests make ten thousand files.
        let root = tempfile::tempdir_in("/dev/shm").or_else(|_| tempfile::tempdir());
        let root = root.unwrap();
        let device = Self {
            root,
            wanted: Arc::new(wanted),
            limits: Limits::default(),
        };
        let number = fs::metadata(device.root.path())
            .map(|metadata| owner(&metadata))
            .unwrap();
        device.put(
            "etc/passwd",
            format!(
                "daemon:x:1:1:daemon:/usr/sbin:/usr/sbin/nologin\nkowalska:x:{number}:{number}:Anna Kowalska,,,:/home/kowalska:/bin/bash\n"
            ),
        );
        device.home("");
        device
    }

    pub(crate) const fn limited(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }

    pub(crate) fn root(&self) -> &Path {
        self.root.path()
    }

    /// A path below the home folder, whose parent folder is made.
    pub(crate) fn home(&self, path: &str) -> PathBuf {
        self.path(&format!("home/kowalska/{path}"))
    }

    pub(crate) fn path(&self, path: &str) -> PathBuf {
        let path = self.root.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        path
    }

    /// Writes a file below the root.
    pub(crate) fn put(&self, path: &str, text: impl AsRef<[u8]>) {
        fs::write(self.path(path), text).unwrap();
    }

    /// Writes a file below the home folder.
    pub(crate) fn put_home(&self, path: &str, text: impl AsRef<[u8]>) {
        fs::write(self.home(path), text).unwrap();
    }

    pub(crate) fn link(&self, path: &str, target: impl AsRef<Path>) {
        symlink(target, self.home(path)).unwrap();
    }

    pub(crate) fn config(&self) -> PresenceConfig {
        PresenceConfig {
            homes: Homes::Auto,
            root: self.root.path().to_path_buf(),
            wanted: Arc::clone(&self.wanted),
            limits: self.limits,
        }
    }

    pub(crate) fn scan(&self) -> Scan {
        Scanner::new(self.config()).scan(Timestamp::from_nanos(1_000))
    }
}

fn owner(metadata: &fs::Metadata) -> u32 {
    use std::os::unix::fs::MetadataExt;
    metadata.uid()
}

/// Traces of a kind, each as `value name=value name=value`.
pub(crate) fn rows(scan: &Scan, kind: TraceKind) -> Vec<String> {
    let found = scan.traces.iter().filter(|trace| trace.kind == kind);
    found.map(row).collect()
}

/// The same with the service of each trace in front, where it has one.
pub(crate) fn tool_rows(scan: &Scan, kind: TraceKind) -> Vec<String> {
    let found = scan.traces.iter().filter(|trace| trace.kind == kind);
    let rows = found.filter_map(|trace| match &trace.listed {
        flow::Listed::Tool { service, .. } => Some(format!("{service}: {}", row(trace))),
        flow::Listed::Artefact(_) | flow::Listed::Process { .. } => None,
    });
    rows.collect()
}

fn row(trace: &Trace) -> String {
    let attributes = trace
        .attributes
        .iter()
        .map(|one| format!(" {}={}", one.name, one.value));
    format!("{}{}", trace.value, attributes.collect::<String>())
}

pub(crate) fn count(scan: &Scan, name: &str) -> u64 {
    let found = scan.counts.iter().find(|(known, _)| *known == name);
    found.map_or(0, |(_, count)| *count)
}
