//! The command line of `gnomon policy`.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use inventory::Status;

use super::{AskSensors, Format, any_status};
use crate::ctl::period::Future;

#[derive(Debug, Subcommand)]
pub(in crate::ctl) enum PolicyCommand {
    /// Decide about a service, for everybody or for one device, user or tenant
    #[command(after_help = POLICY_SET_HELP)]
    Set(PolicySet),
    /// Decisions in force
    #[command(after_help = "Example:\n  gnomon policy list")]
    List(AskSensors),
    /// Take a decision back: the service is discovered again
    #[command(after_help = "Example:\n  gnomon policy remove chatgpt --device anna-laptop")]
    Remove(PolicyRemove),
    /// Put the decisions of a file in force, all or none
    #[command(after_help = "Example:\n  gnomon policy import policy.toml")]
    Import(PolicyImport),
    /// Write the decisions in force as a file that `policy import` reads
    #[command(after_help = "Example:\n  gnomon policy export > policy.toml")]
    Export,
}

const POLICY_SET_HELP: &str = "\
The most specific decision applies: one that names more of user, device and tenant, and of equally
many the one that names the user before the device before the tenant. A decision that has expired
no longer applies, and the service is discovered again.

Examples:
  gnomon policy set chatgpt prohibited --reason \"no contract\"
  gnomon policy set azure-openai sanctioned --tenant contoso-prod --expires 2027-03-31";

#[derive(Clone, Debug, Args)]
pub(in crate::ctl) struct PolicySet {
    /// Id in the catalogue
    pub(in crate::ctl) service: String,
    /// under_review, sanctioned, tolerated, prohibited or retired
    #[arg(value_parser = decided_status)]
    pub(in crate::ctl) status: Status,
    /// Why
    #[arg(
        long,
        value_name = "TEXT",
        default_value = "",
        hide_default_value = true
    )]
    pub(in crate::ctl) reason: String,
    /// Until when: a date, RFC 3339, or for so long (90d) [default: for good]
    #[arg(long, value_name = "WHEN")]
    pub(in crate::ctl) expires: Option<Future>,
    #[command(flatten)]
    pub(in crate::ctl) scope: ScopeArgs,
    /// How the decision is printed
    #[arg(long, value_enum, default_value_t, value_name = "FORMAT")]
    pub(in crate::ctl) format: Format,
}

/// For whom.
#[derive(Clone, Debug, Default, Args)]
pub(in crate::ctl) struct ScopeArgs {
    /// For this device only, by any name that only one has
    #[arg(long, value_name = "DEVICE")]
    pub(in crate::ctl) device: Option<String>,
    /// For this user only
    #[arg(long, value_name = "USER")]
    pub(in crate::ctl) user: Option<String>,
    /// For this tenant or resource of the service only
    #[arg(long, value_name = "TENANT")]
    pub(in crate::ctl) tenant: Option<String>,
}

#[derive(Clone, Debug, Args)]
pub(in crate::ctl) struct PolicyRemove {
    /// Id in the catalogue
    pub(in crate::ctl) service: String,
    #[command(flatten)]
    pub(in crate::ctl) scope: ScopeArgs,
}

#[derive(Clone, Debug, Args)]
pub(in crate::ctl) struct PolicyImport {
    /// The file; `-` reads standard input
    pub(in crate::ctl) file: PathBuf,
    /// Also end decisions that the file does not hold
    #[arg(long)]
    pub(in crate::ctl) replace: bool,
    /// How the outcome is printed
    #[arg(long, value_enum, default_value_t, value_name = "FORMAT")]
    pub(in crate::ctl) format: Format,
}

fn decided_status(text: &str) -> Result<Status, String> {
    let status = any_status(text)?;
    if status == Status::Discovered {
        return Err(
            "discovered is what holds without a decision; use `gnomon policy remove`".into(),
        );
    }
    Ok(status)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn statuses_are_taken_with_either_dash() {
        assert_eq!(decided_status("under-review"), Ok(Status::UnderReview));
        assert!(
            decided_status("discovered")
                .unwrap_err()
                .contains("policy remove")
        );
        assert!(
            decided_status("allowed")
                .unwrap_err()
                .contains("sanctioned")
        );
    }
}
