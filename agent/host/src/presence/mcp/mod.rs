//! Servers of the Model Context Protocol that tools are set up to use.
//!
//! Of a server leave: its name, how it is reached, the package that it is started from and whether
//! its version is pinned, the host of a remote one, whether a secret stands in the settings, and
//! whether its tools run without asking. Never a value of a setting, an argument or a header.

mod address;
mod clients;
mod launch;
mod secret;
mod server;

use std::path::Path;

use flow::{Attribute, Listed, TraceKind};
use serde_json::Value;
use signatures::Surface;

use super::disk::MAX_SETTINGS;
use super::look::{Look, Place};
use super::read::{Format, at, tree};
use super::text::MAX_NAME;
use clients::{CLIENTS, Client, SYSTEM_CLIENTS};
use server::read_server;

/// Servers that are read of one file.
const MAX_SERVERS: usize = 128;

/// Looks for servers in the settings of every known tool in a home folder.
pub(super) fn look_in_home(look: &mut Look<'_>, place: &Place) {
    look_at(look, place, CLIENTS, "user");
}

/// Looks for servers that the settings of the whole device name.
pub(super) fn look_in_system(look: &mut Look<'_>, place: &Place) {
    look_at(look, place, SYSTEM_CLIENTS, "system");
}

fn look_at(look: &mut Look<'_>, place: &Place, clients: &[Client], scope: &'static str) {
    for client in clients {
        for path in look.disk.expand(&place.path, client.file) {
            let Some(root) = look.settings(&path, client.format, MAX_SETTINGS) else {
                continue;
            };
            for keys in client.servers {
                let servers = at(&root, keys);
                add_servers(look, place, client.service, servers, scope);
            }
        }
    }
}

/// Reads the file in which a project names its servers.
pub(super) fn look_in_project(
    look: &mut Look<'_>,
    place: &Place,
    file: &Path,
    service: &'static str,
) {
    if let Some(root) = look.settings(file, Format::Json, MAX_SETTINGS) {
        add_servers(look, place, service, root.get("mcpServers"), "project");
    }
}

/// Adds a trace for each server of a mapping by name, or of a list of servers with names.
pub(super) fn add_servers(
    look: &mut Look<'_>,
    place: &Place,
    service: &'static str,
    servers: Option<&Value>,
    scope: &'static str,
) {
    match servers {
        Some(Value::Object(servers)) => {
            for (name, server) in servers.iter().take(MAX_SERVERS) {
                add_server(look, place, service, (name, server), scope);
            }
        }
        Some(Value::Array(servers)) => {
            for server in servers.iter().take(MAX_SERVERS) {
                let name = server.get("name").and_then(Value::as_str);
                add_server(
                    look,
                    place,
                    service,
                    (name.unwrap_or("unnamed"), server),
                    scope,
                );
            }
        }
        _ => {}
    }
}

fn add_server(
    look: &mut Look<'_>,
    place: &Place,
    service: &'static str,
    (name, server): (&str, &Value),
    scope: &'static str,
) {
    let Some(server) = read_server(server) else {
        return;
    };
    let listed = Listed::Tool {
        service,
        surface: Surface::Mcp,
    };
    let mut attributes = server.attributes(&place.private);
    attributes.push(Attribute::new("scope", scope));
    let name = place.private.clean(name, MAX_NAME);
    look.add(place, TraceKind::McpServer, listed, &name, attributes);
}

/// Reads the bytes of a settings file as each client would, for the fuzzer: what would leave.
pub(super) fn servers_of(bytes: &[u8], format: Format) -> Vec<(String, Vec<Attribute>)> {
    let Some(root) = tree(bytes, format) else {
        return Vec::new();
    };
    let private = super::text::Private::default();
    let mut found = Vec::new();
    for keys in CLIENTS.iter().flat_map(|client| client.servers) {
        let Some(Value::Object(servers)) = at(&root, keys) else {
            continue;
        };
        for (name, server) in servers.iter().take(MAX_SERVERS) {
            if let Some(server) = read_server(server) {
                found.push((private.clean(name, MAX_NAME), server.attributes(&private)));
            }
        }
    }
    found
}

/// Services of the tools that are known.
pub(super) fn tools() -> impl Iterator<Item = &'static str> {
    CLIENTS
        .iter()
        .chain(SYSTEM_CLIENTS)
        .map(|client| client.service)
}

#[cfg(test)]
mod tests;
