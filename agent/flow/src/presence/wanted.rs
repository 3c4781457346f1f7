//! What the catalogue lists of a device: the index over artefacts and programs of all services.

use std::collections::BTreeMap;
use std::sync::Arc;

use signatures::{Catalogue, Platform, Surface};

/// Kinds of artefacts whose values are compared without regard to case.
const CASELESS: &[&str] = &[
    "npm-package",
    "vscode-extension",
    "open-vsx-extension",
    "snap",
    "appimage",
];

/// Where something stands in the catalogue: numbers of service and entry.
pub(super) type Places = Vec<(usize, usize)>;

/// Values of one kind of artefacts, as compared: each as spelled, and where it stands.
type Values = BTreeMap<Box<str>, (Box<str>, Places)>;

/// A program that the catalogue lists.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct WantedProcess {
    /// Text that path or command line must hold too.
    pub requires: Option<Arc<str>>,
    /// Whether it runs models, so that its listening ports count.
    pub runs_models: bool,
    pub(super) places: Places,
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
        for (service, known) in catalogue.services().iter().enumerate() {
            if catalogue.is_silenced(&known.id) {
                continue;
            }
            for (entry, artefact) in known.artefacts.iter().enumerate() {
                if here(artefact.platform) {
                    let kind = word_of(&artefact.kind);
                    let values = wanted.artefacts.entry(kind.into()).or_default();
                    let spelled = || (artefact.value.as_str().into(), Vec::new());
                    let (_, places) = values
                        .entry(folded(kind, &artefact.value).into())
                        .or_insert_with(spelled);
                    places.push((service, entry));
                }
            }
            for (entry, process) in known.processes.iter().enumerate() {
                if here(process.platform) {
                    let runs_models = process.surface == Surface::LocalRuntime;
                    wanted.add_process(
                        &process.name,
                        process.requires.as_deref(),
                        runs_models,
                        (service, entry),
                    );
                }
            }
        }
        wanted
    }

    fn add_process(
        &mut self,
        name: &str,
        requires: Option<&str>,
        runs_models: bool,
        place: (usize, usize),
    ) {
        let same_name = self
            .processes
            .entry(name.to_lowercase().into())
            .or_default();
        let known = same_name
            .iter_mut()
            .find(|known| known.requires.as_deref() == requires);
        if let Some(known) = known {
            known.runs_models |= runs_models;
            known.places.push(place);
        } else {
            same_name.push(WantedProcess {
                requires: requires.map(Arc::from),
                runs_models,
                places: vec![place],
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

    pub(super) fn places_of_artefact(&self, kind: &str, value: &str) -> &[(usize, usize)] {
        let kind = word_of(kind);
        let found = self
            .artefacts
            .get(kind)
            .and_then(|values| values.get(&*folded(kind, value)));
        found.map_or(&[], |(_, places)| places)
    }

    pub(super) fn places_of_process(
        &self,
        name: &str,
        requires: Option<&str>,
    ) -> &[(usize, usize)] {
        let found = self
            .processes(name)
            .iter()
            .find(|known| known.requires.as_deref() == requires);
        found.map_or(&[], |known| &known.places)
    }
}

/// The word for a kind of artefact under which it is kept, whatever a catalogue calls it.
fn word_of(kind: &str) -> &str {
    match kind.strip_suffix("-id").unwrap_or(kind) {
        "edge-extension" | "chromium-extension" => "chrome-extension",
        "gecko-extension" | "mozilla-extension" => "firefox-extension",
        "pypi-package" | "python-package" => "pip-package",
        "node-package" => "npm-package",
        "dpkg-package" | "apt-package" => "deb-package",
        "flatpak-app" => "flatpak",
        "snap-package" => "snap",
        "desktop-entry" | "linux-desktop" | "desktop" => "desktop-file",
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
