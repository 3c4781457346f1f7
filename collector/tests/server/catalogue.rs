//! The catalogue's commands as processes, and published bundles on their way to sensors.

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use proto::v1;
use proto::v1::ingest_client::IngestClient;
use serde_json::Value;
use store::Store;
use tempfile::TempDir;
use tonic::Code;
use tonic::transport::Channel;

use crate::client::{channel, enrol};
use crate::process::{run, stderr, stdout};
use crate::site::Site;

fn service(id: &str, name: &str) -> String {
    format!(
        "[[service]]\nid = \"{id}\"\nname = \"{id}\"\nvendor = \"Example\"\ncategory = \"other\"\n\
         last_checked = \"2026-11-20\"\nsources = [\"test\"]\n[service.examples]\nmatch = [\"{name}\"]\n\
         near_miss = [\"not{name}\"]\n[[service.names]]\nsurface = \"web\"\nconfidence = \"vendor-doc\"\n\
         sources = [\"test\"]\nsuffix = [\"{name}\"]\n"
    )
}

/// A folder to work in, with a collector's data folder in it.
struct Place {
    folder: TempDir,
}

impl Place {
    fn new() -> Self {
        let place = Self {
            folder: tempfile::tempdir().unwrap(),
        };
        stdout(&place.run(&["keygen", &place.path("key")]));
        place
    }

    fn path(&self, name: &str) -> String {
        self.folder.path().join(name).to_str().unwrap().to_owned()
    }

    fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    fn run(&self, arguments: &[&str]) -> std::process::Output {
        on(&self.data(), arguments)
    }

    /// A file with one service, and a bundle of it.
    fn bundle(&self, number: u64, name: &str, key: &str) -> String {
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

fn on(data: &Path, arguments: &[&str]) -> std::process::Output {
    let mut all = vec!["catalogue"];
    all.extend(arguments);
    all.extend(["--data-dir", data.to_str().unwrap()]);
    run(&all)
}

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

async fn watch(channel: &Channel, version: u64) -> tonic::Streaming<v1::CatalogueNotice> {
    let request = v1::WatchCatalogueRequest { version };
    let mut client = IngestClient::new(channel.clone());
    client.watch_catalogue(request).await.unwrap().into_inner()
}

async fn next(notices: &mut tonic::Streaming<v1::CatalogueNotice>) -> u64 {
    let notice = tokio::time::timeout(Duration::from_secs(20), notices.message());
    notice.await.unwrap().unwrap().unwrap().version
}

async fn fetched(channel: &Channel, version: u64) -> Result<Vec<u8>, tonic::Status> {
    let request = v1::FetchCatalogueRequest { version };
    let mut client = IngestClient::new(channel.clone());
    let answer = client.fetch_catalogue(request).await?;
    let mut pieces = answer.into_inner();
    let mut bytes = Vec::new();
    while let Some(piece) = pieces.message().await? {
        bytes.extend_from_slice(&piece.data);
    }
    Ok(bytes)
}

#[tokio::test]
async fn sensors_hear_of_a_published_bundle_at_once_and_get_all_of_it() {
    let (site, place) = (Site::start().await, Place::new());
    let identity = enrol(&site).await;
    let channel = channel(&site, Some(&identity)).await;
    let mut notices = watch(&channel, 0).await;
    stdout(&on(site.folder(), &["trust", &place.path("key.pub")]));
    let first = place.bundle(5, "one.example", "key");
    stdout(&on(site.folder(), &["publish", &first]));
    assert_eq!(next(&mut notices).await, 5);
    assert_eq!(
        fetched(&channel, 5).await.unwrap(),
        fs::read(&first).unwrap()
    );
    assert_eq!(
        fetched(&channel, 4).await.unwrap_err().code(),
        Code::NotFound
    );

    // What somebody puts there without the key is not offered; the next good one is.
    let published = site.folder().join("catalogue/published.gnomcat");
    stdout(&place.run(&["keygen", &place.path("theirs")]));
    let theirs = place.bundle(9, "evil.example", "theirs");
    fs::copy(theirs, &published).unwrap();
    tokio::time::sleep(Duration::from_secs(1)).await;
    assert_eq!(
        fetched(&channel, 5).await.unwrap(),
        fs::read(&first).unwrap()
    );
    let second = place.bundle(7, "two.example", "key");
    stdout(&on(site.folder(), &["publish", &second]));
    assert_eq!(next(&mut notices).await, 7);
    assert_eq!(next(&mut watch(&channel, 7).await).await, 7, "said at once");
}

#[tokio::test]
async fn who_is_not_welcome_gets_no_bundle() {
    let (site, place) = (Site::start().await, Place::new());
    stdout(&on(site.folder(), &["trust", &place.path("key.pub")]));
    let bundle = place.bundle(5, "one.example", "key");
    stdout(&on(site.folder(), &["publish", &bundle]));
    let anonymous = fetched(&channel(&site, None).await, 5).await.unwrap_err();
    assert_eq!(anonymous.code(), Code::Unauthenticated);
    let identity = enrol(&site).await;
    let channel = channel(&site, Some(&identity)).await;
    let sensor = inventory::SensorId::new(identity.sensor.clone());
    site.store()
        .revoke_sensor(&sensor, "test", collector::clock::now())
        .unwrap();
    let revoked = fetched(&channel, 5).await.unwrap_err();
    assert_eq!(revoked.code(), Code::PermissionDenied);
}

#[tokio::test]
async fn the_key_comes_with_the_enrolment() {
    let (site, place) = (Site::start().await, Place::new());
    let key = |answer: &v1::EnrolResponse| answer.catalogue_public_key.clone();
    let enrolled = async || {
        let (_, csr) = crate::client::csr(&rcgen::CertificateParams::default());
        let channel = channel(&site, None).await;
        crate::client::enrol_with(channel, &site.token(), csr)
            .await
            .unwrap()
    };
    assert_eq!(key(&enrolled().await), "");
    stdout(&on(site.folder(), &["trust", &place.path("key.pub")]));
    let file = fs::read_to_string(place.path("key.pub")).unwrap();
    assert_eq!(key(&enrolled().await), file.lines().nth(1).unwrap());
}

#[test]
fn local_files_are_taken_in_while_the_collector_looks_and_bad_ones_leave_those_before() {
    use collector::catalogue::{Live, Shelf};
    let folder = tempfile::tempdir().unwrap();
    let local = folder.path().join("local");
    fs::create_dir(&local).unwrap();
    fs::write(
        local.join("own.toml"),
        service("gateway", "llm.corp.example"),
    )
    .unwrap();
    let live = Live::open(Shelf::new(folder.path()), Some(&local));
    let knows = |name: &str| {
        let catalogue = live.catalogue();
        catalogue.matcher().match_name(name.as_bytes()).is_some()
    };
    assert!(knows("llm.corp.example") && knows("api.openai.com"));
    fs::write(
        local.join("bad.toml"),
        "\n[[exception]]\nservice = \"nobody\"\naction = \"silence\"\n",
    )
    .unwrap();
    live.reload();
    assert!(knows("llm.corp.example"));
    let problems = live.problems().join("\n");
    assert!(
        problems.contains("bad.toml:2: there is no service nobody"),
        "{problems}"
    );
    fs::remove_file(local.join("bad.toml")).unwrap();
    fs::remove_file(local.join("own.toml")).unwrap();
    live.reload();
    assert!(!knows("llm.corp.example") && live.problems().is_empty());
}
