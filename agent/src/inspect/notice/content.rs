//! What the notice says, switch by switch.

use flow::TraceKind;

use super::{Block, Section};
use crate::config::endpoint::Backend;
use crate::config::{Config, Mode};
use crate::privacy::Shown;
use crate::text::span;

/// Every section, in the order in which people ask.
pub(super) fn sections(config: &Config, users: &Shown) -> Vec<Section> {
    let facts = Facts::of(config, users);
    vec![
        section("What this is", vec![text(facts.what())]),
        section(
            "What is read on this device",
            vec![list(facts.read(config))],
        ),
        section("What is reported", vec![list(facts.reported(config))]),
        section("What is never reported", vec![list(facts.never())]),
        section("How you are named", facts.named(users)),
        section("Who sees it, and how long", facts.seen(users)),
        section("How you can look yourself", vec![text(LOOK.to_owned())]),
        section("Whom to ask", vec![text(contact(config))]),
    ]
}

const LOOK: &str = "Run gnomon-agent show on this device: it prints, in words, everything that has been reported from \
    it, what waits to be reported, and how the agent is set up. gnomon-agent notice prints this text again, made from \
    the settings that hold then.";

fn contact(config: &Config) -> String {
    config.contact.clone().unwrap_or_else(|| {
        "No contact is set. (The administrator sets one as `contact` in the section [privacy] of the agent's \
         configuration.)"
            .to_owned()
    })
}

fn section(heading: &'static str, blocks: Vec<Block>) -> Section {
    Section { heading, blocks }
}

fn text(text: String) -> Block {
    Block::Text(text)
}

fn list(items: Vec<String>) -> Block {
    Block::List(items)
}

/// The switches that sentences depend on.
struct Facts {
    endpoint: bool,
    attributed: bool,
    presence: bool,
    users: Users,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Users {
    Unknown,
    Pseudonym,
    Plain,
    None,
}

impl Facts {
    fn of(config: &Config, users: &Shown) -> Self {
        let endpoint = config.mode == Mode::Endpoint;
        Self {
            endpoint,
            attributed: endpoint && config.attribution != Backend::Off,
            presence: endpoint && config.presence.enabled && !config.presence.kinds.is_empty(),
            users: match users.users.as_deref() {
                Some("pseudonym") => Users::Pseudonym,
                Some("plain") => Users::Plain,
                Some("none") => Users::None,
                Some(_) | None => Users::Unknown,
            },
        }
    }

    /// Whether a person can be part of a report at all.
    const fn names_people(&self) -> bool {
        (self.attributed || self.presence) && !matches!(self.users, Users::None)
    }

    fn what(&self) -> String {
        let place = if self.endpoint {
            "The program gnomon-agent runs on this device."
        } else {
            "The program gnomon-agent runs on a machine that gets copies of the traffic of a part of the network."
        };
        format!(
            "{place} It finds out which AI services are in use, by which devices, how much and since when, so that the \
             organisation knows and can decide about them. It only watches: it blocks nothing, changes nothing and \
             breaks no encryption."
        )
    }

    fn read(&self, config: &Config) -> Vec<String> {
        let interfaces = match &config.capture.interfaces {
            Some(names) => format!("the network interfaces {}", names.join(", ")),
            None if self.endpoint => {
                "the network interfaces that lead outside, and traffic inside this device"
                    .to_owned()
            }
            None => "the network interfaces that lead outside".to_owned(),
        };
        let mut items = vec![
            format!(
                "On {interfaces}: the first packets of each connection, which name the server; questions and answers \
                 about names (DNS); the names that devices give themselves; and of unencrypted requests the first \
                 block of lines, up to the empty one. How many bytes follow is counted, what is in them is not read."
            ),
            "All of it is compared, in the memory of this device, with a catalogue of AI services. What is not in the \
             catalogue is forgotten at once."
                .to_owned(),
        ];
        if self.attributed {
            items.push(
                "Of a connection to an AI service: which program made it, from the tables of the operating system, \
                 with its file, its package, its container, what started it, and for which account it runs."
                    .to_owned(),
            );
        }
        if self.presence {
            let parts = parts(&config.presence.kinds);
            items.push(format!(
                "Every {} or when something changes: {}. Settings files are searched for these entries only.",
                span(config.presence.interval),
                parts.join("; ")
            ));
        }
        items
    }

