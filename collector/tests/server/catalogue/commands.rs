//! `gnomon-collector catalogue …` as processes.

use std::fs;
use std::io::Write as _;
use std::process::{Command, Stdio};

use serde_json::Value;
use store::Store;

use super::{Place, service};
use crate::process::{run, stderr, stdout};

#[test]
fn names_are_explained_from_arguments_and_from_standard_input() {
    let place = Place::new();
    let shown = stdout(&place.run(&["explain", "api.openai.com", "openai.com.evil.example"]));
    assert!(
        shown.contains("openai-api") && shown.contains("openai.toml:"),
        "{shown}"
    );
    assert!(shown.lines().nth(2).unwrap().contains("none"), "{shown}");

    let mut child = Command::new(env!("CARGO_BIN_EXE_gnomon-collector"))
        .args(["catalogue", "explain", "--format", "json", "--data-dir"])
        .arg(place.data())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut input = child.stdin.take().unwrap();
    input
        .write_all(b"Contoso.openai.azure.com.\n\n  nothing.example  \r\n\xff\xfe.example\n")
        .unwrap();
    input.write_all(&vec![b'a'; 70_000]).unwrap();
    drop(input);
    let output = child.wait_with_output().unwrap();
    let lines: Vec<Value> = stdout(&output)
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(lines[0]["name"], "Contoso.openai.azure.com.");
    assert_eq!(lines[0]["service_id"], "azure-openai");
    assert_eq!(lines[0]["specificity"], "exclusive");
    assert_eq!(lines[0]["surface"], "api");
    assert_eq!(lines[0]["tenant"], "contoso");
    assert_eq!(lines[0]["indicator"], "pattern:{tenant}.openai.azure.com");
    assert!(lines[0]["catalogue_version"].is_string());
    assert_eq!(lines[1]["name"], "nothing.example");
    assert!(lines[1..].iter().all(|line| line["service_id"].is_null()));
}

#[test]
fn lint_tells_every_problem_with_file_and_line_and_fails() {
    let place = Place::new();
    let (good, bad) = (place.path("good.toml"), place.path("bad.toml"));
    fs::write(&good, service("one", "one.example")).unwrap();
    assert!(stdout(&place.run(&["lint", &good])).ends_with("good"));
    let text = format!("{}colour = 1\n", service("one", "co.uk"));
    fs::write(&bad, text).unwrap();
    let output = place.run(&["lint", &good, &bad]);
    assert_eq!(output.status.code(), Some(1));
    let shown = String::from_utf8(output.stdout).unwrap();
    for words in [
        "bad.toml:1: service one",
        "bad.toml:15: \"co.uk\"",
        "bad.toml:16: ",
    ] {
        assert!(shown.contains(words), "{words}: {shown}");
    }
    assert_eq!(
        place.run(&["lint", &place.path("nothing")]).status.code(),
        Some(1)
    );
}

#[test]
fn local_files_are_checked_on_top_of_what_runs() {
    let place = Place::new();
    let file = place.path("own.toml");
    let exception =
        |service: &str| format!("[[exception]]\nservice = \"{service}\"\naction = \"silence\"\n");
    fs::write(&file, exception("claude")).unwrap();
    assert!(stdout(&place.run(&["lint", "--local", &file])).ends_with("good"));
    fs::write(&file, exception("nobody")).unwrap();
    let output = place.run(&["lint", "--local", &file]);
    assert_eq!(output.status.code(), Some(1));
    let shown = String::from_utf8(output.stdout).unwrap();
    assert!(
        shown.contains("own.toml:1: there is no service nobody"),
        "{shown}"
    );
}

