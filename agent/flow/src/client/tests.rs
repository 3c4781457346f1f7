//! Identities as they are met on Linux, macOS and Windows.

use ClientClass::{
    AiBrowser, Browser, CliAgent, DesktopApp, Ide, SdkScript, ServerWorkload, Unknown,
};

use super::*;
use crate::attribution::{Package, ParentProcess};

/// Path, command, parents (nearest first), package, container.
#[derive(Default)]
struct Met<'a> {
    path: &'a str,
    command: &'a str,
    parents: &'a [&'a str],
    package: Option<(&'static str, &'a str)>,
    container: bool,
}

fn client(met: &Met<'_>) -> Client {
    let process = ProcessIdentity {
        pid: 7,
        executable: met.path.to_owned(),
        name: known::file_name(met.path),
        command: (!met.command.is_empty()).then(|| met.command.to_owned()),
        package: met.package.map(|(kind, name)| Package {
            kind,
            name: name.to_owned(),
        }),
        container: met.container.then(|| "0123456789abcdef".to_owned()),
        parents: met
            .parents
            .iter()
            .map(|name| ParentProcess {
                pid: 1,
                name: (*name).to_owned(),
            })
            .collect(),
        ..ProcessIdentity::default()
    };
    Classifier::new(Arc::clone(Catalogue::builtin())).classify(&process, None)
}

const DEB: Option<(&str, &str)> = Some(("deb", "some-package"));

/// Class, path, command, parents from the nearest on.
const MET: &[(ClientClass, &str, &str, &[&str])] = &[
    (Browser, "/usr/lib/firefox/firefox", "", &["gnome-shell"]),
    (Browser, "/opt/google/chrome/chrome", "", &["gnome-shell"]),
    (Browser, "/usr/lib/chromium/chromium", "", &[]),
    (
        Browser,
        "/Applications/Safari.app/Contents/MacOS/Safari",
        "",
        &["launchd"],
    ),
    (
        Browser,
        "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
        "",
        &[],
    ),
    (
        Browser,
        "C:\\Program Files (x86)\\Microsoft\\Edge\\Application\\msedge.exe",
        "",
        &["explorer.exe"],
    ),
    (
        Browser,
        "C:\\Program Files\\Mozilla Firefox\\firefox.exe",
        "",
        &[],
    ),
    (
        AiBrowser,
        "/Applications/Comet.app/Contents/MacOS/Comet",
        "",
        &[],
    ),
    (Ide, "/usr/share/code/code", "", &["gnome-shell"]),
    (Ide, "/Applications/Xcode.app/Contents/MacOS/Xcode", "", &[]),
    (
        Ide,
        "C:\\Users\\x\\AppData\\Local\\Programs\\Microsoft VS Code\\Code.exe",
        "",
        &[],
    ),
    (
        Ide,
        "/usr/bin/node",
        "node ~/…/server.js",
        &["code", "systemd"],
    ),
    (
        SdkScript,
        "/usr/bin/node",
        "node index.js",
        &["bash", "code", "systemd"],
    ),
    (
        CliAgent,
        "/usr/bin/node",
        "node ~/…/@anthropic-ai/claude-code/cli.js",
        &["bash"],
    ),
    (
        CliAgent,
        "/usr/bin/python3.12",
        "python3.12 -m aider",
        &["zsh", "tmux: server"],
    ),
    (
        SdkScript,
        "/usr/bin/python3.11",
        "python3.11 train.py",
        &["bash", "sshd"],
    ),
    (SdkScript, "/usr/bin/python3.11", "", &["bash"]),
    (SdkScript, "/usr/bin/curl", "", &["bash", "sshd"]),
    (
        ServerWorkload,
        "/usr/bin/python3.11",
        "python3.11 -m gunicorn",
        &["systemd"],
    ),
    (
        ServerWorkload,
        "/usr/bin/python3",
        "python3 job.py",
        &["sh", "cron"],
    ),
    (ServerWorkload, "/usr/bin/curl", "", &["sh", "cron"]),
    (
        DesktopApp,
        "/Applications/Slack.app/Contents/MacOS/Slack",
        "",
        &[],
    ),
    (DesktopApp, "/usr/lib/slack/slack", "", &["gnome-shell"]),
    (
        DesktopApp,
        "/Applications/Whatever.app/Contents/MacOS/Whatever",
        "",
        &[],
    ),
    (Unknown, "/usr/sbin/some-daemon", "", &["systemd"]),
    (Unknown, "", "", &[]),
];

#[test]
fn programs_as_they_are_met_have_their_class() {
    for (class, path, command, parents) in MET {
        let met = Met {
            path,
            command,
            parents,
            ..Met::default()
        };
        let found = client(&met);
        assert_eq!(
            found.class, *class,
            "{path} {command} {parents:?}: {}",
            found.reason
        );
        assert!(!found.reason.is_empty(), "{path}");
    }
}

#[test]
fn a_container_is_a_server_workload() {
    let found = client(&Met {
        path: "/usr/local/bin/python3.12",
        command: "python3.12 app.py",
        container: true,
        ..Met::default()
    });
    assert_eq!(found.class, ServerWorkload);
    assert_eq!(found.reason, "it runs in the container 0123456789ab");
}

#[test]
fn a_browsers_name_in_tmp_is_a_name_and_nothing_more() {
    let mut process = ProcessIdentity {
        executable: "/tmp/chrome".to_owned(),
        name: "chrome".to_owned(),
        ..ProcessIdentity::default()
    };
    process.sha256 = Some([0xab; 32]);
    let found = Classifier::new(Arc::clone(Catalogue::builtin())).classify(&process, None);
    assert_eq!(found.class, Browser);
    assert!(
        found.reason.contains("by its name alone"),
        "{}",
        found.reason
    );
    assert!(found.reason.contains("/tmp/chrome"), "{}", found.reason);
    assert!(found.reason.contains("abababab"), "{}", found.reason);
    let packaged = client(&Met {
        path: "/usr/lib/chromium/chromium",
        package: DEB,
        ..Met::default()
    });
    assert!(
        packaged.reason.contains("deb package"),
        "{}",
        packaged.reason
    );
}

#[test]
fn a_bundle_with_a_window_and_a_program_of_ones_own() {
    let flatpak = client(&Met {
        path: "/app/bin/some-thing",
        package: Some(("flatpak", "org.example.Thing")),
        ..Met::default()
    });
    assert_eq!(flatpak.class, DesktopApp);
    let own = client(&Met {
        path: "/home/somebody/target/release/mine",
        parents: &["bash"],
        ..Met::default()
    });
    assert_eq!(own.class, SdkScript);
}
