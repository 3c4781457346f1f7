//! `gnomon usage`: the question that the product is there for.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use inventory::{Stage, Status, Timestamp};

use super::look::{UNKNOWN, evidence, moved_from, origin, stage, urgency, verdict, why};
use super::program;
use super::show::Row;
use crate::api::views::{CoverageView, UsageView};
use crate::ctl::output::{Cell, Column, Tone, ago, bytes, clean, count, plural};

/// Reasons and caveats told below a table.
const MAX_TOLD: usize = 3;

impl Row for UsageView {
    const PATH: &'static str = "/usage";
    const NONE: &'static str = "No use of an AI service matches.";
    const COLUMNS: &'static [Column] = &[
        Column::left("VERDICT", 0),
        Column::left("SERVICE", 0),
        Column::left("SURFACE", 8),
        Column::left("TENANT", 4).optional(),
        Column::left("KIND", 7),
        Column::left("ORIGIN", 5),
        Column::left("DEVICE", 0),
        Column::left("USER", 2).optional(),
        Column::left("PROGRAM", 4).optional(),
        Column::left("CLASS", 2).optional(),
        Column::left("STAGE", 0),
        Column::left("SURE", 1),
        Column::right("SENT", 0),
        Column::right("RECEIVED", 9),
        Column::right("FLOWS", 10),
        Column::left("SINCE", 3),
        Column::left("LAST SEEN", 0),
        Column::left("QUALITY", 2).optional(),
        Column::left("WHY", 11),
    ];
    const CSV: &'static [&'static str] = &[
        "status",
        "unsanctioned",
        "service",
        "service_name",
        "vendor",
        "category",
        "country",
        "surface",
        "tenant",
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
        "specificity",
        "bytes_out",
        "bytes_in",
        "flow_count",
        "first_seen",
        "last_seen",
        "sightings",
        "status_then",
        "decided_by",
        "decided_at",
        "expires",
        "reason",
        "attribution",
        "attribution_reason",
        "evidence",
        "moved_from",
    ];

    fn cells(&self, now: Timestamp) -> Vec<Cell> {
        vec![
            verdict(&self.verdict),
            Cell::new(&self.service.id),
            Cell::new(&self.surface),
            Cell::or_dash(self.tenant.as_deref()),
            Cell::or_dash(self.service.category.as_deref()),
            origin(&self.service),
            Cell::new(&self.device.name),
            Cell::or_dash(self.user.as_deref()),
            Cell::or_dash(self.process.as_deref()),
            Cell::or_dash(Some(self.class.as_str()).filter(|class| *class != UNKNOWN)),
            stage(Some(&self.stage)),
            Cell::new(&self.confidence.level),
            Cell::new(&bytes(self.bytes_out)),
            Cell::new(&bytes(self.bytes_in)),
            Cell::new(&count(self.flow_count)),
            Cell::new(&ago(self.first_seen, now)),
            Cell::new(&ago(self.last_seen, now)),
            Cell::or_dash(Some(self.attribution.quality.as_str()).filter(|word| *word != UNKNOWN)),
            Cell::new(&why(&self.evidence, self.re_evaluated.as_ref())).tone(Tone::Dim),
        ]
    }

    fn csv(&self) -> Vec<String> {
        let decision = self.verdict.decision.as_ref();
        let text = |text: Option<&String>| text.cloned().unwrap_or_default();
        let time = |time: Option<Timestamp>| time.map(|t| t.to_string()).unwrap_or_default();
        let mut cells = vec![
            self.verdict.status.clone(),
            self.verdict.unsanctioned.to_string(),
            self.service.id.clone(),
            self.service.name.clone(),
            text(self.service.vendor.as_ref()),
            text(self.service.category.as_ref()),
            text(self.service.country.as_ref()),
            self.surface.clone(),
            text(self.tenant.as_ref()),
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
            self.specificity.clone(),
            self.bytes_out.to_string(),
            self.bytes_in.to_string(),
            self.flow_count.to_string(),
            self.first_seen.to_string(),
            self.last_seen.to_string(),
            self.sightings.to_string(),
            self.status_then.clone(),
            text(decision.map(|decision| &decision.decided_by)),
            time(decision.map(|decision| decision.decided_at)),
            time(decision.and_then(|decision| decision.expires)),
            text(decision.map(|decision| &decision.reason)),
            self.attribution.quality.clone(),
            self.attribution.reason.clone(),
            evidence(&self.evidence, usize::MAX),
            moved_from(self.re_evaluated.as_ref()),
        ]);
        cells
    }

    /// What must be acted on first: by verdict, then how far it got, then the latest.
    fn sort(rows: &mut [Self]) {
        rows.sort_by_key(|row| {
            (
                urgency(&row.verdict.status),
                Reverse(row.stage.parse::<Stage>().ok()),
                Reverse(row.last_seen),
                row.service.id.clone(),
                row.device.id.clone(),
            )
        });
    }

    fn closing(rows: &[Self], _: &CoverageView, _: Timestamp) -> Vec<String> {
        if rows.is_empty() {
            return Vec::new();
        }
        let mut lines = vec![summary(rows)];
        if rows
            .iter()
            .any(|row| row.verdict.status == Status::Discovered.as_str())
        {
            lines.push(
                "Decide with: gnomon policy set SERVICE sanctioned|tolerated|prohibited".to_owned(),
            );
        }
        let unknown = rows
            .iter()
            .filter(|row| row.user.is_none() || row.process.is_none());
        let reasons = told(unknown.map(|row| row.attribution.reason.as_str()));
        if !reasons.is_empty() {
            lines.push(format!("User or process unknown: {reasons}."));
        }
        let caveats = rows.iter().flat_map(|row| &row.confidence.does_not_prove);
        let caveats = told(caveats.map(String::as_str));
        if !caveats.is_empty() {
            lines.push(format!("Does not prove: {caveats}."));
        }
        lines
    }
}