#[test]
fn a_bundle_is_published_rolled_back_and_never_replayed() {
    let place = Place::new();
    let (first, second) = (
        place.bundle(5, "one.example", "key"),
        place.bundle(6, "two.example", "key"),
    );
    let refused = place.run(&["publish", &first]);
    assert_eq!(refused.status.code(), Some(1));
    stdout(&place.run(&["trust", &place.path("key.pub")]));
    assert!(stdout(&place.run(&["publish", &first])).contains("bundle 5"));
    assert!(stdout(&place.run(&["publish", &second])).contains("bundle 6"));
    let explained = stdout(&place.run(&["explain", "two.example", "one.example"]));
    assert!(
        explained
            .lines()
            .nth(1)
            .unwrap()
            .contains("suffix:two.example")
    );
    assert!(explained.lines().nth(2).unwrap().contains("none"));
    let replayed = place.run(&["publish", &first]);
    assert!(
        stderr(&replayed).contains("version 5, and version 6"),
        "{replayed:?}"
    );

    let back = stdout(&place.run(&["rollback", "--key", &place.path("key")]));
    assert!(
        !back.contains("bundle 5 ") && !back.contains("bundle 6 "),
        "{back}"
    );
    let status = stdout(&place.run(&["status"]));
    assert_eq!(status.lines().count(), 4, "{status}");
    assert!(status.contains("before: bundle 6"), "{status}");
    let explained = stdout(&place.run(&["explain", "one.example"]));
    assert!(explained.contains("suffix:one.example"), "{explained}");

    let log = store::Sqlite::open(&place.data()).unwrap();
    let log = log.audit_log(0, 100).unwrap();
    let actions: Vec<_> = log.iter().map(|entry| entry.action.as_str()).collect();
    let published = ["catalogue_published"; 3];
    assert_eq!(actions, [&["catalogue_trusted"][..], &published].concat());
}

#[test]
fn bad_bundles_are_refused_with_the_reason_and_what_is_published_stays() {
    let place = Place::new();
    stdout(&place.run(&["trust", &place.path("key.pub")]));
    let good = place.bundle(5, "one.example", "key");
    stdout(&place.run(&["publish", &good]));
    stdout(&place.run(&["keygen", &place.path("theirs")]));
    let theirs = place.bundle(9, "evil.example", "theirs");
    let bytes = fs::read(place.bundle(8, "two.example", "key")).unwrap();
    let write = |name: &str, bytes: &[u8]| {
        fs::write(place.path(name), bytes).unwrap();
        place.path(name)
    };
    let mut changed = bytes.clone();
    changed[20] ^= 1;
    let cases = [
        (theirs, "signed with the key"),
        (write("cut", &bytes[..bytes.len() / 2]), "cut off"),
        (write("unsigned", &bytes[..bytes.len() - 200]), "signature"),
        (
            write("more", &[bytes.as_slice(), b"x"].concat()),
            "followed by",
        ),
        (write("changed", &changed), "signature is wrong"),
        (write("text", b"[[service]]"), "no catalogue bundle"),
        (write("large", &vec![b'G'; (16 << 20) + 1]), "larger than"),
    ];
    for (file, reason) in cases {
        let output = place.run(&["publish", &file]);
        assert_eq!(output.status.code(), Some(1), "{file}");
        assert!(
            stderr(&output).contains(reason),
            "{reason}: {}",
            stderr(&output)
        );
        let status = stdout(&place.run(&["status"]));
        assert!(status.contains("published: bundle 5"), "{status}");
    }
    let everything = service("all", "x.example")
        .replace("suffix = [\"x.example\"]", "pattern = [\"{tenant}.co.uk\"]");
    fs::write(place.path("all.toml"), everything).unwrap();
    let (out, file) = (place.path("all.gnomcat"), place.path("all.toml"));
    let refused = place.run(&["build", "--out", &out, &file]);
    assert!(stderr(&refused).contains("public suffix"), "{refused:?}");
    assert_eq!(
        place.run(&["keygen", &place.path("key")]).status.code(),
        Some(1)
    );
}

#[test]
fn differences_are_listed() {
    let place = Place::new();
    let one = place.bundle(1, "one.example", "key");
    let two = place.bundle(2, "two.example", "key");
    let output = run(&["catalogue", "diff", &one, &two, "--format", "csv"]);
    let shown = stdout(&output);
    assert!(shown.contains("removed,own,suffix:one.example"), "{shown}");
    assert!(shown.contains("added,own,suffix:two.example"), "{shown}");
}
