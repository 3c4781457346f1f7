//! `catalogue …`: what curators and administrators do with the catalogue.

mod bundles;
mod curate;
mod explain;
mod publish;
mod risk;
mod source;

use std::path::PathBuf;

use anyhow::Result;
use clap::{Args, Subcommand};

use super::Place;
use super::output::Format;

/// Which catalogue is meant.
#[derive(Debug, Args)]
pub(in crate::cli) struct Which {
    /// A folder of TOML files, one such file, or a bundle; without it what this collector runs, else what the program
    /// brings along
    #[arg(long, value_name = "PATH")]
    catalogue: Option<PathBuf>,
}

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Say which service a host name belongs to, and why
    #[command(after_help = EXPLAIN_HELP)]
    Explain {
        /// Host names; without them one a line from standard input
        names: Vec<String>,
        #[command(flatten)]
        which: Which,
        /// How to print; json gives one object a line
        #[arg(long, value_enum, default_value_t)]
        format: Format,
    },
    /// Check catalogue files; tells everything that is wrong, with file and line
    #[command(after_help = LINT_HELP)]
    Lint {
        /// They are local files, with own services and exceptions: check them on top of what this collector runs
        #[arg(long)]
        local: bool,
        /// Folders of TOML files, or single ones; they are checked together
        #[arg(required = true, value_name = "PATH")]
        paths: Vec<PathBuf>,
    },
    /// Count services, names, patterns and sources, as Markdown
    #[command(after_help = "Example:\n  gnomon-collector catalogue counts > signatures/COUNTS.md")]
    Counts {
        #[command(flatten)]
        which: Which,
    },
    /// Say how the risk scores of this collector are made: factors, weights, cases
    #[command(after_help = "Example:\n  gnomon-collector catalogue risk")]
    Risk {
        /// How to print
        #[arg(long, value_enum, default_value_t)]
        format: Format,
    },
    /// List what changes from one catalogue to another; with --data-dir also what that does to stored sightings
    #[command(
        after_help = "Example:\n  gnomon-collector catalogue diff old.gnomcat signatures/catalogue"
    )]
    Diff {
        /// The old one: a folder, a file or a bundle
        old: PathBuf,
        /// The new one
        new: PathBuf,
        /// How to print
        #[arg(long, value_enum, default_value_t)]
        format: Format,
    },
    /// Make a pair of keys: the secret one signs bundles, the public one checks them
    #[command(after_help = KEYGEN_HELP)]
    Keygen {
        /// File for the secret key; the public one gets the same name with .pub. Neither may be there yet
        #[arg(default_value = "gnomon-catalogue.key")]
        file: PathBuf,
    },
    /// Make a bundle of catalogue files
    #[command(after_help = BUILD_HELP)]
    Build(bundles::Build),
    /// Sign a bundle
    #[command(after_help = SIGN_HELP)]
    Sign(bundles::Sign),
    /// Check a bundle, and say what is in it
    #[command(
        after_help = "Example:\n  gnomon-collector catalogue verify --public-key gnomon-catalogue.key.pub new.gnomcat"
    )]
    Verify(bundles::Verify),
    /// Check bundles with this key from now on; agents that enrol get it, those that have must be told
    #[command(after_help = "Example:\n  gnomon-collector catalogue trust gnomon-catalogue.key.pub")]
    Trust {
        /// File with the public key
        file: PathBuf,
    },
    /// Put a signed bundle out; a running collector has its agents switch within seconds
    #[command(after_help = "Example:\n  gnomon-collector catalogue publish new.gnomcat")]
    Publish {
        /// The bundle
        file: PathBuf,
    },
    /// Put the content of the bundle before out again, under a new and higher number
    #[command(
        after_help = "Example:\n  gnomon-collector catalogue rollback --key gnomon-catalogue.key"
    )]
    Rollback {
        /// File with the secret key
        #[arg(long, value_name = "FILE")]
        key: PathBuf,
    },
    /// Show what is published and trusted
    #[command(after_help = "Example:\n  gnomon-collector catalogue status")]
    Status,
}

const EXPLAIN_HELP: &str = "\
Examples:
  gnomon-collector catalogue explain api.openai.com www.bing.com
  gnomon-collector catalogue explain --format json < names.txt

Example:
  gnomon-collector catalogue explain contoso-prod.openai.azure.com";

const LINT_HELP: &str = "\
Examples:
  gnomon-collector catalogue lint --local /etc/gnomon/catalogue

Example:
  gnomon-collector catalogue lint signatures/catalogue";

const KEYGEN_HELP: &str = "\
Keep the secret key where bundles are signed, not on the collector of a larger
site: whoever has it decides what the whole fleet looks for. It is not
encrypted. The public key is one of minisign.

Example:
  gnomon-collector catalogue keygen /root/gnomon-catalogue.key";

const BUILD_HELP: &str = "\
Without --number the bundle's number is the time in seconds, or one more than
that of the published bundle, whichever is higher: agents take only what has a
higher number than anything before.

Example:
  gnomon-collector catalogue build --key gnomon-catalogue.key --out new.gnomcat signatures/catalogue";

const SIGN_HELP: &str = "\
With minisign, which keeps its keys encrypted:
  gnomon-collector catalogue sign --signed-part part.bin new.gnomcat
  minisign -S -l -m part.bin
  gnomon-collector catalogue sign --signature part.bin.minisig new.gnomcat

Example:
  gnomon-collector catalogue sign --key gnomon-catalogue.key new.gnomcat";

impl Command {
    pub(super) fn run(self, place: &Place) -> Result<()> {
        match self {
            Self::Explain {
                names,
                which,
                format,
            } => explain::explain(place, &which, names, format),
            Self::Lint { local: true, paths } => curate::lint_local(place, &paths),
            Self::Lint { paths, .. } => curate::lint(&paths),
            Self::Counts { which } => curate::counts(place, &which),
            Self::Risk { format } => risk::risk(place, format),
            Self::Diff { old, new, format } => curate::diff(place, &old, &new, format),
            Self::Keygen { file } => bundles::keygen(&file),
            Self::Build(build) => build.run(place),
            Self::Sign(sign) => sign.run(),
            Self::Verify(verify) => verify.run(place),
            Self::Trust { file } => publish::trust(place, &file),
            Self::Publish { file } => publish::publish(place, &file),
            Self::Rollback { key } => publish::rollback(place, &key),
            Self::Status => publish::status(place),
        }
    }
}
