//! The catalogue as a whole: loaded from TOML texts, immutable, with a version and a matcher.

use std::sync::{Arc, LazyLock};

use crate::load::{LoadError, load};
use crate::matcher::Matcher;
use crate::model::Service;
use crate::version::version_of;

include!(concat!(env!("OUT_DIR"), "/builtin_files.rs"));

static BUILTIN: LazyLock<Arc<Catalogue>> = LazyLock::new(|| {
    let files: Vec<(String, String)> = BUILTIN_FILES
        .iter()
        .map(|(name, text)| ((*name).into(), (*text).into()))
        .collect();
    let loaded = Catalogue::load(&files);
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
}

impl Catalogue {
    /// Loads a catalogue from `(file name, TOML text)` pairs; their order does not matter.
    ///
    /// # Errors
    /// Every problem of every file, with file and line, when there is at least one.
    pub fn load(files: &[(String, String)]) -> Result<Self, LoadError> {
        let services = load(files)?;
        let version = version_of(files, &services);
        Ok(Self {
            version,
            matcher: Matcher::new(services),
        })
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
}
