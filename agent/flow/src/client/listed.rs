//! What the catalogue knows of programs: by the name of their file, and by the package that a
//! runtime runs.

use std::collections::BTreeMap;

use signatures::{Catalogue, Category, Surface};

/// A program or package of a service.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Listing {
    /// Name of the service, for people.
    pub(super) service: String,
    pub(super) category: Category,
    pub(super) surface: Surface,
    /// Text that path or command hold too.
    pub(super) requires: Option<String>,
}

/// The programs of all services.
#[derive(Debug, Default)]
pub(super) struct Listed {
    programs: BTreeMap<String, Vec<Listing>>,
    packages: BTreeMap<String, Vec<Listing>>,
}

impl Listed {
    pub(super) fn new(catalogue: &Catalogue) -> Self {
        let mut listed = Self::default();
        for service in catalogue.read_services() {
            let listing = |surface, requires| Listing {
                service: service.name.clone(),
                category: service.category,
                surface,
                requires,
            };
            for process in &service.processes {
                let name = super::known::file_name(&process.name);
                let known = listed.programs.entry(name).or_default();
                let new = listing(process.surface, process.requires.clone());
                if !known.contains(&new) {
                    known.push(new);
                }
            }
            for artefact in &service.artefacts {
                if matches!(artefact.kind.as_str(), "npm-package" | "pip-package") {
                    let known = listed
                        .packages
                        .entry(artefact.value.to_ascii_lowercase())
                        .or_default();
                    known.push(listing(artefact.surface, None));
                }
            }
        }
        listed
    }

    /// The listing of the program file `name`, when what it requires is in `path` or `command`.
    pub(super) fn program(&self, name: &str, path: &str, command: &str) -> Option<&Listing> {
        let holds = |text: &str| {
            let text = text.to_ascii_lowercase();
            path.to_ascii_lowercase().contains(&text)
                || command.to_ascii_lowercase().contains(&text)
        };
        let found = self.programs.get(name)?;
        found
            .iter()
            .find(|listing| listing.requires.as_deref().is_none_or(holds))
    }

    /// The listing of what a runtime runs: `-m aider`, `…/node_modules/@scope/name/cli.js`, `…/bin/name`.
    pub(super) fn run_by_runtime(&self, command: &str) -> Option<&Listing> {
        let command = command.to_ascii_lowercase();
        for word in command.split_whitespace().skip(1) {
            if let Some(found) = self.of_word(word, &command) {
                return Some(found);
            }
        }
        None
    }

    fn of_word(&self, word: &str, command: &str) -> Option<&Listing> {
        let package = |name: &str| self.packages.get(name).and_then(|found| found.first());
        let parts: Vec<&str> = word.split(['/', '\\']).collect();
        for (place, part) in parts.iter().enumerate() {
            let after = parts
                .get(place.saturating_add(1))
                .copied()
                .unwrap_or_default();
            if part.starts_with('@')
                && let Some(found) = package(&format!("{part}/{after}"))
            {
                return Some(found);
            }
            if let Some(found) = package(part).or_else(|| package(&part.replace('_', "-"))) {
                return Some(found);
            }
        }
        let file = parts.last().copied().unwrap_or_default();
        let stem = file.rsplit_once('.').map_or(file, |(stem, _)| stem);
        self.program(stem, word, command)
    }
}
