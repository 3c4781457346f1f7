//! The administrator's commands, as processes: what they print and how they
//! end.

use std::fs;
use std::path::Path;

use collector::enrol::Token;
use store::{Role, SecretHash, Sqlite, Store, TokenState};

use crate::process::{Process, run, stderr, stdout};

fn on(folder: &Path, arguments: &[&str]) -> std::process::Output {
    let mut all = arguments.to_vec();
    all.extend(["--data-dir", folder.to_str().unwrap()]);
    run(&all)
}

#[test]
fn a_config_with_mistakes_is_told_all_of_them_with_exit_code_2() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("c.toml");
    fs::write(
        &file,
        "data_dir = 7\nlisten = \"x\"\n\n[log]\nlevel = \"loud\"\ncolour = true\n",
    )
    .unwrap();
    let name = file.to_str().unwrap();
    for command in ["validate", "serve"] {
        let output = run(&[command, "--config", name]);
        assert_eq!(output.status.code(), Some(2), "{output:?}");
        for line in [":1: ", ":2: ", ":5: ", ":6: "] {
            assert!(
                stderr(&output).contains(&format!("c.toml{line}")),
                "{output:?}"
            );
        }
    }
    fs::write(&file, "data_dir = \"/srv/gnomon\"\n").unwrap();
    assert!(stdout(&run(&["validate", "--config", name])).ends_with("c.toml: good"));
    let missing = run(&["validate", "--config", "/nonexistent.toml"]);
    assert_eq!(missing.status.code(), Some(2));
}

#[test]
fn wrong_usage_is_exit_code_2_and_help_is_0() {
    assert_eq!(run(&["--no-such-option"]).status.code(), Some(2));
    assert_eq!(
        run(&["token", "create", "--ttl", "soon"]).status.code(),
        Some(2)
    );
    assert_eq!(run(&["token", "--help"]).status.code(), Some(0));
    assert!(stdout(&run(&["--version"])).starts_with("gnomon-collector "));
}

#[test]
fn a_folder_without_a_collector_is_not_made_by_looking() {
    let folder = tempfile::tempdir().unwrap();
    let place = folder.path().join("typo");
    for arguments in [
        &["token", "list"][..],
        &["user", "list"],
        &["backup", "x"],
        &["migrate"],
    ] {
        let output = on(&place, arguments);
        assert_eq!(output.status.code(), Some(1), "{output:?}");
        assert!(
            stderr(&output).contains("there is no collector in"),
            "{output:?}"
        );
    }
    assert!(!place.exists());
}

#[test]
fn tokens_are_made_listed_and_revoked_while_the_collector_runs() {
    let folder = tempfile::tempdir().unwrap();
    let process = Process::start(folder.path());
    let data = folder.path().join("data");
    let address = process.address.to_string();
    let create = [
        "token",
        "create",
        "--address",
        &address,
        "--ttl",
        "30m",
        "--label",
        "laptop-7",
    ];
    let printed = stdout(&on(&data, &create));
    assert_eq!(printed.lines().count(), 1);
    let token = Token::decode(&printed).unwrap();
    assert_eq!(token.address, address);
    let pem = fs::read(data.join("ca.pem")).unwrap();
    let ca =
        <rustls_pki_types::CertificateDer<'_> as rustls_pki_types::pem::PemObject>::from_pem_slice(
            &pem,
        );
    let digest = ring::digest::digest(&ring::digest::SHA256, &ca.unwrap());
    assert_eq!(
        token.fingerprint,
        data_encoding::HEXLOWER.encode(digest.as_ref())
    );
    let table = stdout(&on(&data, &["token", "list"]));
    assert!(
        table.contains("laptop-7") && table.contains("waiting"),
        "{table}"
    );
    assert!(!table.contains(&token.secret));
    assert!(stdout(&on(&data, &["token", "revoke", "1"])).contains("revoked"));
    let twice = on(&data, &["token", "revoke", "1"]);
    assert_eq!(twice.status.code(), Some(1));
    let json = stdout(&on(&data, &["token", "list", "--format", "json"]));
    let json: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!(json["items"][0]["state"], "revoked");
    assert_eq!(json["items"][0]["created_by"], "local:tester");
    assert_eq!(json["next"], serde_json::Value::Null);
    let tokens = Sqlite::open(&data).unwrap().tokens().unwrap();
    assert!(matches!(tokens[0].state, TokenState::Revoked { .. }));
}

