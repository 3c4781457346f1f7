//! The catalogue as a whole: loaded from TOML texts or carried by the program, immutable, with a version and a matcher.

use std::borrow::Cow;
use std::sync::{Arc, LazyLock};

use crate::compiled::{Compiled, compile};
use crate::id::ServiceId;
use crate::load::{Exceptions, LoadError, load};
use crate::matcher::Matcher;
use crate::model::Service;
use crate::version::{version_of, version_with};

/// The files of the folder `catalogue`, in the form of `compiled`; the build script makes it.
const BUILTIN_BYTES: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/catalogue.bin"));

static BUILTIN: LazyLock<Arc<Catalogue>> = LazyLock::new(|| {
    let compiled = Compiled::open(Cow::Borrowed(BUILTIN_BYTES));
    debug_assert!(compiled.is_some(), "the program carries a catalogue");
    Arc::new(Catalogue::of(
        compiled.unwrap_or_default(),
        Exceptions::default(),
    ))
});

/// All services, and the matcher over them; immutable once loaded.
#[derive(Debug, Default)]
pub struct Catalogue {
    matcher: Matcher,
    reported_shared: Vec<ServiceId>,
}

impl Catalogue {
    /// Loads a catalogue from `(file name, TOML text)` pairs; their order does not matter.
    ///
    /// # Errors
    /// Every problem of every file, with file and line, when there is at least one.
    pub fn load(files: &[(String, String)]) -> Result<Self, LoadError> {
        let (services, exceptions) = load(Vec::new(), files, &[])?;
        Self::compile(&version_of(files, &services), &services, exceptions)
    }

    /// Makes a catalogue of this one and of local files, which may add services and hold exceptions.
    ///
    /// The version is that of this one, followed by `.local.` and a digest of the local files where there are any.
    ///
    /// # Errors
    /// Every problem of the files, alone or together with this catalogue, with file and line, when there is at least one.
    pub fn with_local(&self, local: &[(String, String)]) -> Result<Self, LoadError> {
        let (services, exceptions) = load(self.services().cloned().collect(), &[], local)?;
        Self::compile(&version_with(self.version(), local), &services, exceptions)
    }

    fn compile(
        version: &str,
        services: &[Service],
        exceptions: Exceptions,
    ) -> Result<Self, LoadError> {
        let bytes = compile(version, services).map_err(LoadError::whole)?;
        let compiled = Compiled::open(Cow::Owned(bytes));
        debug_assert!(compiled.is_some(), "what was compiled can be opened");
        Ok(Self::of(compiled.unwrap_or_default(), exceptions))
    }

    fn of(compiled: Compiled, exceptions: Exceptions) -> Self {
        Self {
            matcher: Matcher::new(compiled, &exceptions.silenced),
            reported_shared: exceptions.reported_shared,
        }
    }

    /// Returns the catalogue that is compiled into the program: the folder `catalogue` as it was at the build.
    #[must_use]
    pub fn builtin() -> &'static Arc<Self> {
        &BUILTIN
    }

    /// Returns the version: the newest review day and a digest of the files, for example `2026.11.20+ab12cd34ef56`.
    #[must_use]
    pub fn version(&self) -> &str {
        self.matcher.services().compiled().version()
    }

    /// Lists all services, ordered by id. It reads those that nobody asked for yet.
    pub fn services(&self) -> impl Iterator<Item = &Service> + Clone {
        self.matcher.services().iter()
    }

    /// Reads all services one after the other, ordered by id, without keeping them: for who looks through all once.
    pub fn read_services(&self) -> impl Iterator<Item = Service> {
        let services = self.matcher.services();
        (0..services.len()).filter_map(|number| services.compiled().service(number))
    }

    /// Counts the services.
    #[must_use]
    pub fn service_count(&self) -> usize {
        self.matcher.services().len()
    }

    /// Returns the length in bytes of the compiled form that the catalogue lies in.
    #[must_use]
    pub fn compiled_bytes(&self) -> usize {
        self.matcher.services().compiled().len()
    }

    /// Returns the service with this id.
    #[must_use]
    pub fn service(&self, id: &str) -> Option<&Service> {
        let services = self.matcher.services();
        services.get(services.compiled().number_of(id)?)
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
