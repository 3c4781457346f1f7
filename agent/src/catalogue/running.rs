//! The catalogue that runs, and what may replace it.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use signatures::bundle::{Bundle, PublicKey, Refused};
use signatures::{Catalogue, Layers};
use tokio::sync::Notify;

use super::files::Files;
use super::folder;
use crate::config;
use crate::health::Health;
use crate::state::StateDir;

/// The catalogue that runs; threads look whether it has been replaced.
#[derive(Debug)]
pub(crate) struct Running {
    files: Files,
    /// File of the key that the configuration names.
    public_key: Option<PathBuf>,
    local: Option<PathBuf>,
    work: Mutex<Work>,
    current: Mutex<Arc<Catalogue>>,
    generation: AtomicU64,
    health: Arc<Health>,
    /// Something about the catalogue changed that the collector should hear soon.
    pub(crate) news: Notify,
}

/// What a replacement goes on from.
#[derive(Debug, Default)]
struct Work {
    layers: Layers,
    /// Highest number that was ever accepted.
    newest: u64,
    /// Number of the bundle that runs; lower than the newest when that one was lost or damaged on the disk.
    running: u64,
}

impl Work {
    /// A bundle has to have a number above this.
    fn floor(&self) -> u64 {
        let lost = self.running < self.newest;
        self.newest.saturating_sub(lost.into())
    }
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Running {
    /// Loads the bundle that was kept, or the one before it, else the program's own catalogue; then local files. What is
    /// refused is left out and shown in the status.
    pub(crate) fn open(
        settings: &config::Catalogue,
        state: &StateDir,
        health: &Arc<Health>,
    ) -> Self {
        let files = Files::new(state);
        let newest = files.newest();
        let running = Self {
            files,
            public_key: settings.public_key.clone(),
            local: settings.local.clone(),
            work: Mutex::new(Work {
                newest,
                ..Work::default()
            }),
            current: Mutex::new(Arc::clone(Catalogue::builtin())),
            generation: AtomicU64::new(0),
            health: Arc::clone(health),
            news: Notify::new(),
        };
        let problem = running.load_kept();
        running.refused(problem);
        running.reload_local();
        running.publish(&locked(&running.work));
        running
    }

    /// What runs now.
    pub(crate) fn current(&self) -> Arc<Catalogue> {
        Arc::clone(&locked(&self.current))
    }

    /// What runs now, when that is something else than at generation `seen`, which is moved on.
    pub(crate) fn changed(&self, seen: &mut u64) -> Option<Arc<Catalogue>> {
        let generation = self.generation.load(Ordering::Acquire);
        if generation == *seen {
            return None;
        }
        *seen = generation;
        Some(self.current())
    }

    /// The highest number of a bundle that was ever accepted; 0: none.
    pub(crate) fn newest(&self) -> u64 {
        locked(&self.work).newest
    }

    pub(super) fn local_folder(&self) -> Option<&Path> {
        self.local.as_deref()
    }

    /// Whether a bundle of this number should be fetched. An older one than was accepted is a refusal by itself.
    pub(super) fn wants(&self, offered: u64) -> bool {
        let (newest, floor) = {
            let work = locked(&self.work);
            (work.newest, work.floor())
        };
        if offered < newest {
            self.refused(Some(format!(
                "the collector offers a bundle: {}",
                Refused::Older { offered, newest }
            )));
        } else if offered == floor {
            // What it offers is what runs: whatever it offered before, nothing is refused now.
            self.refused(None);
        }
        offered > floor
    }

    /// Takes a bundle from the collector, or refuses it and shows why. Blocks.
    pub(super) fn take(&self, bytes: &[u8]) {
        let problem = self.try_take(bytes).err();
        if problem.is_some() {
            self.health.count("catalogue_bundles_refused", 1);
        }
        self.refused(problem.map(|problem| format!("a bundle from the collector: {problem}")));
        self.news.notify_one();
    }

    fn try_take(&self, bytes: &[u8]) -> Result<(), String> {
        let key = self
            .key()?
            .ok_or("this agent has no key to check it with")?;
        let mut work = locked(&self.work);
        let bundle = Bundle::open_newer(bytes, &key, work.floor()).map_err(|r| r.to_string())?;
        let number = bundle.manifest.version;
        work.layers
            .set_base(bundle.catalogue)
            .map_err(|error| format!("it does not go together with the local files: {error}"))?;
        (work.newest, work.running) = (number, number);
        self.health
            .update(|status| status.catalogue.bundle = number);
        self.publish(&work);
        tracing::info!(bundle = number, "the catalogue is replaced");
        // It runs already; without a place on the disk it is fetched again after a restart.
        self.files
            .keep(bytes, number)
            .map_err(|error| format!("it runs, but cannot be kept: {error:#}"))
    }

    /// Takes the local files as they are now, or keeps those before and shows why. Blocks.
    pub(crate) fn reload_local(&self) {
        let Some(folder) = &self.local else { return };
        let mut work = locked(&self.work);
        let set = folder::read(folder).and_then(|files| {
            let set = work.layers.set_local(files);
            set.map_err(|error| error.to_string())
        });
        let known = self.health.update(|status| {
            let problem = set.as_ref().err().cloned();
            std::mem::replace(&mut status.catalogue.local_problem, problem)
        });
        match set {
            Ok(true) => {
                self.publish(&work);
                tracing::info!("the local catalogue files are taken in");
                self.news.notify_one();
            }
            Ok(false) if known.is_some() => self.news.notify_one(),
            Err(problem) if known.as_ref() != Some(&problem) => {
                tracing::error!(%problem, "the local catalogue files stay as they were");
                self.news.notify_one();
            }
            Ok(false) | Err(_) => {}
        }
    }

    /// The key that counts. It is looked up each time: an agent may be enrolled while it runs.
    fn key(&self) -> Result<Option<PublicKey>, String> {
        self.files
            .key(self.public_key.as_deref())
            .map_err(|error| format!("the key that checks bundles: {error:#}"))
    }

    /// Loads what was kept; says why when that is not the newest.
    fn load_kept(&self) -> Option<String> {
        let key = match self.key() {
            Ok(key) => key?,
            Err(problem) => return Some(problem),
        };
        let mut problem = None;
        for kept in [self.files.current(), self.files.previous()] {
            let opened = match kept {
                Ok(None) => continue,
                Ok(Some(bytes)) => {
                    Bundle::open(&bytes, &key).map_err(|refused| refused.to_string())
                }
                Err(error) => Err(error.to_string()),
            };
            match opened.and_then(|bundle| self.run_kept(bundle)) {
                Ok(()) => return problem,
                Err(why) => {
                    problem.get_or_insert(format!("the bundle that was kept: {why}"));
                }
            }
        }
        problem
    }

    fn run_kept(&self, bundle: Bundle) -> Result<(), String> {
        let mut work = locked(&self.work);
        let number = bundle.manifest.version;
        work.layers
            .set_base(bundle.catalogue)
            .map_err(|error| error.to_string())?;
        work.newest = work.newest.max(number);
        work.running = number;
        self.health
            .update(|status| status.catalogue.bundle = number);
        Ok(())
    }

    /// Makes what was loaded the one that runs.
    fn publish(&self, work: &Work) {
        let catalogue = Arc::clone(work.layers.catalogue());
        self.health.update(|status| {
            catalogue
                .version()
                .clone_into(&mut status.catalogue_version)
        });
        *locked(&self.current) = catalogue;
        self.generation.fetch_add(1, Ordering::Release);
    }

    /// Shows what is refused, or that nothing is.
    pub(super) fn refused(&self, problem: Option<String>) {
        if let Some(problem) = &problem {
            tracing::error!(%problem, "the catalogue stays as it is");
        }
        self.health
            .update(|status| status.catalogue.refused = problem);
    }
}
