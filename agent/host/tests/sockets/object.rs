//! The kernel program that is checked in is the one that its source makes.

use std::fs;
use std::process::Command;

#[test]
fn the_object_is_made_of_its_source() {
    let version = Command::new("clang-14").arg("--version").output();
    let built_with = "Debian clang version 14.0.6";
    let same =
        version.is_ok_and(|out| String::from_utf8_lossy(&out.stdout).starts_with(built_with));
    let stripped = Command::new("llvm-strip-14")
        .arg("--version")
        .output()
        .is_ok();
    if !(same && stripped) {
        println!("left out: rebuilding the kernel program needs {built_with} and llvm-strip-14");
        return;
    }
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/bpf");
    let made = tempfile::tempdir().unwrap();
    let object = made.path().join("sockets.bpf.o");
    let status = Command::new(format!("{folder}/build.sh"))
        .arg(&object)
        .status()
        .unwrap();
    assert!(status.success());
    let committed = fs::read(format!("{folder}/sockets.bpf.o")).unwrap();
    assert!(
        fs::read(object).unwrap() == committed,
        "run agent/host/bpf/build.sh and commit"
    );
}