fn summary(rows: &[UsageView]) -> String {
    fn distinct<T: Ord>(of: impl Iterator<Item = T>) -> u64 {
        length(of.collect::<BTreeSet<_>>().len())
    }
    let services = distinct(rows.iter().map(|row| &row.service.id));
    let devices = distinct(rows.iter().map(|row| &row.device.id));
    let users = distinct(rows.iter().filter_map(|row| row.user.as_ref()));
    let sent = rows
        .iter()
        .fold(0u64, |sum, row| sum.saturating_add(row.bytes_out));
    let mut text = format!(
        "{} of {} on {}",
        plural(length(rows.len()), "use", "uses"),
        plural(services, "service", "services"),
        plural(devices, "device", "devices"),
    );
    if users > 0 {
        text.push_str(&format!(
            " by {}",
            plural(users, "known user", "known users")
        ));
    }
    text.push_str(&format!(", {} sent", bytes(sent)));
    text.push_str(&format!("; {}.", statuses(rows)));
    let before = rows
        .iter()
        .filter(|row| row.verdict.unsanctioned && allowed(&row.status_then));
    let before = length(before.count());
    if before > 0 {
        let uses = plural(
            before,
            "was last seen while it was",
            "were last seen while they were",
        );
        text.push_str(&format!(" {uses} still allowed."));
    }
    text
}

/// `3 unsanctioned (1 prohibited, 2 discovered), 1 tolerated`.
fn statuses(rows: &[UsageView]) -> String {
    let count = |unsanctioned: bool| -> Vec<String> {
        let mut counts: BTreeMap<(usize, &str), u64> = BTreeMap::new();
        for row in rows
            .iter()
            .filter(|row| row.verdict.unsanctioned == unsanctioned)
        {
            let status = row.verdict.status.as_str();
            let number = counts.entry((urgency(status), status)).or_default();
            *number = number.saturating_add(1);
        }
        counts
            .iter()
            .map(|((_, status), number)| format!("{number} {}", clean(status)))
            .collect()
    };
    let number = rows.iter().filter(|row| row.verdict.unsanctioned).count();
    let open = count(true);
    let mut parts = vec![if open.is_empty() {
        "none unsanctioned".to_owned()
    } else {
        format!("{number} unsanctioned ({})", open.join(", "))
    }];
    parts.extend(count(false));
    parts.join(", ")
}

fn allowed(status: &str) -> bool {
    status
        .parse::<Status>()
        .is_ok_and(|status| !status.is_unsanctioned())
}

fn length(length: usize) -> u64 {
    u64::try_from(length).unwrap_or(u64::MAX)
}

/// The most frequent of some texts, with how often each.
fn told<'a>(texts: impl Iterator<Item = &'a str>) -> String {
    let mut counts: BTreeMap<&str, u64> = BTreeMap::new();
    for text in texts.filter(|text| !text.is_empty()) {
        let number = counts.entry(text).or_default();
        *number = number.saturating_add(1);
    }
    let mut counts: Vec<(&str, u64)> = counts.into_iter().collect();
    counts.sort_by_key(|(text, number)| (Reverse(*number), *text));
    let more = if counts.len() > MAX_TOLD { "; .." } else { "" };
    let told = counts.iter().take(MAX_TOLD).map(|(text, _)| clean(text));
    format!("{}{more}", told.collect::<Vec<_>>().join("; "))
}