#[test]
fn a_token_that_no_agent_could_use_is_not_made() {
    let folder = tempfile::tempdir().unwrap();
    let nowhere = on(folder.path(), &["token", "create"]);
    assert_eq!(nowhere.status.code(), Some(2));
    assert!(stderr(&nowhere).contains("--address"), "{nowhere:?}");
    let foreign = on(
        folder.path(),
        &["token", "create", "--address", "c.example:8443"],
    );
    assert_eq!(foreign.status.code(), Some(2));
    assert!(stderr(&foreign).contains("`names`"), "{foreign:?}");
}

#[test]
fn a_users_token_is_shown_once_and_its_hash_is_kept() {
    let folder = tempfile::tempdir().unwrap();
    let add = on(
        folder.path(),
        &["user", "add", "alice", "--role", "analyst"],
    );
    let token = stdout(&add);
    assert!(
        token.starts_with("gnu1_") && token.lines().count() == 1,
        "{token}"
    );
    let store = Sqlite::open(folder.path()).unwrap();
    let user = store
        .user_by_token(&SecretHash::of(token.as_bytes()))
        .unwrap()
        .unwrap();
    assert_eq!((user.name.as_str(), user.role), ("alice", Role::Analyst));
    let files: Vec<u8> = fs::read_dir(folder.path())
        .unwrap()
        .filter_map(|entry| fs::read(entry.unwrap().path()).ok())
        .flatten()
        .collect();
    assert!(
        !files
            .windows(token.len())
            .any(|window| window == token.as_bytes())
    );
    let twice = on(folder.path(), &["user", "add", "alice"]);
    assert_eq!(twice.status.code(), Some(2), "{twice:?}");
    let csv = stdout(&on(folder.path(), &["user", "list", "--format", "csv"]));
    assert!(
        csv.starts_with("name,role,created_at\nalice,analyst,"),
        "{csv}"
    );
    assert!(stdout(&on(folder.path(), &["user", "remove", "alice"])).contains("removed"));
    assert_eq!(
        on(folder.path(), &["user", "remove", "alice"])
            .status
            .code(),
        Some(1)
    );
    assert!(stdout(&on(folder.path(), &["user", "list"])).starts_with("no users"));
    let role = on(folder.path(), &["user", "add", "bob", "--role", "king"]);
    assert_eq!(role.status.code(), Some(2));
}

#[test]
fn a_backup_is_a_whole_inventory_and_overwrites_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    stdout(&on(&data, &["user", "add", "alice"]));
    let target = folder.path().join("copy/inventory.db");
    fs::create_dir(target.parent().unwrap()).unwrap();
    let backup = on(&data, &["backup", target.to_str().unwrap()]);
    assert_eq!(stdout(&backup), target.to_str().unwrap());
    assert_eq!(
        on(&data, &["backup", target.to_str().unwrap()])
            .status
            .code(),
        Some(1)
    );
    let copy = Sqlite::open(target.parent().unwrap()).unwrap();
    assert_eq!(copy.users().unwrap()[0].name, "alice");
    assert!(stdout(&on(&data, &["migrate"])).contains("schema"));
    let log = Sqlite::open(&data).unwrap().audit_log(0, 100).unwrap();
    assert!(
        log.iter().any(|entry| entry.action == "backed_up"),
        "{log:?}"
    );
}

#[test]
fn sensors_are_listed_and_an_unknown_one_is_not_revoked() {
    let folder = tempfile::tempdir().unwrap();
    stdout(&on(folder.path(), &["user", "add", "alice"]));
    assert!(stdout(&on(folder.path(), &["sensor", "list"])).starts_with("no sensors"));
    let unknown = on(folder.path(), &["sensor", "revoke", "nobody"]);
    assert_eq!(unknown.status.code(), Some(1));
    assert!(stderr(&unknown).contains("sensor list"), "{unknown:?}");
}
