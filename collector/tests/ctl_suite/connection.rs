use std::fs;

use axum::Router;
use axum::routing::get;

use super::server::{Server, run};
use crate::api_suite::site::{Site, VIEWER};

#[test]
fn asks_with_a_config_file_environment_or_flags() {
    let server = Server::start(Site::filled());
    let folder = server.path(".config/gnomon");
    fs::create_dir_all(&folder).unwrap();
    let config = format!(
        "collector = \"localhost:{}\"\nca = \"../../ca.pem\"\ntoken_file = \"../../token\"\n",
        server.address.port()
    );
    fs::write(folder.join("config.toml"), config).unwrap();
    let out = run(server.command().args(["services"])).ok();
    assert!(out.contains("chatgpt"), "{out}");
    // Flags and environment go before the file.
    let wrong = run(server
        .command()
        .args(["services", "--collector", "https://127.0.0.1:1"]));
    assert_eq!(wrong.code, Some(1));
    assert!(
        wrong
            .err
            .contains("cannot reach the collector at https://127.0.0.1:1"),
        "{}",
        wrong.err
    );
    assert!(wrong.err.contains("is it running there"), "{}", wrong.err);
    let token = run(server
        .command()
        .env("GNOMON_TOKEN", VIEWER)
        .args(["services"]));
    assert_eq!(token.code, Some(0));
}

#[test]
fn says_everything_that_is_missing_at_once() {
    let server = Server::start(Site::empty());
    let nothing = run(server.command().args(["usage"]));
    assert_eq!(nothing.code, Some(2));
    for word in [
        "GNOMON_COLLECTOR",
        "GNOMON_CA",
        "GNOMON_TOKEN",
        "config.toml",
        "user add",
    ] {
        assert!(nothing.err.contains(word), "{word}: {}", nothing.err);
    }
    assert!(nothing.out.is_empty());
    for (file, text, hint) in [
        (
            "typo.toml",
            "collector = \"x\"\ncolector = 1\n",
            "typo.toml:2: unknown field",
        ),
        ("type.toml", "\n\nca = 5\n", "type.toml:3"),
        ("broken.toml", "collector = ", "broken.toml:1"),
    ] {
        let path = server.path(file);
        fs::write(&path, text).unwrap();
        let refused = run(server.command().arg("usage").arg("--config").arg(&path));
        assert_eq!(refused.code, Some(2), "{file}");
        assert!(refused.err.contains(hint), "{}", refused.err);
    }
    let absent = run(server
        .command()
        .args(["usage", "--config", "/nowhere/c.toml"]));
    assert!(
        absent.err.contains("cannot read /nowhere/c.toml"),
        "{}",
        absent.err
    );
    let clear = server.gnomon(&["usage", "--collector", "http://localhost"]);
    assert_eq!(clear.code, Some(2));
    assert!(clear.err.contains("not safe"), "{}", clear.err);
}

#[test]
fn trusts_no_other_ca_and_no_other_name() {
    let server = Server::start(Site::empty());
    let other = Server::start_with(Site::empty(), Router::new(), &["elsewhere.example"]);
    let foreign = other.path("ca.pem");
    let refused = server.gnomon(&["usage", "--ca", foreign.to_str().unwrap()]);
    assert_eq!(refused.code, Some(1));
    assert!(refused.err.contains("not of the CA in"), "{}", refused.err);
    let refused = other.gnomon(&["usage"]);
    assert_eq!(refused.code, Some(1));
    assert!(refused.err.contains("not for the name"), "{}", refused.err);
    fs::write(server.path("empty.pem"), "").unwrap();
    fs::write(
        server.path("bad.pem"),
        "-----BEGIN CERTIFICATE-----\n!\n-----END CERTIFICATE-----\n",
    )
    .unwrap();
    for file in ["empty.pem", "bad.pem", "absent.pem"] {
        let refused = server.gnomon(&["usage", "--ca", server.path(file).to_str().unwrap()]);
        assert_eq!(refused.code, Some(2), "{file}: {}", refused.err);
        assert!(refused.err.contains("data folder"), "{}", refused.err);
    }
}

#[test]
fn a_wrong_token_and_a_stranger_behind_the_port_are_told_apart() {
    let server = Server::start(Site::empty());
    fs::write(server.path("token"), "gnu1_wrong").unwrap();
    let refused = server.gnomon(&["usage"]);
    assert_eq!(refused.code, Some(2));
    assert!(
        refused.err.contains("belongs to no user"),
        "{}",
        refused.err
    );
    fs::write(server.path("token"), "two words").unwrap();
    let refused = server.gnomon(&["usage"]);
    assert!(
        refused.err.contains("holds no API token"),
        "{}",
        refused.err
    );

    let page = Router::new().route("/api/v1/usage", get(async || "<html>hello</html>"));
    let stranger = Server::start_with(Site::empty(), page, &["127.0.0.1"]);
    let refused = stranger.gnomon(&["usage"]);
    assert_eq!(refused.code, Some(1));
    assert!(
        refused.err.contains("not as a Gnomon collector"),
        "{}",
        refused.err
    );
    let refused = stranger.gnomon(&["services"]);
    assert!(
        refused.err.contains("not as a Gnomon collector"),
        "{}",
        refused.err
    );
}

#[test]
fn wrong_usage_is_exit_2_and_help_is_not() {
    let server = Server::start(Site::filled());
    for args in [
        &["usage", "--since", "yesterday"][..],
        &["usage", "--status", "allowed"],
        &["usage", "--limit", "0"],
        &["usage", "--service", "chatgtp"],
        &["usage", "--device", "nobody"],
        &["usage", "--since", "1h", "--until", "2h"],
        &["policy", "set", "chatgpt", "discovered"],
        &["policy", "set", "no/such", "tolerated"],
        &["policy", "set", "nothing", "tolerated"],
        &["nothing"],
        &[],
    ] {
        let refused = server.gnomon(args);
        assert_eq!(refused.code, Some(2), "{args:?}: {}", refused.err);
        assert!(
            !refused.err.is_empty() && refused.out.is_empty(),
            "{args:?}"
        );
    }
    let typo = server.gnomon(&["usage", "--service", "chatgtp"]);
    let like = typo.err.split("like it are").nth(1).unwrap_or_default();
    assert!(like.contains("chatgpt"), "{}", typo.err);
    for args in [
        &["--help"][..],
        &["usage", "--help"],
        &["policy", "set", "--help"],
    ] {
        let help = run(server.command().args(args));
        assert!(help.out.contains("Example"), "{args:?}");
        assert_eq!(help.code, Some(0));
    }
}
