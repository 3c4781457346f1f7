//! What runs: the published bundle or the program's own catalogue, and local files on top.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use arc_swap::ArcSwap;
use signatures::bundle::{Bundle, Refused};
use signatures::{Catalogue, Layers};
use tokio::sync::watch;

use super::offers::Offer;
use super::shelf::{Shelf, ShelfError};
use super::{read_folder, watch as folders};

/// The catalogue of the running collector; readers take it as it is at that moment.
#[derive(Debug)]
pub struct Live {
    shelf: Shelf,
    local: Option<PathBuf>,
    catalogue: ArcSwap<Catalogue>,
    offer: watch::Sender<Option<Offer>>,
    changed: watch::Sender<()>,
    work: Mutex<Work>,
}

/// What a reload goes on from.
#[derive(Debug, Default)]
struct Work {
    layers: Layers,
    version: u64,
    /// What was said last about the bundle and about the local files, so that it is said once.
    problems: [Option<String>; 2],
}

impl Live {
    /// Loads what is published, and the files of `local`. What is refused is logged and left out.
    #[must_use]
    pub fn open(shelf: Shelf, local: Option<&Path>) -> Self {
        let live = Self {
            shelf,
            local: local.map(Path::to_owned),
            catalogue: ArcSwap::from(Arc::clone(Catalogue::builtin())),
            offer: watch::Sender::new(None),
            changed: watch::Sender::new(()),
            work: Mutex::default(),
        };
        live.reload();
        live
    }

    /// Runs `catalogue`, with nothing on a disk.
    #[must_use]
    pub fn fixed(catalogue: Arc<Catalogue>) -> Self {
        Self {
            shelf: Shelf::new(Path::new("")),
            local: None,
            catalogue: ArcSwap::from(catalogue),
            offer: watch::Sender::new(None),
            changed: watch::Sender::new(()),
            work: Mutex::default(),
        }
    }

    /// What runs now.
    #[must_use]
    pub fn catalogue(&self) -> Arc<Catalogue> {
        self.catalogue.load_full()
    }

    /// Where bundles are.
    #[must_use]
    pub const fn shelf(&self) -> &Shelf {
        &self.shelf
    }

    /// What is offered to agents, now and from now on.
    #[must_use]
    pub fn offers(&self) -> watch::Receiver<Option<Offer>> {
        self.offer.subscribe()
    }

    /// Tells when another catalogue runs.
    #[must_use]
    pub fn changes(&self) -> watch::Receiver<()> {
        self.changed.subscribe()
    }

    /// Everything that is refused at the moment, in words.
    #[must_use]
    pub fn problems(&self) -> Vec<String> {
        let work = self.work.lock().unwrap_or_else(PoisonError::into_inner);
        work.problems.iter().flatten().cloned().collect()
    }

    /// Reloads whatever has changed on the disk, until the task is dropped.
    pub async fn watch(self: Arc<Self>) {
        // Without the folder there would be nothing to watch when the first bundle is published.
        if let Err(error) = self.shelf.create() {
            tracing::warn!(%error, "new catalogue bundles are noticed late");
        }
        let watched = [Some(self.shelf.folder()), self.local.as_deref()];
        let mut changes = folders::Changes::of(watched.into_iter().flatten());
        loop {
            changes.next().await;
            let live = Arc::clone(&self);
            if tokio::task::spawn_blocking(move || live.reload())
                .await
                .is_err()
            {
                tracing::error!("looking for a new catalogue failed");
            }
        }
    }

    /// Takes what is on the disk where it is good; else what runs goes on running. Blocks.
    pub fn reload(&self) {
        let mut work = self.work.lock().unwrap_or_else(PoisonError::into_inner);
        let bundle = self.take_bundle(&mut work).err();
        let local = self.take_local(&mut work).err();
        for (known, found) in work.problems.iter_mut().zip([bundle, local]) {
            if let Some(problem) = found.as_ref().filter(|found| known.as_ref() != Some(found)) {
                tracing::error!(%problem, "the catalogue stays as it is");
            }
            *known = found;
        }
        let version = work.layers.catalogue().version();
        if self.catalogue.load().version() != version {
            tracing::info!(version, "the catalogue is replaced");
            self.catalogue.store(Arc::clone(work.layers.catalogue()));
            self.changed.send_replace(());
        }
    }

    fn take_bundle(&self, work: &mut Work) -> Result<(), String> {
        let Some(bytes) = self.shelf.published().map_err(|error| error.to_string())? else {
            return Ok(());
        };
        let known = self
            .offer
            .borrow()
            .as_ref()
            .map(|offer| offer.bytes.clone());
        if known.is_some_and(|known| known == bytes) {
            return Ok(());
        }
        let refused = |error: ShelfError| format!("the published bundle: {error}");
        let bundle = self.shelf.open(&bytes).map_err(refused)?;
        let Bundle {
            manifest,
            catalogue,
            ..
        } = bundle;
        if manifest.version <= work.version {
            let older = Refused::Older {
                offered: manifest.version,
                newest: work.version,
            };
            return Err(format!("the published bundle: {older}"));
        }
        work.layers
            .set_base(catalogue)
            .map_err(|error| format!("the published bundle with the local files: {error}"))?;
        work.version = manifest.version;
        self.offer.send_replace(Some(Offer {
            version: manifest.version,
            bytes: bytes.into(),
        }));
        tracing::info!(bundle = manifest.version, "a catalogue bundle is published");
        Ok(())
    }

    fn take_local(&self, work: &mut Work) -> Result<(), String> {
        let Some(folder) = &self.local else {
            return Ok(());
        };
        let named = |path: &Path| path.display().to_string();
        let files = read_folder(folder, named).map_err(|error| error.to_string())?;
        work.layers
            .set_local(files)
            .map(drop)
            .map_err(|error| error.to_string())
    }
}
