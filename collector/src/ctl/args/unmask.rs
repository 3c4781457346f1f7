//! `gnomon unmask`: how it is said.

use std::path::PathBuf;

use clap::{Args, Subcommand};

/// From a pseudonym to its name.
#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true, subcommand_negates_reqs = true)]
pub(in crate::ctl) struct Unmask {
    #[command(subcommand)]
    pub(in crate::ctl) step: Option<UnmaskStep>,
    #[command(flatten)]
    pub(in crate::ctl) ask: UnmaskAsk,
}

#[derive(Debug, Subcommand)]
pub(in crate::ctl) enum UnmaskStep {
    /// Open one layer with an officer's key, on the officer's own machine
    #[command(after_help = "Examples:\n  \
        gnomon unmask open --key officer-1.key u-abcdefghij.sealed.json\n  \
        gnomon unmask open --key officer-2.key u-abcdefghij.half.json")]
    Open(UnmaskOpen),
}

#[derive(Debug, Args)]
pub(in crate::ctl) struct UnmaskAsk {
    /// The pseudonym, such as u-abcdefghij
    #[arg(required = true)]
    pub(in crate::ctl) label: Option<String>,
    /// Why; it goes to the collector's audit log
    #[arg(long, value_name = "TEXT", required = true)]
    pub(in crate::ctl) reason: Option<String>,
    /// File for the sealed name [default: LABEL.sealed.json]
    #[arg(long, value_name = "FILE")]
    pub(in crate::ctl) out: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(in crate::ctl) struct UnmaskOpen {
    /// What the step before wrote
    pub(in crate::ctl) file: PathBuf,
    /// The officer's private key
    #[arg(long, value_name = "FILE")]
    pub(in crate::ctl) key: PathBuf,
    /// File whose first line is the key's passphrase
    #[arg(long, value_name = "FILE")]
    pub(in crate::ctl) passphrase_file: Option<PathBuf>,
    /// File for what is left to open [default: LABEL.half.json]
    #[arg(long, value_name = "FILE")]
    pub(in crate::ctl) out: Option<PathBuf>,
    /// Do not tell the collector's audit log: where the officer's machine cannot reach it
    #[arg(long)]
    pub(in crate::ctl) offline: bool,
}
