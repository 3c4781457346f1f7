//! Extensions of browsers and editors.

use flow::{TraceKind, Wanted};
use signatures::{Catalogue, Platform};

use super::device::{Device, rows};

/// The extension of Grammarly, and one that is no service of the catalogue.
const LISTED: &str = "kbfnbcaeplbcioakkpcpgfkobkghlhen";
const UNLISTED: &str = "cjpalhdlnbpafiamejdnhcphjbkeiagm";

#[test]
fn chromium_profiles() {
    let device = Device::new();
    let chrome = ".config/google-chrome";
    let manifest = r#"{"manifest_version": 3, "name": "__MSG_name__", "permissions": ["tabs", "scripting", "storage", "cookies"], "host_permissions": ["https://*/*", "http://*/*"]}"#;
    for version in ["9.1.0_0", "14.1247.0_0"] {
        device.put_home(
            &format!("{chrome}/Default/Extensions/{LISTED}/{version}/manifest.json"),
            manifest,
        );
    }
    device.put_home(
        &format!("{chrome}/Profile 2/Extensions/{UNLISTED}/1.0_0/manifest.json"),
        manifest,
    );
    let old = r#"{"manifest_version": 2, "permissions": ["clipboardRead", "https://one.example/*"], "content_scripts": [{"matches": ["https://two.example/*"]}]}"#;
    device.put_home(
        &format!(
            ".config/BraveSoftware/Brave-Browser/Profile 1/Extensions/{LISTED}/2.0_0/manifest.json"
        ),
        old,
    );
    device.put_home(
        &format!(".config/opera/Extensions/{LISTED}/3.0_0/manifest.json"),
        "{}",
    );
    let scan = device.scan();
    assert_eq!(scan.degradations, Vec::<String>::new());
    assert_eq!(
        rows(&scan, TraceKind::BrowserExtension),
        [
            format!("{LISTED} browser=brave permissions=clipboardRead sites=2 version=2.0"),
            format!(
                "{LISTED} browser=chrome permissions=cookies scripting tabs storage sites=all version=14.1247.0"
            ),
            format!("{LISTED} browser=opera sites=none version=3.0"),
        ]
    );
    assert!(!format!("{scan:?}").contains(UNLISTED));
}

#[test]
fn firefox_profiles() {
    let text = r#"
last_checked = "2026-11-20"
[vendor]
name = "Example"
[[service]]
id = "example"
name = "Example"
category = "writing"
sources = ["https://example.com"]
[[service.artefact]]
kind = "firefox-extension"
surface = "extension"
values = ["{11111111-2222-3333-4444-555555555555}", "assistant@example.com"]
confidence = "vendor-doc"
sources = ["https://example.com"]
"#;
    let catalogue = Catalogue::load(&[("example.toml".to_owned(), text.to_owned())]).unwrap();
    let device = Device::with(Wanted::new(&catalogue, Platform::Linux));
    let list = r#"{"schemaVersion": 37, "addons": [
        {"id": "{11111111-2222-3333-4444-555555555555}", "version": "1.2", "active": true, "type": "extension", "userPermissions": {"permissions": ["tabs", "webRequest"], "origins": ["<all_urls>"]}, "path": "/home/kowalska/x.xpi"},
        {"id": "assistant@example.com", "version": "0.9", "active": false, "userPermissions": {"permissions": [], "origins": ["https://example.com/*"]}},
        {"id": "private@person.example", "version": "3", "active": true}]}"#;
    device.put_home(
        ".mozilla/firefox/x1y2z3.default-release/extensions.json",
        list,
    );
    device.put_home(
        "snap/firefox/common/.mozilla/firefox/abc.default/extensions.json",
        r#"{"addons": []}"#,
    );
    let scan = device.scan();
    assert_eq!(scan.degradations, Vec::<String>::new());
    assert_eq!(
        rows(&scan, TraceKind::BrowserExtension),
        [
            "assistant@example.com browser=firefox enabled=no sites=1 version=0.9",
            "{11111111-2222-3333-4444-555555555555} browser=firefox permissions=webRequest tabs sites=all version=1.2",
        ]
    );
    assert!(!format!("{scan:?}").contains("person"));
}

#[test]
fn extensions_of_editors() {
    let device = Device::new();
    device.put_home(
        ".vscode/extensions/extensions.json",
        r#"[{"identifier": {"id": "GitHub.copilot", "uuid": "1"}, "version": "1.300.0", "location": {"path": "/home/kowalska/.vscode"}},
            {"identifier": {"id": "ms-python.python"}, "version": "2025.1.0"}]"#,
    );
    device.put_home(
        ".vscode/extensions/github.copilot-1.300.0/package.json",
        "{}",
    );
    device.put_home(
        ".vscode/extensions/anthropic.claude-code-0.9.0/package.json",
        "left over",
    );
    device.put_home(
        ".cursor/extensions/anthropic.claude-code-1.0.61-linux-x64/package.json",
        "{}",
    );
    device.put_home(".windsurf/extensions/extensions.json", "not json");
    device.put_home(
        ".windsurf/extensions/saoudrizwan.claude-dev-3.2.1/package.json",
        "{}",
    );
    device.put_home(
        ".local/share/JetBrains/IntelliJIdea2025.2/github-copilot-intellij/lib/core.jar",
        "PK",
    );
    device.put_home(
        ".local/share/JetBrains/IntelliJIdea2025.2/rust/lib/core.jar",
        "PK",
    );
    assert_eq!(
        rows(&device.scan(), TraceKind::IdeExtension),
        [
            "com.github.copilot editor=jetbrains",
            "anthropic.claude-code editor=cursor version=1.0.61",
            "github.copilot editor=vscode version=1.300.0",
            "saoudrizwan.claude-dev editor=windsurf version=3.2.1",
        ]
    );
}
