//! What sort of program a client is, and why that is thought.
//!
//! Decided from what is known of the process, in an order that people can follow: what the catalogue
//! lists, what runs inside a runtime, browsers, editors, programs with a window, tools of scripts,
//! and at last where it runs. A name proves little by itself: where the program file does not lie
//! where only packages and administrators write, the reason says that it rests on the name alone,
//! and shows path and hash. How the connection was opened (JA4) is a hint: it decides nothing, and
//! the reason says whether it agrees.

mod handshake;
mod known;
mod listed;

use std::sync::Arc;

use signatures::{Catalogue, Category, Surface};
use wire::fingerprint::Ja4;

use crate::attribution::{Client, ClientClass, ProcessIdentity};
use listed::{Listed, Listing};

/// Bytes of a hash that a reason shows.
const SHOWN_HASH: usize = 8;
/// Parents further up than this say nothing about what a program is for.
const NEAR_PARENTS: usize = 4;

/// Decides what sort of program a client is.
#[derive(Debug)]
pub struct Classifier {
    catalogue: Arc<Catalogue>,
    /// Read from the catalogue when the first program is looked at.
    listed: Option<Listed>,
}

/// A process while it is looked at.
#[derive(Clone, Copy, Debug)]
struct Looked<'a> {
    process: &'a ProcessIdentity,
    name: &'a str,
    command: &'a str,
}

impl Classifier {
    /// Decides by what `catalogue` lists.
    #[must_use]
    pub const fn new(catalogue: Arc<Catalogue>) -> Self {
        Self {
            catalogue,
            listed: None,
        }
    }

    /// What sort of program `process` is; `ja4` is how it opened a connection, where that was seen.
    pub fn classify(&mut self, process: &ProcessIdentity, ja4: Option<Ja4>) -> Client {
        let catalogue = &self.catalogue;
        let listed = self.listed.get_or_insert_with(|| Listed::new(catalogue));
        let path = if process.executable.is_empty() {
            &process.name
        } else {
            &process.executable
        };
        let name = known::file_name(path);
        let looked = Looked {
            process,
            name: &name,
            command: process.command.as_deref().unwrap_or_default(),
        };
        let program = listed.program(looked.name, &process.executable, looked.command);
        let (class, why) = by_listing(program, &looked)
            .or_else(|| by_runtime(listed, &looked))
            .or_else(|| by_name(&looked))
            .or_else(|| by_package(&looked))
            .or_else(|| by_place(&looked))
            .unwrap_or_else(|| (ClientClass::Unknown, not_known(&looked)));
        let mut reason = with_doubt(class, why, &looked);
        if let Some(hint) = ja4.and_then(|ja4| handshake::hint(class, &ja4.to_string())) {
            reason = format!("{reason}; {hint}");
        }
        Client {
            class,
            reason: reason.into(),
        }
    }
}

type Found = Option<(ClientClass, String)>;

fn by_listing(listing: Option<&Listing>, looked: &Looked<'_>) -> Found {
    let listing = listing?;
    let is_browser = known::is_one_of(looked.name, &known::BROWSERS);
    if is_browser && listing.category != Category::AiBrowser {
        return None;
    }
    let class = class_of(listing)?;
    let Listing {
        service, surface, ..
    } = listing;
    Some((
        class,
        format!(
            "the catalogue lists {:?} as a program of {service} ({surface})",
            looked.name
        ),
    ))
}

fn class_of(listing: &Listing) -> Option<ClientClass> {
    Some(match (listing.category, listing.surface) {
        (Category::AiBrowser, _) => ClientClass::AiBrowser,
        (Category::LocalRuntime, Surface::App) => ClientClass::DesktopApp,
        (Category::LocalRuntime, _) => ClientClass::ServerWorkload,
        (_, Surface::Cli) => ClientClass::CliAgent,
        (_, Surface::Ide) => ClientClass::Ide,
        (_, Surface::App) => ClientClass::DesktopApp,
        (_, Surface::Mcp) => ClientClass::SdkScript,
        (_, Surface::LocalRuntime) => ClientClass::ServerWorkload,
        _ => return None,
    })
}

/// A program in a language: what it runs says what it is.
fn by_runtime(listed: &Listed, looked: &Looked<'_>) -> Found {
    if !known::is_runtime(looked.name) {
        return None;
    }
    if let Some(listing) = listed.run_by_runtime(looked.command)
        && let Some(class) = class_of(listing)
    {
        let why = format!(
            "{:?} runs what the catalogue lists as {} ({})",
            looked.command, listing.service, listing.surface
        );
        return Some((class, why));
    }
    if let Some(found) = below_an_editor(looked) {
        return Some(found);
    }
    if let Some(found) = by_server(looked) {
        return Some(found);
    }
    let what = if looked.command.is_empty() {
        looked.name
    } else {
        looked.command
    };
    Some((
        ClientClass::SdkScript,
        format!("a script or program of somebody's own: {what:?}"),
    ))
}

/// What an editor starts by itself; what a person starts in the editor's terminal has a shell between.
fn below_an_editor(looked: &Looked<'_>) -> Found {
    for parent in looked.process.parents.iter().take(NEAR_PARENTS) {
        let name = known::file_name(&parent.name);
        if known::is_one_of(&name, &known::SHELLS) {
            return None;
        }
        if known::is_one_of(&name, &known::IDES) {
            return Some((
                ClientClass::Ide,
                format!(
                    "the editor {:?} started it without a shell between",
                    parent.name
                ),
            ));
        }
    }
    None
}

