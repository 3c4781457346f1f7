//! Extensions of browsers of the Gecko family, which keep a list of them in each profile.

use flow::{Attribute, TraceKind};
use serde::Deserialize;

use super::browsers::rights;
use super::{Look, Place, version_of};
use crate::presence::faults::Fault;

/// Where each browser keeps its profiles.
const BROWSERS: &[(&str, &str)] = &[
    ("firefox", ".mozilla/firefox/*"),
    ("firefox", ".config/mozilla/firefox/*"),
    ("firefox", "snap/firefox/common/.mozilla/firefox/*"),
    ("firefox", ".var/app/org.mozilla.firefox/.mozilla/firefox/*"),
    ("librewolf", ".librewolf/*"),
    (
        "librewolf",
        ".var/app/io.gitlab.librewolf-community/.librewolf/*",
    ),
    ("waterfox", ".waterfox/*"),
    ("floorp", ".floorp/*"),
    ("zen", ".zen/*"),
    ("zen", ".var/app/app.zen_browser.zen/.zen/*"),
];
/// Largest list of extensions; it also holds their descriptions in many languages.
const MAX_FILE: u64 = 8 << 20;
/// Kind of artefact in the catalogue.
const KIND: &str = "firefox-extension";

/// The parts of the list that are read.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(in crate::presence) struct Extensions {
    addons: Vec<Extension>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Extension {
    id: Option<String>,
    version: Option<String>,
    active: Option<bool>,
    #[serde(rename = "userPermissions")]
    permissions: Option<Permissions>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Permissions {
    permissions: Vec<String>,
    origins: Vec<String>,
}

/// Looks through the profiles of every browser, where the catalogue lists any extension of theirs.
pub(in crate::presence) fn look_in_home(look: &mut Look<'_>, place: &Place) {
    if look.wanted.values(KIND).next().is_none() {
        return;
    }
    for (browser, pattern) in BROWSERS {
        for profile in look.disk.expand(&place.path, pattern) {
            let Some(bytes) = look.disk.read(&profile.join("extensions.json"), MAX_FILE) else {
                continue;
            };
            let Some(list) = extensions_of(&bytes) else {
                look.disk.fault::<()>(Fault::Unparsable);
                continue;
            };
            for (id, mut attributes) in list.known() {
                attributes.push(Attribute::new("browser", browser));
                look.add_artefact(place, TraceKind::BrowserExtension, (KIND, id), attributes);
            }
        }
    }
}

/// Reads a list of extensions.
pub(in crate::presence) fn extensions_of(bytes: &[u8]) -> Option<Extensions> {
    serde_json::from_slice(bytes).ok()
}

impl Extensions {
    /// Ids, and what is known of each extension.
    pub(in crate::presence) fn known(&self) -> impl Iterator<Item = (&str, Vec<Attribute>)> {
        self.addons.iter().filter_map(|extension| {
            let mut attributes: Vec<Attribute> = extension
                .version
                .as_deref()
                .and_then(version_of)
                .into_iter()
                .collect();
            if extension.active == Some(false) {
                attributes.push(Attribute::new("enabled", "no"));
            }
            if let Some(given) = &extension.permissions {
                attributes.extend(rights(&given.permissions, &given.origins));
            }
            Some((extension.id.as_deref()?, attributes))
        })
    }
}
