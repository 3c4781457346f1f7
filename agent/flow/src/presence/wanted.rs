//! What the catalogue lists of a device: the index over artefacts and programs of all services.

use std::collections::BTreeMap;
use std::sync::Arc;

use signatures::{Artefact, Catalogue, Confidence, Platform, Process, Service, ServiceId, Surface};

/// Kinds of artefacts whose values are compared without regard to case.
const CASELESS: &[&str] = &[
    "npm-package",
    "vscode-extension",
    "linux-package",
    "snap-package",
    "appimage",
];

/// A service that an artefact or a program of the catalogue is evidence of.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Shows {
    pub(super) service: ServiceId,
    pub(super) surface: Surface,
    /// Text form of the entry.
    pub(super) indicator: Arc<str>,
    pub(super) confidence: Confidence,
}

/// Values of one kind of artefacts, as compared: each as spelled, and what it shows.
type Values = BTreeMap<Box<str>, (Box<str>, Vec<Shows>)>;

/// A program that the catalogue lists.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct WantedProcess {
    /// Text that path or command line must hold too.
    pub requires: Option<Arc<str>>,
    /// Whether it runs models, so that its listening ports count.
    pub runs_models: bool,
    shows: Vec<Shows>,
}

/// What a scan has to look for on one system: artefacts by kind and value, programs by name.
#[derive(Clone, Debug, Default)]
pub struct Wanted {
    version: String,
    artefacts: BTreeMap<Box<str>, Values>,
    processes: BTreeMap<Box<str>, Vec<WantedProcess>>,
}

impl Wanted {
    /// Lists what `catalogue` knows about devices that run `platform`; silenced services are left out.
    #[must_use]
    pub fn new(catalogue: &Catalogue, platform: Platform) -> Self {
        let mut wanted = Self {
            version: catalogue.version().to_owned(),
            ..Self::default()
        };
        let here = |other: Platform| other == Platform::Any || other == platform;
        let heard = |service: &Service| !catalogue.is_silenced(&service.id);
        for service in catalogue.read_services().filter(heard) {
            for artefact in &service.artefacts {
                if here(artefact.platform) {
                    wanted.add_artefact(&service.id, artefact);
                }
            }
            for process in &service.processes {
                if here(process.platform) {
                    wanted.add_process(&service.id, process);
                }
            }
        }
        wanted
    }

    fn add_artefact(&mut self, service: &ServiceId, artefact: &Artefact) {
        let kind = word_of(&artefact.kind);
        let values = self.artefacts.entry(kind.into()).or_default();
        let (_, shows) = values
            .entry(folded(kind, &artefact.value).into())
            .or_insert_with(|| (artefact.value.as_str().into(), Vec::new()));
        shows.push(Shows {
            service: service.clone(),
            surface: artefact.surface,
            indicator: format!("artefact:{} {}", artefact.kind, artefact.value).into(),
            confidence: artefact.provenance.basis.confidence(),
        });
    }

    fn add_process(&mut self, service: &ServiceId, process: &Process) {
        let requires = process.requires.as_deref();
        let indicator = requires.map_or_else(
            || format!("process:{}", process.name),
            |requires| format!("process:{} {requires}", process.name),
        );
        let shows = Shows {
            service: service.clone(),
            surface: process.surface,
            indicator: indicator.into(),
            confidence: process.provenance.basis.confidence(),
        };
        let runs_models = process.surface == Surface::LocalRuntime;
        let name = process.name.to_lowercase().into();
        let same_name: &mut Vec<WantedProcess> = self.processes.entry(name).or_default();
        let mut known = same_name.iter_mut();
        if let Some(known) = known.find(|known| known.requires.as_deref() == requires) {
            known.runs_models |= runs_models;
            known.shows.push(shows);
        } else {
            same_name.push(WantedProcess {
                requires: requires.map(Arc::from),
                runs_models,
                shows: vec![shows],
            });
        }
    }

    /// Returns the version of the catalogue that it was made from.
    #[must_use]
    pub fn version(&self) -> &str {
        &self.version
    }

    /// Returns a listed artefact as the catalogue spells it.
    #[must_use]
    pub fn artefact(&self, kind: &str, value: &str) -> Option<&str> {
        let values = self.artefacts.get(word_of(kind))?;
        let (spelled, _) = values.get(&*folded(word_of(kind), value))?;
        Some(spelled)
    }

    /// Lists the values of a kind of artefacts as the catalogue spells them, in a fixed order.
    pub fn values(&self, kind: &str) -> impl Iterator<Item = &str> {
        let values = self.artefacts.get(word_of(kind)).into_iter().flatten();
        values.map(|(_, (spelled, _))| &**spelled)
    }

    /// Lists the programs with this file name, which is compared without regard to case.
    #[must_use]
    pub fn processes(&self, name: &str) -> &[WantedProcess] {
        let found = self.processes.get(&*name.to_lowercase());
        found.map_or(&[], Vec::as_slice)
    }

    /// Lists the names of all programs, lower case, in a fixed order.
    pub fn process_names(&self) -> impl Iterator<Item = &str> {
        self.processes.keys().map(|name| &**name)
    }

    /// What an artefact shows.
    pub(super) fn shown_by_artefact(&self, kind: &str, value: &str) -> &[Shows] {
        let kind = word_of(kind);
        let values = self.artefacts.get(kind);
        let found = values.and_then(|values| values.get(&*folded(kind, value)));
        found.map_or(&[], |(_, shows)| shows)
    }

    /// What a program shows.
    pub(super) fn shown_by_process(&self, name: &str, requires: Option<&str>) -> &[Shows] {
        let mut same_name = self.processes(name).iter();
        let found = same_name.find(|known| known.requires.as_deref() == requires);
        found.map_or(&[], |known| &known.shows)
    }
}

/// The word for a kind of artefact under which it is kept, whatever a catalogue calls it.
fn word_of(kind: &str) -> &str {
    match kind.strip_suffix("-id").unwrap_or(kind) {
        "edge-extension" | "chromium-extension" => "chrome-extension",
        "gecko-extension" | "mozilla-extension" => "firefox-extension",
        "pypi-package" | "python-package" => "pip-package",
        "node-package" => "npm-package",
        "deb-package" | "rpm-package" => "linux-package",
        "flatpak" => "flatpak-app",
        "snap" => "snap-package",
        "desktop-entry" => "desktop-file",
        other => other,
    }
}

/// A value as it is compared: ids of extensions without case, PyPI names as PEP 503 writes them,
/// paths without a slash at the end.
fn folded(kind: &str, value: &str) -> String {
    match kind {
        "pip-package" => {
            let mut name = String::with_capacity(value.len());
            for c in value.chars() {
                let c = if matches!(c, '_' | '.') { '-' } else { c };
                if c != '-' || !name.ends_with('-') {
                    name.extend(c.to_lowercase());
                }
            }
            name
        }
        "desktop-file" => value
            .strip_suffix(".desktop")
            .unwrap_or(value)
            .to_lowercase(),
        kind if CASELESS.contains(&kind) => value.to_lowercase(),
        kind if kind.ends_with("-path") => value.trim_end_matches('/').to_owned(),
        _ => value.to_owned(),
    }
}
