//! What was compiled reads back as it was, field by field, and bytes that are none are answered.

use std::borrow::Cow;

use super::{Compiled, compile};
use crate::labels::hash;
use crate::load::load;
use crate::model::Service;
use crate::version::version_of;

#[expect(clippy::disallowed_methods, reason = "tests may read files")]
fn catalogue_files() -> Vec<(String, String)> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/catalogue");
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path
            .extension()
            .is_some_and(|extension| extension == "toml")
        {
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            files.push((name, std::fs::read_to_string(&path).unwrap()));
        }
    }
    files
}

#[test]
fn what_the_program_carries_is_the_toml_in_every_field() {
    let files = catalogue_files();
    let (parsed, _) = load(Vec::new(), &files, &[]).unwrap();
    let carried = crate::Catalogue::builtin();
    assert_eq!(carried.version(), version_of(&files, &parsed));
    let read: Vec<Service> = carried.services().cloned().collect();
    assert_eq!(read.len(), parsed.len());
    for (read, parsed) in read.iter().zip(&parsed) {
        assert_eq!(read, parsed);
    }
    let bytes = compile(carried.version(), &parsed).unwrap();
    assert_eq!(bytes, compile(carried.version(), &read).unwrap());
}

#[test]
fn nothing_is_a_catalogue_of_no_services() {
    let bytes = compile("v", &[]).unwrap();
    let compiled = Compiled::open(Cow::Owned(bytes)).unwrap();
    assert_eq!((compiled.version(), compiled.services()), ("v", 0));
    assert_eq!(compiled.node(hash(b"example.com"), b"example.com"), None);
    assert_eq!(Compiled::default().node(0, b"example.com"), None);
}

/// Damage gives nothing or something else, never a panic, and the same after it as before.
#[test]
fn damaged_bytes_are_answered() {
    let files = catalogue_files();
    let few = files.get(..3).unwrap();
    let (parsed, _) = load(Vec::new(), few, &[]).unwrap();
    let good = compile("v", &parsed).unwrap();
    for cut in 0..good.len().min(200) {
        assert!(Compiled::open(good.get(..cut).unwrap().to_vec().into()).is_none());
    }
    for at in (0..good.len()).step_by(7) {
        for wrong in [0, 0x7f, 0xff] {
            let mut bytes = good.clone();
            *bytes.get_mut(at).unwrap() = wrong;
            let Some(compiled) = Compiled::open(bytes.into()) else {
                continue;
            };
            for number in 0..compiled.services().min(3) {
                drop(compiled.service(number));
            }
            for service in &parsed {
                for one in &service.indicators {
                    let name = one.value().as_bytes();
                    compiled.node(hash(name), name);
                }
            }
            assert!(compiled.local().count() + compiled.patterns().count() < good.len());
        }
    }
}
