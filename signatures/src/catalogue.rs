//! The catalogue as a whole: loaded from TOML texts, immutable, with a version and a matcher.

use std::sync::{Arc, LazyLock};

use crate::id::ServiceId;
use crate::load::{LoadError, load};
use crate::matcher::Matcher;
use crate::model::Service;
use crate::version::{version_of, version_with};

include!(concat!(env!("OUT_DIR"), "/builtin_files.rs"));

static BUILTIN: LazyLock<Arc<Catalogue>> = LazyLock::new(|| {
    let loaded = Catalogue::load(&Catalogue::builtin_files());
    debug_assert!(
        loaded.is_ok(),
        "the catalogue in the program must load: {loaded:?}"
    );
    Arc::new(loaded.unwrap_or_default())
});

/// All services, and the matcher over them; immutable once loaded.
#[derive(Debug, Default)]
pub struct Catalogue {
    version: String,
    matcher: Matcher,
    reported_shared: Vec<ServiceId>,
}

impl Catalogue {
    /// Loads a catalogue from `(file name, TOML text)` pairs; their order does not matter.
    ///
    /// # Errors
    /// Every problem of every file, with file and line, when there is at least one.
    pub fn load(files: &[(String, String)]) -> Result<Self, LoadError> {
        Self::load_with_local(files, &[])
    }

    /// Loads a catalogue together with local files, which may add services and hold exceptions.
    ///
    /// The version is that of `files`, followed by `.local.` and a digest of the local files where there are any. The day
    /// in it is that of `files` alone.
    ///
    /// # Errors
    /// Every problem of every file, with file and line, when there is at least one.
    pub fn load_with_local(
        files: &[(String, String)],
        local: &[(String, String)],
    ) -> Result<Self, LoadError> {
        let (services, exceptions) = load(files, local)?;
        let is_local = |file: &str| local.iter().any(|(name, _)| name == file);
        let own = services.iter().filter(|one| !is_local(&one.file));
        let version = version_with(&version_of(files, own), local);
        Ok(Self {
            version,
            matcher: Matcher::new(services, &exceptions.silenced),
            reported_shared: exceptions.reported_shared,
        })
    }

    /// Returns the files that are compiled into the program, `(name, text)`.
    #[must_use]
    pub fn builtin_files() -> Vec<(String, String)> {
        let files = BUILTIN_FILES.iter();
        files
            .map(|(name, text)| ((*name).into(), (*text).into()))
            .collect()
    }

    /// Returns the catalogue that is compiled into the program, parsed at the first call.
    ///
    /// A test of this crate holds it free of problems; should it have one all the same, it is empty and its version too.
    #[must_use]
    pub fn builtin() -> &'static Arc<Self> {
        &BUILTIN
    }

    /// Returns the version: the newest review day and a digest of the files, for example `2026.11.20+ab12cd34ef56`.
    #[must_use]
    pub fn version(&self) -> &str {
        &self.version
    }

    /// Returns all services, ordered by id.
    #[must_use]
    pub fn services(&self) -> &[Service] {
        self.matcher.services()
    }

    /// Returns the service with this id.
    #[must_use]
    pub fn service(&self, id: &str) -> Option<&Service> {
        let services = self.services();
        let index = services
            .binary_search_by(|service| service.id.as_str().cmp(id))
            .ok()?;
        services.get(index)
    }

    /// Returns the matcher.
    #[must_use]
    pub const fn matcher(&self) -> &Matcher {
        &self.matcher
    }

    /// Tells whether a local file has this service reported where only a shared name of it was met.
    #[must_use]
    pub fn reports_shared(&self, id: &ServiceId) -> bool {
        self.reported_shared.binary_search(id).is_ok()
    }

    /// Tells whether a local file has this service silenced; every match of it is a third-party dependency then.
    #[must_use]
    pub fn is_silenced(&self, id: &ServiceId) -> bool {
        self.matcher.is_silenced(id)
    }
}
