//! Settings files and data folders that the catalogue lists by path: that they are there, nothing more.

use flow::TraceKind;

use super::{Look, Place};

/// Kinds of artefacts whose values are paths: `~/` in front for a home folder, `/` for the device.
/// Settings of servers are read, see `mcp`, so that they are there is no news.
const KINDS: [&str; 4] = ["config-path", "data-path", "install-path", "model-dir"];

/// Looks for listed paths in a home folder.
pub(in crate::presence) fn look_in_home(look: &mut Look<'_>, place: &Place) {
    look_for(look, place, "~/");
}

/// Looks for listed paths of the whole device.
pub(in crate::presence) fn look_in_system(look: &mut Look<'_>, place: &Place) {
    look_for(look, place, "/");
}

fn look_for(look: &mut Look<'_>, place: &Place, start: &str) {
    for kind in KINDS {
        let wanted = look.wanted;
        for value in wanted.values(kind) {
            let Some(pattern) = value.strip_prefix(start) else {
                continue;
            };
            let paths = look.disk.expand(&place.path, pattern);
            if paths.iter().any(|path| look.disk.exists(path)) {
                look.add_artefact(place, TraceKind::Configuration, (kind, value), Vec::new());
            }
        }
    }
}
