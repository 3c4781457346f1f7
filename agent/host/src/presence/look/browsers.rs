//! Extensions of browsers of the Chromium family: those that the catalogue lists, with what they may do.

use flow::{Attribute, TraceKind};
use serde_json::Value;

use super::{Look, Place, version_of};
use crate::presence::disk::{Entry, MAX_SETTINGS};
use crate::presence::read::Format;

/// Where each browser keeps its profiles, below the home folder.
const BROWSERS: &[(&str, &str)] = &[
    ("chrome", ".config/google-chrome"),
    ("chrome-beta", ".config/google-chrome-beta"),
    ("chrome-dev", ".config/google-chrome-unstable"),
    ("chrome", ".var/app/com.google.Chrome/config/google-chrome"),
    ("chromium", ".config/chromium"),
    ("chromium", "snap/chromium/common/chromium"),
    ("chromium", ".var/app/org.chromium.Chromium/config/chromium"),
    (
        "ungoogled-chromium",
        ".var/app/io.github.ungoogled_software.ungoogled_chromium/config/chromium",
    ),
    ("brave", ".config/BraveSoftware/Brave-Browser"),
    ("brave-beta", ".config/BraveSoftware/Brave-Browser-Beta"),
    (
        "brave-nightly",
        ".config/BraveSoftware/Brave-Browser-Nightly",
    ),
    (
        "brave",
        "snap/brave/current/.config/BraveSoftware/Brave-Browser",
    ),
    (
        "brave",
        ".var/app/com.brave.Browser/config/BraveSoftware/Brave-Browser",
    ),
    ("edge", ".config/microsoft-edge"),
    ("edge-beta", ".config/microsoft-edge-beta"),
    ("edge-dev", ".config/microsoft-edge-dev"),
    ("edge", ".var/app/com.microsoft.Edge/config/microsoft-edge"),
    ("vivaldi", ".config/vivaldi"),
    ("vivaldi-snapshot", ".config/vivaldi-snapshot"),
    ("vivaldi", ".var/app/com.vivaldi.Vivaldi/config/vivaldi"),
    ("opera", ".config/opera"),
    ("opera-beta", ".config/opera-beta"),
    ("opera", ".var/app/com.opera.Opera/config/opera"),
    ("comet", ".config/comet"),
    ("comet", ".config/Comet"),
    ("dia", ".config/dia"),
    ("thorium", ".config/thorium"),
    ("yandex", ".config/yandex-browser"),
    ("helium", ".config/net.imput.helium"),
];
/// Profiles of one browser that are looked at.
const MAX_PROFILES: usize = 64;
/// Kind of artefact in the catalogue.
const KIND: &str = "chrome-extension";
/// Permissions by which an extension can see or change what a person does, in the order in which they are named.
const TELLING: &[&str] = &[
    "debugger",
    "nativeMessaging",
    "proxy",
    "webRequest",
    "webRequestBlocking",
    "declarativeNetRequest",
    "tabCapture",
    "desktopCapture",
    "pageCapture",
    "cookies",
    "history",
    "clipboardRead",
    "clipboardWrite",
    "management",
    "scripting",
    "tabs",
    "webNavigation",
    "downloads",
    "bookmarks",
    "geolocation",
    "identity",
    "activeTab",
    "sidePanel",
    "storage",
    "unlimitedStorage",
];

/// Looks through the profiles of every browser.
pub(in crate::presence) fn look_in_home(look: &mut Look<'_>, place: &Place) {
    for (browser, folder) in BROWSERS {
        let root = place.path.join(folder);
        let mut profiles = look.disk.list(&root);
        profiles.retain(|entry| {
            entry.is_folder && (entry.name == "Default" || entry.name.contains("rofile"))
        });
        profiles.truncate(MAX_PROFILES);
        // Opera's first profile is the folder of the browser itself.
        let folders = profiles.into_iter().map(|entry| entry.path);
        for profile in folders.chain([root]) {
            let extensions = look.disk.list(&profile.join("Extensions"));
            for extension in extensions {
                if look.wanted.artefact(KIND, &extension.name).is_some() {
                    add(look, place, browser, &extension);
                }
            }
        }
    }
}

fn add(look: &mut Look<'_>, place: &Place, browser: &'static str, extension: &Entry) {
    let versions = look.disk.list(&extension.path);
    let newest = versions
        .into_iter()
        .filter(|entry| entry.is_folder)
        .max_by_key(|entry| order_of(&entry.name));
    let Some(newest) = newest else {
        return;
    };
    let mut attributes = vec![Attribute::new("browser", browser)];
    attributes.extend(version_of(newest.name.trim_end_matches("_0")));
    if let Some(manifest) = look.settings(
        &newest.path.join("manifest.json"),
        Format::Json,
        MAX_SETTINGS,
    ) {
        attributes.extend(rights_of(&manifest));
    }
    look.add_artefact(
        place,
        TraceKind::BrowserExtension,
        (KIND, &extension.name),
        attributes,
    );
}

/// The numbers of a version, so that 10 comes after 9.
fn order_of(version: &str) -> Vec<u64> {
    let numbers = version.split(|c: char| !c.is_ascii_digit()).take(8);
    numbers.map(|number| number.parse().unwrap_or(0)).collect()
}

/// What an extension may do, by its manifest.
pub(in crate::presence) fn rights_of(manifest: &Value) -> Vec<Attribute> {
    let list = |key: &str| {
        manifest
            .get(key)
            .and_then(Value::as_array)
            .into_iter()
            .flatten()
    };
    let scripts = list("content_scripts")
        .filter_map(|script| script.get("matches")?.as_array())
        .flatten();
    let texts = |values: &mut dyn Iterator<Item = &Value>| -> Vec<String> {
        let texts = values.filter_map(Value::as_str).take(1024);
        texts.map(str::to_owned).collect()
    };
    let permissions = texts(&mut list("permissions"));
    let mut hosts = texts(&mut list("host_permissions").chain(scripts));
    hosts.extend(
        permissions
            .iter()
            .filter(|text| text.contains("://") || *text == "<all_urls>")
            .cloned(),
    );
    rights(&permissions, &hosts)
}

/// Permissions by name, and how many sites they hold for; a site is not named.
pub(super) fn rights(permissions: &[String], hosts: &[String]) -> Vec<Attribute> {
    let telling = TELLING
        .iter()
        .filter(|known| permissions.iter().any(|one| one == *known));
    let names: Vec<&str> = telling.copied().collect();
    let mut attributes = Vec::new();
    if !names.is_empty() {
        attributes.push(Attribute::new("permissions", &names.join(" ")));
    }
    let is_any = |host: &String| {
        let site = host
            .split_once("://")
            .map_or(host.as_str(), |(_, site)| site);
        host == "<all_urls>" || site.starts_with("*/") || site == "*"
    };
    let mut distinct: Vec<&String> = hosts.iter().collect();
    distinct.sort_unstable();
    distinct.dedup();
    let sites = match distinct.len() {
        0 => "none".to_owned(),
        _ if distinct.iter().any(|host| is_any(host)) => "all".to_owned(),
        some => some.to_string(),
    };
    attributes.push(Attribute::new("sites", &sites));
    attributes
}
