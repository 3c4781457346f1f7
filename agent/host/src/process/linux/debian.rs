//! The Debian package that a file came in: `dpkg` keeps a list of files for each package.

use std::fs::{self, File};
use std::io::Read;
use std::path::Path;

use flow::Package;

/// Where the lists are.
pub(super) const LISTS: &str = "/var/lib/dpkg/info";
/// Lists that are read, and bytes of each.
const MAX_LISTS: usize = 16_384;
const MAX_LIST: u64 = 16 << 20;

/// Looks for the package whose list names the file. Reads up to all lists: some 20 MB on a desktop.
pub(super) fn package_of(lists: &Path, path: &str) -> Option<Package> {
    let system = ["/usr/", "/bin/", "/sbin/", "/lib", "/opt/"];
    if !system.iter().any(|folder| path.starts_with(folder)) {
        return None;
    }
    // On a system with merged `/usr` a list may name the file by its old place.
    let line = |path: &str| format!("\n{path}\n").into_bytes();
    let mut wanted = vec![line(path)];
    wanted.extend(path.strip_prefix("/usr").map(line));
    let mut text = Vec::new();
    for entry in fs::read_dir(lists).ok()?.flatten().take(4 * MAX_LISTS) {
        let name = entry.file_name();
        let Some(name) = name.to_str().and_then(|name| name.strip_suffix(".list")) else {
            continue;
        };
        text.clear();
        text.push(b'\n');
        let read =
            File::open(entry.path()).and_then(|file| file.take(MAX_LIST).read_to_end(&mut text));
        let found = |line: &Vec<u8>| memchr::memmem::find(&text, line).is_some();
        if read.is_ok() && wanted.iter().any(found) {
            let name = name.split(':').next().unwrap_or(name);
            return Some(Package {
                kind: "deb",
                name: crate::process::text::clean(name.as_bytes()),
            });
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_the_list_that_names_the_file() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(
            folder.path().join("curl.list"),
            "/.\n/usr/bin/curl\n/usr/share/curl\n",
        )
        .unwrap();
        fs::write(folder.path().join("dash:amd64.list"), "/.\n/bin/dash\n").unwrap();
        fs::write(folder.path().join("dash.md5sums"), "\n/usr/bin/other\n").unwrap();
        let name = |path| package_of(folder.path(), path).map(|package| package.name);
        assert_eq!(name("/usr/bin/curl").as_deref(), Some("curl"));
        assert_eq!(name("/usr/bin/dash").as_deref(), Some("dash"));
        assert_eq!(name("/usr/share"), None);
        assert_eq!(name("/usr/bin/other"), None);
        assert_eq!(name("/home/ada/curl"), None);
    }
}
