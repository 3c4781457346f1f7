//! `catalogue keygen`, `build`, `sign`, `verify`: bundles as files.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use clap::Args;
use ring::rand::{SecureRandom as _, SystemRandom};
use signatures::bundle::{self, Bundle, PublicKey, SecretKey};

use super::super::output;
use super::super::{Place, Usage};
use super::source::{Files, files};
use crate::catalogue::{Shelf, read_bundle};
use crate::clock;
use crate::enrol::{create_secret, write_for_all};

const NANOS: i64 = 1_000_000_000;

#[derive(Debug, Args)]
pub(in crate::cli) struct Build {
    /// Folders of TOML files, or single ones
    #[arg(required = true, value_name = "PATH")]
    paths: Vec<PathBuf>,
    /// The bundle to write
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
    /// Its number, higher than that of every bundle before
    #[arg(long, value_name = "N")]
    number: Option<u64>,
    /// File with the secret key, to sign it at once
    #[arg(long, value_name = "FILE")]
    key: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(in crate::cli) struct Sign {
    /// The bundle; it is replaced by the signed one
    bundle: PathBuf,
    /// File with the secret key
    #[arg(long, value_name = "FILE")]
    key: Option<PathBuf>,
    /// Put in a signature that minisign made over the signed part
    #[arg(long, value_name = "FILE", conflicts_with = "key")]
    signature: Option<PathBuf>,
    /// Write the part that is to be signed, for minisign, and sign nothing
    #[arg(long, value_name = "FILE", conflicts_with_all = ["key", "signature"])]
    signed_part: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(in crate::cli) struct Verify {
    /// The bundle
    bundle: PathBuf,
    /// File with the public key, instead of the one that this collector trusts
    #[arg(long, value_name = "FILE")]
    public_key: Option<PathBuf>,
}

pub(super) fn keygen(file: &Path) -> Result<()> {
    let mut seed = [0; 32];
    SystemRandom::new()
        .fill(&mut seed)
        .ok()
        .context("the system gives no random numbers")?;
    let key = SecretKey::from_seed(seed)?;
    let public = public_file(file);
    anyhow::ensure!(
        !public.exists(),
        "{} is there already; a key that is in use must not be lost",
        public.display()
    );
    create_secret(file, key.to_file().as_bytes())
        .with_context(|| format!("write {}", file.display()))?;
    write_for_all(&public, key.public_key().to_file().as_bytes())
        .with_context(|| format!("write {}", public.display()))?;
    output::line(&format!("secret key: {}", file.display()))?;
    output::line(&format!("public key: {}", public.display()))?;
    output::line(&key.public_key().to_string())
}

fn public_file(file: &Path) -> PathBuf {
    let mut name = file.as_os_str().to_owned();
    name.push(".pub");
    PathBuf::from(name)
}

pub(super) fn secret_key(file: &Path) -> Result<SecretKey> {
    let text = fs::read_to_string(file).with_context(|| format!("read {}", file.display()))?;
    text.parse().with_context(|| file.display().to_string())
}

pub(super) fn public_key(file: &Path) -> Result<PublicKey> {
    let text = fs::read_to_string(file).with_context(|| format!("read {}", file.display()))?;
    text.parse().with_context(|| file.display().to_string())
}

/// The number of a bundle that is made now: higher than the published one, and than any that was made before.
pub(super) fn next_number(shelf: &Shelf) -> Result<u64> {
    let seconds = u64::try_from(clock::now().as_nanos() / NANOS).unwrap_or_default();
    Ok(seconds.max(shelf.newest()?.saturating_add(1)))
}

/// Now, to the second.
pub(super) fn created() -> String {
    output::moment(clock::now())
}

impl Build {
    pub(super) fn run(self, place: &Place) -> Result<()> {
        let mut all = Files::new();
        for path in &self.paths {
            all.extend(files(path)?);
        }
        let number = match self.number {
            Some(number) => number,
            None => next_number(&Shelf::new(&place.config()?.data_dir))?,
        };
        let mut bytes = bundle::build(&all, number, &created()).context("make the bundle")?;
        if let Some(key) = &self.key {
            bytes = bundle::sign(&bytes, &secret_key(key)?)?;
        }
        write_for_all(&self.out, &bytes)
            .with_context(|| format!("write {}", self.out.display()))?;
        output::line(&describe(&Bundle::open_untrusted(&bytes)?, bytes.len()))?;
        if self.key.is_none() {
            output::note("it is not signed yet; see `gnomon-collector catalogue sign --help`");
        }
        Ok(())
    }
}

impl Sign {
    pub(super) fn run(self) -> Result<()> {
        let shown = self.bundle.display().to_string();
        let bytes = read_bundle(&self.bundle).with_context(|| shown.clone())?;
        Bundle::open_untrusted(&bytes).with_context(|| shown.clone())?;
        if let Some(file) = &self.signed_part {
            write_for_all(file, bundle::signed_part(&bytes)?)?;
            return output::line(&file.display().to_string());
        }
        let signed = match (&self.key, &self.signature) {
            (Some(key), _) => bundle::sign(&bytes, &secret_key(key)?)?,
            (None, Some(file)) => {
                let text = fs::read_to_string(file).with_context(|| file.display().to_string())?;
                bundle::attach(&bytes, &text)?
            }
            (None, None) => {
                return Err(Usage("sign with --key, or with --signature".to_owned()).into());
            }
        };
        write_for_all(&self.bundle, &signed).with_context(|| format!("write {shown}"))?;
        output::line(&format!("{shown} is signed"))
    }
}

impl Verify {
    pub(super) fn run(self, place: &Place) -> Result<()> {
        let shown = self.bundle.display().to_string();
        let bytes = read_bundle(&self.bundle).with_context(|| shown.clone())?;
        let bundle = match &self.public_key {
            Some(file) => Bundle::open(&bytes, &public_key(file)?)
                .with_context(|| format!("{shown} is refused"))?,
            None => Shelf::new(&place.config()?.data_dir)
                .open(&bytes)
                .with_context(|| shown.clone())?,
        };
        output::line(&describe(&bundle, bytes.len()))
    }
}

/// A bundle in one line.
pub(super) fn describe(bundle: &Bundle, bytes: usize) -> String {
    let manifest = &bundle.manifest;
    format!(
        "bundle {} of {}: catalogue {}, {} services in {} files, {bytes} bytes",
        manifest.version,
        manifest.created,
        manifest.catalogue_version,
        bundle.catalogue.service_count(),
        manifest.files
    )
}
