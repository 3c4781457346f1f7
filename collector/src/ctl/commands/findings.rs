//! `gnomon findings`.

use inventory::Timestamp;

use super::look::{UNKNOWN, evidence, stage, verdict};
use super::program;
use super::show::Row;
use crate::api::views::{CoverageView, FindingView, ReEvaluatedView};
use crate::ctl::output::{Cell, Column, ago, bytes, count, moment};

/// Observations named in one row of the table.
const MAX_EVIDENCE: usize = 2;

impl Row for FindingView {
    const PATH: &'static str = "/findings";
    const NONE: &'static str = "No finding matches.";
    const COLUMNS: &'static [Column] = &[
        Column::left("LAST SEEN", 0),
        Column::left("WINDOW", 8),
        Column::left("VERDICT", 0),
        Column::left("SERVICE", 0),
        Column::left("SURFACE", 7),
        Column::left("TENANT", 4).optional(),
        Column::left("DEVICE", 0),
        Column::left("USER", 3).optional(),
        Column::left("PROGRAM", 4).optional(),
        Column::left("CLASS", 3).optional(),
        Column::left("STAGE", 0),
        Column::left("SURE", 1),
        Column::right("SENT", 6),
        Column::right("RECEIVED", 9),
        Column::right("FLOWS", 10),
        Column::left("EVIDENCE", 2),
        Column::left("ATTRIBUTION", 11),
    ];
    const CSV: &'static [&'static str] = &[
        "window_start",
        "first_seen",
        "last_seen",
        "status",
        "unsanctioned",
        "service",
        "service_name",
        "vendor",
        "category",
        "country",
        "surface",
        "tenant",
        "sensor",
        "device",
        "device_name",
        "managed",
        "user",
        "process",
        "class",
        "class_reason",
        "executable",
        "command",
        "sha256",
        "package",
        "container",
        "parents",
        "later_user",
        "stage",
        "stage_limit",
        "confidence",
        "factors",
        "does_not_prove",
        "specificity",
        "bytes_out",
        "bytes_in",
        "flow_count",
        "status_then",
        "attribution",
        "attribution_reason",
        "evidence",
        "catalogue_version",
        "epoch",
        "revision",
        "re_evaluated",
        "reported_service",
    ];

    fn cells(&self, now: Timestamp) -> Vec<Cell> {
        let quality = match self.attribution.reason.as_str() {
            "" => self.attribution.quality.clone(),
            reason => format!("{}: {reason}", self.attribution.quality),
        };
        vec![
            Cell::new(&ago(self.last_seen, now)),
            Cell::new(&moment(self.window_start)),
            verdict(&self.verdict),
            Cell::new(&service_of(self)),
            Cell::new(&self.surface),
            Cell::or_dash(self.tenant.as_deref()),
            Cell::new(&self.device.name),
            Cell::or_dash(self.user.as_deref()),
            Cell::or_dash(self.process.as_deref()),
            Cell::or_dash(Some(self.class.as_str()).filter(|class| *class != UNKNOWN)),
            stage(Some(&self.stage)),
            Cell::new(&self.confidence.level),
            Cell::new(&bytes(self.bytes_out)),
            Cell::new(&bytes(self.bytes_in)),
            Cell::new(&count(self.flow_count)),
            Cell::new(&evidence(&self.evidence, MAX_EVIDENCE)),
            Cell::new(&quality),
        ]
    }

    fn csv(&self) -> Vec<String> {
        let text = |text: Option<&String>| text.cloned().unwrap_or_default();
        let again =
            |part: fn(&ReEvaluatedView) -> &String| text(self.re_evaluated.as_ref().map(part));
        let mut cells = vec![
            self.window_start.to_string(),
            self.first_seen.to_string(),
            self.last_seen.to_string(),
            self.verdict.status.clone(),
            self.verdict.unsanctioned.to_string(),
            self.service.id.clone(),
            self.service.name.clone(),
            text(self.service.vendor.as_ref()),
            text(self.service.category.as_ref()),
            text(self.service.country.as_ref()),
            self.surface.clone(),
            text(self.tenant.as_ref()),
            self.sensor.clone(),
            self.device.id.clone(),
            self.device.name.clone(),
            self.device.managed.to_string(),
            text(self.user.as_ref()),
            text(self.process.as_ref()),
        ];
        cells.extend(program::csv(&self.class, &self.attribution));
        cells.extend([
            self.stage.clone(),
            text(self.stage_limit.as_ref()),
            self.confidence.level.clone(),
            self.confidence.factors.join("; "),
            self.confidence.does_not_prove.join("; "),
            self.specificity.clone(),
            self.bytes_out.to_string(),
            self.bytes_in.to_string(),
            self.flow_count.to_string(),
            self.status_then.clone(),
            self.attribution.quality.clone(),
            self.attribution.reason.clone(),
            evidence(&self.evidence, usize::MAX),
            self.catalogue_version.clone(),
            self.epoch.clone(),
            self.revision.to_string(),
            again(|found| &found.outcome),
            again(|found| &found.reported_service),
        ]);
        cells
    }

    /// Everything about a finding that was asked for alone.
    fn closing(rows: &[Self], _: &CoverageView, now: Timestamp) -> Vec<String> {
        match rows {
            [only] => program::describe(only, now),
            _ => Vec::new(),
        }
    }
}

/// The service, marked where a newer catalogue reads the finding otherwise than it was reported.
fn service_of(finding: &FindingView) -> String {
    match &finding.re_evaluated {
        None => finding.service.id.clone(),
        Some(again) => format!(
            "{} ({})",
            finding.service.id,
            again.outcome.replace('_', " ")
        ),
    }
}
