//! Claude Code's own file, which grows with every project: only what counts is taken out of it.

use std::collections::BTreeMap;
use std::path::{Component, Path};

use serde::Deserialize;
use serde_json::Value;

use super::{Look, Place, accounts, autonomy};
use crate::presence::faults::Fault;
use crate::presence::mcp;

/// Largest file; it holds the history of all projects.
const MAX_FILE: u64 = 16 << 20;
/// Projects whose own settings are looked at.
const MAX_PROJECTS: usize = 64;
const SERVICE: &str = "claude-code";

/// The parts of the file that are read; the rest is passed over without being kept.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct File {
    #[serde(rename = "mcpServers")]
    servers: Value,
    projects: BTreeMap<String, Project>,
    #[serde(rename = "oauthAccount")]
    account: Account,
    #[serde(rename = "bypassPermissionsModeAccepted")]
    bypass: Option<Value>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Project {
    #[serde(rename = "mcpServers")]
    servers: Value,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Account {
    #[serde(rename = "emailAddress")]
    address: Option<Value>,
}

/// Looks for servers of the user and of projects, the account, and whether permissions are bypassed.
pub(in crate::presence) fn look_in_home(look: &mut Look<'_>, place: &Place) {
    let path = place.path.join(".claude.json");
    let Some(bytes) = look.disk.read(&path, MAX_FILE) else {
        return;
    };
    let Ok(file) = serde_json::from_slice::<File>(&bytes) else {
        look.disk.fault::<()>(Fault::Unparsable);
        return;
    };
    drop(bytes);
    mcp::add_servers(look, place, SERVICE, Some(&file.servers), "user");
    for (folder, project) in file.projects.iter().take(MAX_PROJECTS) {
        mcp::add_servers(look, place, SERVICE, Some(&project.servers), "project");
        let folder = Path::new(folder);
        if is_below(folder, &place.path) {
            mcp::look_in_project(look, place, &folder.join(".mcp.json"), SERVICE);
        }
    }
    let address = file.account.address.as_ref().and_then(Value::as_str);
    accounts::add(look, place, SERVICE, address);
    if file.bypass == Some(Value::Bool(true)) {
        autonomy::add(
            look,
            place,
            SERVICE,
            "bypassing permissions was accepted",
            "broad",
        );
    }
}

/// Whether a folder is inside of another one, by its name alone and without going up.
fn is_below(folder: &Path, home: &Path) -> bool {
    let plain = |part: Component<'_>| matches!(part, Component::RootDir | Component::Normal(_));
    folder.starts_with(home) && folder.components().all(plain)
}
