//! `gnomon-collector privacy`: keys of officers, and what holds.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, ensure};
use clap::Subcommand;
use data_encoding::HEXLOWER;

use super::{Place, output};
use crate::enrol::{create_secret, write_for_all};
use crate::privacy::officer::PrivateKey;
use crate::privacy::{Privacy, fleet};

/// Bytes of a passphrase that are read.
const MAX_PASSPHRASE: usize = 4096;

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Make an officer's key pair: on the officer's own machine, never on the collector
    #[command(
        after_help = "Only the public key, FILE.pub, goes to the collector.\n\nExample:\n  \
            gnomon-collector privacy keygen --out officer-1.key --passphrase-file passphrase.txt"
    )]
    Keygen {
        /// File for the private key; the public one gets `.pub` behind its name
        #[arg(long, value_name = "FILE")]
        out: PathBuf,
        /// File with a passphrase that encrypts the private key
        #[arg(long, value_name = "FILE")]
        passphrase_file: Option<PathBuf>,
    },
    /// Say how people are named and who can unmask them
    #[command(after_help = "Example:\n  gnomon-collector privacy show")]
    Show,
}

impl Command {
    pub(super) fn run(self, place: &Place) -> Result<()> {
        match self {
            Self::Keygen {
                out,
                passphrase_file,
            } => keygen(&out, passphrase_file.as_deref()),
            Self::Show => show(place),
        }
    }
}

fn keygen(out: &Path, passphrase_file: Option<&Path>) -> Result<()> {
    let passphrase = passphrase_file.map(passphrase).transpose()?;
    let mut public = out.as_os_str().to_owned();
    public.push(".pub");
    let public = PathBuf::from(public);
    ensure!(
        !public.exists(),
        "{} is there already; keys are not overwritten",
        public.display()
    );
    let key = PrivateKey::generate();
    let text = key.write(passphrase.as_deref())?;
    create_secret(out, text.as_bytes()).with_context(|| format!("write {}", out.display()))?;
    write_for_all(&public, format!("{}\n", key.public()).as_bytes())
        .with_context(|| format!("write {}", public.display()))?;
    output::line(&format!(
        "{}: the private key {}, for its officer alone\n{}: the public key, for the collector",
        out.display(),
        HEXLOWER.encode(&key.public().id()),
        public.display()
    ))
}

/// The first line of a file.
pub(crate) fn passphrase(file: &Path) -> Result<String> {
    let text = fs::read_to_string(file).with_context(|| format!("read {}", file.display()))?;
    let line = text.lines().next().unwrap_or_default();
    ensure!(
        !line.is_empty() && line.len() <= MAX_PASSPHRASE,
        "{} holds no passphrase in its first line",
        file.display()
    );
    Ok(line.to_owned())
}

fn show(place: &Place) -> Result<()> {
    let config = place.config()?;
    // Only looked at: the key is made when the collector starts.
    let fleet_key = fleet::read(&config.data_dir)?;
    let in_words = if fleet_key.is_some() {
        Privacy::open(&config)?.in_words()
    } else {
        "the collector has not started with this folder yet"
    };
    output::line(&format!("Users: {in_words}"))?;
    let places = ["opens first", "opens second"];
    for (key, place) in crate::privacy::officers(&config)?.iter().zip(places) {
        output::line(&format!("Officer: {key:?} ({place})"))?;
    }
    let path = fleet::path(&config.data_dir);
    let state = if fleet_key.is_some() {
        "there; `gnomon-collector backup` copies it"
    } else {
        "not made yet"
    };
    output::line(&format!("Fleet key: {}, {state}", path.display()))?;
    output::line("Group counts: told from 5 people on")
}
