//! A catalogue that is replaced while it is in use: that of the program or of a bundle, and local files on top.

use std::sync::Arc;

use crate::{Catalogue, LoadError};

/// What the running catalogue was made of, so that each part can be replaced without the other.
///
/// Whatever is refused changes nothing.
#[derive(Debug)]
pub struct Layers {
    base: Arc<Catalogue>,
    local: Vec<(String, String)>,
    catalogue: Arc<Catalogue>,
}

impl Default for Layers {
    fn default() -> Self {
        Self {
            base: Arc::clone(Catalogue::builtin()),
            local: Vec::new(),
            catalogue: Arc::clone(Catalogue::builtin()),
        }
    }
}

impl Layers {
    /// Returns what runs.
    #[must_use]
    pub const fn catalogue(&self) -> &Arc<Catalogue> {
        &self.catalogue
    }

    /// Replaces the catalogue of the program or of the bundle before by that of a bundle.
    ///
    /// # Errors
    /// Every problem that it has together with the local files.
    pub fn set_base(&mut self, base: Catalogue) -> Result<(), LoadError> {
        let base = Arc::new(base);
        self.catalogue = with_local(&base, &self.local)?;
        self.base = base;
        Ok(())
    }

    /// Replaces the local files. Returns whether that changed anything.
    ///
    /// # Errors
    /// Every problem of the files, alone or together with the catalogue below them.
    pub fn set_local(&mut self, local: Vec<(String, String)>) -> Result<bool, LoadError> {
        if self.local == local {
            return Ok(false);
        }
        self.catalogue = with_local(&self.base, &local)?;
        self.local = local;
        Ok(true)
    }
}

fn with_local(
    base: &Arc<Catalogue>,
    local: &[(String, String)],
) -> Result<Arc<Catalogue>, LoadError> {
    if local.is_empty() {
        return Ok(Arc::clone(base));
    }
    Ok(Arc::new(base.with_local(local)?))
}
