//! A catalogue that is replaced while it is in use: the files of the program or of a bundle, and local files on top.

use std::sync::Arc;

use crate::{Catalogue, LoadError};

/// The texts that the running catalogue was made of, so that each part can be replaced without the other.
///
/// Whatever is refused changes nothing.
#[derive(Debug)]
pub struct Layers {
    /// `None`: the files of the program.
    base: Option<Vec<(String, String)>>,
    local: Vec<(String, String)>,
    catalogue: Arc<Catalogue>,
}

impl Default for Layers {
    fn default() -> Self {
        Self {
            base: None,
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

    /// Replaces the files of the program or of the bundle before by those of a bundle.
    ///
    /// # Errors
    /// Every problem of the files, alone or together with the local ones.
    pub fn set_base(&mut self, base: Vec<(String, String)>) -> Result<(), LoadError> {
        self.catalogue = Arc::new(Catalogue::load_with_local(&base, &self.local)?);
        self.base = Some(base);
        Ok(())
    }

    /// Replaces the local files. Returns whether that changed anything.
    ///
    /// # Errors
    /// Every problem of the files, alone or together with the others.
    pub fn set_local(&mut self, local: Vec<(String, String)>) -> Result<bool, LoadError> {
        if self.local == local {
            return Ok(false);
        }
        self.catalogue = match &self.base {
            None if local.is_empty() => Arc::clone(Catalogue::builtin()),
            None => Arc::new(Catalogue::load_with_local(
                &Catalogue::builtin_files(),
                &local,
            )?),
            Some(base) => Arc::new(Catalogue::load_with_local(base, &local)?),
        };
        self.local = local;
        Ok(true)
    }
}
