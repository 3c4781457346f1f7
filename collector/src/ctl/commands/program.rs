//! The program behind a finding: in cells of a CSV, and in words where one finding was asked for.

use inventory::Timestamp;

use super::look::{UNKNOWN, evidence};
use crate::api::views::{AttributionView, FindingView, ParentView, ProcessView};
use crate::ctl::output::{ago, clean};

/// Class, its reason and what is known about one run of the program.
pub(super) fn csv(class: &str, attribution: &AttributionView) -> [String; 9] {
    let process = attribution.process.as_ref();
    let text =
        |part: fn(&ProcessView) -> Option<String>| process.and_then(part).unwrap_or_default();
    [
        class.to_owned(),
        attribution.class_reason.clone(),
        text(|process| Some(process.executable.clone())),
        text(|process| process.command.clone()),
        text(|process| process.sha256.clone()),
        text(package),
        text(|process| process.container.clone()),
        text(|process| Some(parents(&process.parents))),
        attribution.later_user.clone().unwrap_or_default(),
    ]
}

fn package(process: &ProcessView) -> Option<String> {
    let package = process.package.as_ref()?;
    Some(format!("{} {}", package.kind, package.name))
}

/// `bash (12) < sshd (3)`.
fn parents(parents: &[ParentView]) -> String {
    let told = parents
        .iter()
        .map(|one| format!("{} ({})", one.name, one.pid));
    told.collect::<Vec<_>>().join(" < ")
}

/// Everything that is known about who made a finding and what it rests on, one line each.
pub(super) fn describe(finding: &FindingView, now: Timestamp) -> Vec<String> {
    let attribution = &finding.attribution;
    let mut lines = Vec::new();
    let mut tell = |what: &str, text: Option<String>| {
        if let Some(text) = text.filter(|text| !text.is_empty()) {
            lines.push(format!("{what}: {}.", clean(&text)));
        }
    };
    match &attribution.process {
        Some(process) => {
            let started = process.start_time.map_or_else(String::new, |time| {
                format!(", started {time} ({})", ago(time, now))
            });
            let run = format!("{}, process {}{started}", process.executable, process.pid);
            tell("Program", Some(run));
            tell("Runs", process.command.clone());
            tell("SHA-256", process.sha256.clone());
            tell("Package", package(process));
            tell("Container", process.container.clone());
            tell("Started by", Some(parents(&process.parents)));
        }
        None => tell("Program", Some(UNKNOWN.to_owned())),
    }
    let reason = |text: &str| match text {
        "" => String::new(),
        text => format!(" ({text})"),
    };
    let class = format!("{}{}", finding.class, reason(&attribution.class_reason));
    tell("Class", Some(class));
    let user = finding.user.as_deref().unwrap_or(UNKNOWN);
    tell("User", Some(user.to_owned()));
    let quality = format!("{}{}", attribution.quality, reason(&attribution.reason));
    tell("Attribution", Some(quality));
    tell("Socket used later by", attribution.later_user.clone());
    tell("Evidence", Some(evidence(&finding.evidence, usize::MAX)));
    tell(
        "Confidence",
        Some(format!(
            "{}{}",
            finding.confidence.level,
            reason(&finding.confidence.factors.join("; "))
        )),
    );
    tell(
        "Does not prove",
        Some(finding.confidence.does_not_prove.join("; ")),
    );
    lines
}