    fn reported(&self, config: &Config) -> Vec<String> {
        let mut items = vec![format!(
            "For each AI service, in windows of {}: the service and which side of it (web, API, ...), first and last \
             time, number of connections, bytes in both directions, how far the use went, the name of the server that \
             was seen, and the tenant where the server's name carries one.",
            span(config.window)
        )];
        items.push(if self.endpoint {
            "This device, by the name that it has in the network.".to_owned()
        } else {
            "The device, by its address, and by the names that it gave itself in the network."
                .to_owned()
        });
        if self.attributed {
            items.push(
                "The program: its name, its file (below a home folder only the file name), a checksum of that file, its \
                 package or container, which programs started it, and what sort of program it is. Of a command line \
                 only what identifies the program, for example that Python runs aider."
                    .to_owned(),
            );
        } else if self.endpoint {
            items.push(
                "No program: the agent is set up not to look for the programs behind connections."
                    .to_owned(),
            );
        }
        if self.presence {
            items.push(
                "Which of the AI tools named above were found, with details such as version, browser permissions, \
                 transport of an MCP server, or the domain of the account that a tool is signed in with."
                    .to_owned(),
            );
        } else if self.endpoint {
            items.push(
                "Nothing about what is installed: the agent is set up not to look for it."
                    .to_owned(),
            );
        }
        items.push(
            "How the agent itself is doing: counts of packets and connections, and of what it could not see.".to_owned(),
        );
        items
    }

    fn never(&self) -> Vec<String> {
        let mut items = vec![
            "What is typed, sent or received: no prompt, no answer, no file, no page. The messages to the collector \
             have no field for it."
                .to_owned(),
            "Other sites, services and programs than those in the catalogue of AI services.".to_owned(),
        ];
        if self.endpoint {
            items.push(
                "Paths of folders below a home folder, values of command-line arguments, secrets and keys. Of a secret \
                 in a settings file only that there is one."
                    .to_owned(),
            );
        }
        if self.users != Users::Plain {
            items.push("Login names in the clear.".to_owned());
        }
        items
    }

    fn named(&self, users: &Shown) -> Vec<Block> {
        if !self.endpoint {
            return vec![text(
                "People are not named: a network does not show who sits at a device.".to_owned(),
            )];
        }
        if !self.attributed && !self.presence {
            return vec![text(
                "People are not named: the agent is set up not to look for who uses a program."
                    .to_owned(),
            )];
        }
        let named = match self.users {
            Users::Unknown => {
                "The collector has not told this agent how people may be named. Until it does, nobody is: reports have \
                 no user."
            }
            Users::None => {
                "People are not named, by the administrator's choice: reports have no user."
            }
            Users::Plain => {
                "By login name, in the clear, by the administrator's choice. Whoever may see the reports sees the name."
            }
            Users::Pseudonym => {
                "By a pseudonym such as u-abcdefghij. It is made from the login name with a secret key of the \
                 organisation, and is the same on all its devices. The collector holds that key: whoever administers \
                 it could try a name that he knows, but cannot read one out of a pseudonym."
            }
        };
        let mut blocks = vec![text(named.to_owned())];
        if self.users == Users::Pseudonym {
            let unmask = match users.officers.as_slice() {
                [first, second] => format!(
                    "The login name goes along, sealed twice: to the keys of two officers (keys {first} and {second}), \
                     one inside the other. It is opened only when both do so, one after the other, each with a key of \
                     their own that the collector does not have. Asking for it takes a reason, and every step is \
                     written to a log that cannot be changed unnoticed."
                ),
                _ => "The login name does not go along in any form. Nobody can unmask a pseudonym: no officers' keys are \
                      set."
                    .to_owned(),
            };
            blocks.push(text(unmask));
        }
        blocks
    }

    fn seen(&self, users: &Shown) -> Vec<Block> {
        let mut items = vec![
            "The people whom the administrator of the collector gave access to it. What they decide, change, export \
             or unmask is logged."
                .to_owned(),
        ];
        if self.names_people() {
            items.push(
                "Counts of people are told from five people on; smaller groups are not counted."
                    .to_owned(),
            );
        }
        items.push(match users.retention_days {
            Some(days) => format!("Reports are kept for {days} days."),
            None => "No time is set after which reports are deleted.".to_owned(),
        });
        if self.endpoint {
            items.push(
                "On this device, every user of it can read what was reported from it, with gnomon-agent show.".to_owned(),
            );
        }
        vec![list(items)]
    }
}

/// The parts of a scan that are on, in words.
fn parts(kinds: &[TraceKind]) -> Vec<&'static str> {
    let words = [
        (TraceKind::Application, "AI programs that are installed"),
        (
            TraceKind::Process,
            "AI programs that run, and model servers that listen",
        ),
        (TraceKind::Package, "AI packages of Python and Node"),
        (
            TraceKind::IdeExtension,
            "AI extensions of editors and browsers, with the permissions they have",
        ),
        (
            TraceKind::McpServer,
            "MCP servers that AI tools are set up to use, and how freely agents may act",
        ),
        (
            TraceKind::LocalModel,
            "AI models on the disk, by name, size and format",
        ),
        (
            TraceKind::Account,
            "the domain of the account that an AI tool is signed in with, without its user part",
        ),
    ];
    (words.into_iter())
        .filter(|(kind, _)| kinds.contains(kind))
        .map(|(_, words)| words)
        .collect()
}
