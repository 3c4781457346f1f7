//! One look through the device: what all parts of it share.

pub(super) mod accounts;
pub(super) mod autonomy;
pub(super) mod browsers;
pub(super) mod claude;
pub(super) mod editors;
pub(super) mod gecko;
pub(super) mod listeners;
pub(super) mod models;
pub(super) mod packages;
pub(super) mod paths;
pub(super) mod processes;
pub(super) mod programs;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use flow::{Attribute, Listed, Trace, TraceKind, Wanted};
use serde_json::Value;
use signatures::Surface;
use wire::Timestamp;

use super::disk::Disk;
use super::faults::Fault;
use super::read::{Format, tree};
use super::text::Private;

/// Traces that are kept of one scan.
pub(super) const MAX_FOUND: usize = 8_192;
/// Details of one trace.
const MAX_ATTRIBUTES: usize = 16;
/// Settings files that are remembered while a home folder is looked through.
const MAX_REMEMBERED: usize = 64;

/// A home folder, or the root of the device.
#[derive(Clone, Debug)]
pub(super) struct Place {
    pub(super) path: PathBuf,
    /// Whose home folder it is.
    pub(super) login: Option<Arc<str>>,
    /// Words that never leave.
    pub(super) private: Private,
    /// Number of the user whose files are read in it.
    pub(super) owner: Option<u32>,
}

impl Place {
    /// The name for the place in findings.
    pub(super) fn scope(&self) -> &'static str {
        if self.login.is_some() {
            "home"
        } else {
            "system"
        }
    }
}

/// A scan under way.
#[derive(Debug)]
pub(super) struct Look<'w> {
    pub(super) disk: Disk,
    pub(super) wanted: &'w Wanted,
    now: Timestamp,
    found: BTreeSet<Trace>,
    over_cap: u64,
    unknown_programs: u64,
    /// Settings that several parts of the look ask for, by path; emptied with each home folder.
    remembered: BTreeMap<PathBuf, Option<Value>>,
}

impl<'w> Look<'w> {
    pub(super) const fn new(disk: Disk, wanted: &'w Wanted, now: Timestamp) -> Self {
        Self {
            disk,
            wanted,
            now,
            found: BTreeSet::new(),
            over_cap: 0,
            unknown_programs: 0,
            remembered: BTreeMap::new(),
        }
    }

    /// Goes on with another place.
    pub(super) fn enter(&mut self, place: &Place) {
        self.disk.owner = place.owner;
        self.remembered.clear();
    }

    /// Adds a trace.
    pub(super) fn add(
        &mut self,
        place: &Place,
        kind: TraceKind,
        listed: Listed,
        value: &str,
        mut attributes: Vec<Attribute>,
    ) {
        attributes.sort_unstable();
        attributes.dedup();
        attributes.truncate(MAX_ATTRIBUTES);
        let trace = Trace {
            kind,
            listed,
            value: value.to_owned(),
            login: place.login.clone(),
            attributes,
            seen: self.now,
        };
        if self.found.len() < MAX_FOUND {
            self.found.insert(trace);
        } else if !self.found.contains(&trace) {
            self.over_cap = self.over_cap.saturating_add(1);
        }
    }

    /// Adds an artefact when the catalogue lists it, as the catalogue spells it.
    pub(super) fn add_artefact(
        &mut self,
        place: &Place,
        kind: TraceKind,
        (word, value): (&'static str, &str),
        attributes: Vec<Attribute>,
    ) {
        if let Some(spelled) = self.wanted.artefact(word, value) {
            self.add(place, kind, Listed::Artefact(word), spelled, attributes);
        }
    }

    /// Reads a settings file as a tree; what is there and cannot be understood is counted.
    pub(super) fn settings(&mut self, path: &Path, format: Format, cap: u64) -> Option<Value> {
        if let Some(known) = self.remembered.get(path) {
            return known.clone();
        }
        let bytes = self.disk.read(path, cap);
        let read = bytes.and_then(|bytes| {
            let read = tree(&bytes, format);
            read.or_else(|| self.disk.fault(Fault::Unparsable))
        });
        if self.remembered.len() < MAX_REMEMBERED {
            self.remembered.insert(path.to_path_buf(), read.clone());
        }
        read
    }

    /// Notes programs whose files may not be known.
    pub(super) const fn note_unknown_programs(&mut self, count: u64) {
        self.unknown_programs = count;
    }

    /// Ends the look: traces, what could not be looked at in words, and counts.
    pub(super) fn finish(self) -> super::Scan {
        let mut degradations = self.disk.degradations();
        if self.over_cap > 0 {
            degradations.push(format!(
                "presence: {} traces of AI tools are not reported: there are more than {MAX_FOUND}",
                self.over_cap
            ));
        }
        if self.unknown_programs > 0 {
            degradations.push(format!(
                "presence: the files of {} programs of other users may not be known: they are recognised by their short names only",
                self.unknown_programs
            ));
        }
        let mut counts = self.disk.counts();
        counts.push(("traces", self.found.len() as u64));
        counts.push(("traces_over_cap", self.over_cap));
        super::Scan {
            traces: self.found.into_iter().collect(),
            degradations,
            counts,
        }
    }
}

/// A tool that is known by its settings, not by an artefact: the side of it that a person uses.
pub(super) fn tool(service: &'static str) -> Listed {
    let surface = match service {
        "claude" => Surface::App,
        "antigravity" | "augment-code" | "cline" | "continue" | "cursor" | "github-copilot"
        | "jetbrains-ai" | "kilo-code" | "kiro" | "roo-code" | "trae" | "windsurf" | "zed" => {
            Surface::Ide
        }
        "gpt4all" | "jan" | "llama-cpp" | "lm-studio" | "ollama" => Surface::LocalRuntime,
        "huggingface" => Surface::Download,
        _ => Surface::Cli,
    };
    Listed::Tool { service, surface }
}

/// Digits, letters, dots and the like of a version; anything else is no version.
pub(super) fn version_of(text: &str) -> Option<Attribute> {
    let plain = |c: char| c.is_ascii_alphanumeric() || ".-+_".contains(c);
    let starts = text.starts_with(|c: char| c.is_ascii_digit());
    let fits = starts && text.len() <= 32 && text.chars().all(plain);
    fits.then(|| Attribute::new("version", text))
}