fn by_server(looked: &Looked<'_>) -> Found {
    if let Some(container) = &looked.process.container {
        let short: String = container.chars().take(12).collect();
        return Some((
            ClientClass::ServerWorkload,
            format!("it runs in the container {short}"),
        ));
    }
    let own = looked.command.split_whitespace().find_map(|word| {
        let name = known::file_name(word);
        known::is_one_of(&name, &known::SERVERS).then_some(name)
    });
    if let Some(server) = own {
        return Some((
            ClientClass::ServerWorkload,
            format!("it runs in the server {server:?}"),
        ));
    }
    for parent in looked.process.parents.iter().take(NEAR_PARENTS) {
        let name = known::file_name(&parent.name);
        if known::is_one_of(&name, &known::SHELLS) && !is_started_by_service(looked) {
            return None;
        }
        if known::is_one_of(&name, &known::SERVERS) {
            return Some((
                ClientClass::ServerWorkload,
                format!("the service {:?} started it", parent.name),
            ));
        }
    }
    None
}

/// Whether the first of its line of parents starts services, be there a shell between: `cron` runs `sh`.
fn is_started_by_service(looked: &Looked<'_>) -> bool {
    looked
        .process
        .parents
        .last()
        .is_some_and(|leader| known::is_one_of(&known::file_name(&leader.name), &known::SERVERS))
}

fn by_name(looked: &Looked<'_>) -> Found {
    let lists: [(&[&str], ClientClass, &str); 5] = [
        (
            &known::AI_BROWSERS,
            ClientClass::AiBrowser,
            "is a browser with an assistant built in",
        ),
        (&known::BROWSERS, ClientClass::Browser, "is a browser"),
        (
            &known::IDES,
            ClientClass::Ide,
            "is an editor or development environment",
        ),
        (
            &known::DESKTOP_APPS,
            ClientClass::DesktopApp,
            "is a program with a window",
        ),
        (
            &known::FETCHERS,
            ClientClass::SdkScript,
            "fetches what a command or a script asks for",
        ),
    ];
    let (_, class, what) = lists
        .into_iter()
        .find(|(list, ..)| known::is_one_of(looked.name, list))?;
    if class == ClientClass::SdkScript
        && let Some(server) = by_server(looked)
    {
        return Some(server);
    }
    Some((class, format!("{:?} {what}", looked.name)))
}

/// Where packages say what it is.
fn by_package(looked: &Looked<'_>) -> Found {
    let path = &looked.process.executable;
    let package = looked.process.package.as_ref();
    let bundle = package.filter(|package| matches!(package.kind, "flatpak" | "appimage" | "snap"));
    if let Some(package) = bundle
        && looked.process.container.is_none()
    {
        let why = format!("it came as the {} {:?}", package.kind, package.name);
        return Some((ClientClass::DesktopApp, why));
    }
    let is_app = path.starts_with("/Applications/") || path.contains(".app/Contents/MacOS/");
    is_app.then(|| {
        let why = "its file lies in an application bundle".to_owned();
        (ClientClass::DesktopApp, why)
    })
}

/// Where it runs, and where it lies.
fn by_place(looked: &Looked<'_>) -> Found {
    if let Some(found) = by_server(looked) {
        return Some(found);
    }
    let path = &looked.process.executable;
    let own = looked.process.package.is_none()
        && (path.starts_with("~/") || path.starts_with("/home/") || path.starts_with("/tmp/"));
    let typed =
        looked.process.parents.first().is_some_and(|parent| {
            known::is_one_of(&known::file_name(&parent.name), &known::SHELLS)
        });
    (own && typed).then(|| {
        let why = "a program of no package that a shell started".to_owned();
        (ClientClass::SdkScript, why)
    })
}

fn not_known(looked: &Looked<'_>) -> String {
    if looked.process.executable.is_empty() {
        return "the program file could not be read".to_owned();
    }
    format!("{:?} is none of the programs that are known", looked.name)
}

/// A name that anybody can give a file is shown with what tells files apart.
fn with_doubt(class: ClientClass, why: String, looked: &Looked<'_>) -> String {
    let process = looked.process;
    let path = &process.executable;
    let by_file = matches!(
        class,
        ClientClass::Browser | ClientClass::AiBrowser | ClientClass::DesktopApp | ClientClass::Ide
    );
    if let Some(package) = process
        .package
        .as_ref()
        .filter(|_| class != ClientClass::Unknown)
    {
        return format!(
            "{why}; from the {} package {:?}",
            package.kind, package.name
        );
    }
    if !by_file || path.is_empty() || known::is_trusted(path) {
        return why;
    }
    let hash = process.sha256.map_or_else(
        || "not read".to_owned(),
        |hash| {
            let shown = hash.iter().take(SHOWN_HASH);
            shown.map(|byte| format!("{byte:02x}")).collect()
        },
    );
    format!("{why}; by its name alone: the file is {path}, SHA-256 {hash}")
}

#[cfg(test)]
mod tests;
