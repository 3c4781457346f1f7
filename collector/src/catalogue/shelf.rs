//! The folder of published bundles.

use std::fs::{self, File};
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

use signatures::bundle::{BadKey, Bundle, MAX_BUNDLE_BYTES, PublicKey, Refused};

use crate::enrol::{create_private_folder, write_for_all};

/// Why the folder cannot be used as wanted.
#[derive(Debug, thiserror::Error)]
pub enum ShelfError {
    /// A file cannot be read or written.
    #[error("{}: {source}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The file of the trusted key holds something else.
    #[error("{}: {source}", path.display())]
    Key {
        /// The file.
        path: PathBuf,
        /// What it is not.
        source: BadKey,
    },
    /// No key is trusted yet.
    #[error("no catalogue key is trusted here yet; see `gnomon-collector catalogue trust --help`")]
    NoKey,
    /// The bundle is refused.
    #[error("the bundle is refused: {0}")]
    Refused(#[from] Refused),
}

/// The folder of published bundles in a data folder.
#[derive(Clone, Debug)]
pub struct Shelf {
    folder: PathBuf,
}

impl Shelf {
    /// Of a data folder; nothing is read or made yet.
    #[must_use]
    pub fn new(data_dir: &Path) -> Self {
        Self {
            folder: data_dir.join("catalogue"),
        }
    }

    /// The folder.
    #[must_use]
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Makes the folder.
    ///
    /// # Errors
    /// When it cannot be made.
    pub fn create(&self) -> Result<(), ShelfError> {
        create_private_folder(&self.folder).map_err(|source| self.io("", source))
    }

    /// The key that bundles are checked with.
    ///
    /// # Errors
    /// When the file cannot be read or is none.
    pub fn trusted(&self) -> Result<Option<PublicKey>, ShelfError> {
        let name = "trusted.pub";
        let Some(bytes) = self.read(name)? else {
            return Ok(None);
        };
        let text = String::from_utf8_lossy(&bytes);
        text.parse().map(Some).map_err(|source| ShelfError::Key {
            path: self.folder.join(name),
            source,
        })
    }

    /// Trusts a key from now on, and no other.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn trust(&self, key: &PublicKey) -> Result<(), ShelfError> {
        self.create()?;
        self.write("trusted.pub", key.to_file().as_bytes())
    }

    /// The published bundle, as it is on the disk.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn published(&self) -> Result<Option<Vec<u8>>, ShelfError> {
        self.read("published.gnomcat")
    }

    /// The bundle that was published before.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn previous(&self) -> Result<Option<Vec<u8>>, ShelfError> {
        self.read("previous.gnomcat")
    }

    /// Opens a bundle with the trusted key.
    ///
    /// # Errors
    /// When no key is trusted, or with the reason to refuse the bundle.
    pub fn open(&self, bytes: &[u8]) -> Result<Bundle, ShelfError> {
        let key = self.trusted()?.ok_or(ShelfError::NoKey)?;
        Ok(Bundle::open(bytes, &key)?)
    }

    /// The number of the published bundle; 0 when there is none, or none that can be trusted.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn newest(&self) -> Result<u64, ShelfError> {
        let Some(bytes) = self.published()? else {
            return Ok(0);
        };
        match self.open(&bytes) {
            Ok(bundle) => Ok(bundle.manifest.version),
            Err(ShelfError::Refused(_) | ShelfError::NoKey) => Ok(0),
            Err(error) => Err(error),
        }
    }

    /// Puts a bundle out, after every check; the one before is kept.
    ///
    /// # Errors
    /// With the reason to refuse it, or when it cannot be written. Then the one before stays.
    pub fn publish(&self, bytes: &[u8]) -> Result<Bundle, ShelfError> {
        self.create()?;
        let key = self.trusted()?.ok_or(ShelfError::NoKey)?;
        let bundle = Bundle::open_newer(bytes, &key, self.newest()?)?;
        if let Some(before) = self.published()? {
            self.write("previous.gnomcat", &before)?;
        }
        self.write("published.gnomcat", bytes)?;
        Ok(bundle)
    }

    fn io(&self, name: &str, source: io::Error) -> ShelfError {
        ShelfError::Io {
            path: self.folder.join(name),
            source,
        }
    }

    fn write(&self, name: &str, bytes: &[u8]) -> Result<(), ShelfError> {
        write_for_all(&self.folder.join(name), bytes).map_err(|source| self.io(name, source))
    }

    /// Reads a file, no further than any bundle goes; one that is longer is cut and so refused later.
    fn read(&self, name: &str) -> Result<Option<Vec<u8>>, ShelfError> {
        let most = u64::try_from(MAX_BUNDLE_BYTES).unwrap_or(u64::MAX);
        let mut bytes = Vec::new();
        let file = match File::open(self.folder.join(name)) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(self.io(name, error)),
        };
        file.take(most.saturating_add(1))
            .read_to_end(&mut bytes)
            .map_err(|source| self.io(name, source))?;
        Ok(Some(bytes))
    }
}

/// Reads a bundle from anywhere.
///
/// # Errors
/// When it cannot be read or is larger than any bundle.
pub fn read_bundle(path: &Path) -> io::Result<Vec<u8>> {
    let most = u64::try_from(MAX_BUNDLE_BYTES).unwrap_or(u64::MAX);
    if fs::metadata(path)?.len() > most {
        return Err(io::Error::other(Refused::TooLarge));
    }
    fs::read(path)
}
