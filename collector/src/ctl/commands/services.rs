//! `gnomon services`.

use std::cmp::Reverse;

use inventory::{RiskLevel, Stage, Timestamp};

use super::look::{evidence, moved_from, people, stage, urgency, verdict, why};
use super::show::Row;
use crate::api::views::{CoverageView, RiskView, ServiceView};
use crate::ctl::output::{Cell, Column, Tone, ago, bytes, count, plural};

impl Row for ServiceView {
    const PATH: &'static str = "/services";
    const NONE: &'static str = "No AI service matches.";
    const COLUMNS: &'static [Column] = &[
        Column::left("VERDICT", 0),
        Column::left("SERVICE", 0),
        Column::left("RISK", 1),
        Column::left("NAME", 5),
        Column::left("KIND", 3),
        Column::left("VENDOR", 2),
        Column::left("COUNTRY", 4),
        Column::right("DEVICES", 0),
        Column::right("USERS", 6),
        Column::left("STAGE", 0),
        Column::left("SURE", 1),
        Column::right("SENT", 0),
        Column::right("RECEIVED", 7),
        Column::left("SINCE", 8),
        Column::left("LAST SEEN", 0),
        Column::left("WHY", 9),
    ];
    const CSV: &'static [&'static str] = &[
        "status",
        "unsanctioned",
        "service",
        "service_name",
        "vendor",
        "category",
        "country",
        "data_use",
        "enterprise_tier",
        "risk",
        "risk_score",
        "risk_factors",
        "stage",
        "confidence",
        "devices",
        "users",
        "surfaces",
        "tenants",
        "bytes_out",
        "bytes_in",
        "flow_count",
        "first_seen",
        "last_seen",
        "unsanctioned_uses",
        "evidence",
        "moved_from",
    ];

    fn cells(&self, now: Timestamp) -> Vec<Cell> {
        let seen = |at: Option<Timestamp>| Cell::or_dash(at.map(|at| ago(at, now)).as_deref());
        vec![
            verdict(&self.verdict),
            Cell::new(&self.id),
            risk(&self.risk),
            Cell::new(&self.name),
            Cell::or_dash(self.category.as_deref()),
            Cell::or_dash(self.vendor.as_deref()),
            Cell::or_dash(self.country.as_deref()),
            Cell::new(&count(self.devices)),
            Cell::new(&people(self.users)),
            stage(self.stage.as_deref()),
            Cell::or_dash(
                self.confidence
                    .as_ref()
                    .map(|confidence| confidence.level.as_str()),
            ),
            Cell::new(&bytes(self.bytes_out)),
            Cell::new(&bytes(self.bytes_in)),
            seen(self.first_seen),
            seen(self.last_seen),
            Cell::new(&why(&self.evidence, self.re_evaluated.as_ref())).tone(Tone::Dim),
        ]
    }

    fn csv(&self) -> Vec<String> {
        let text = |text: Option<&String>| text.cloned().unwrap_or_default();
        let time = |time: Option<Timestamp>| time.map(|t| t.to_string()).unwrap_or_default();
        vec![
            self.verdict.status.clone(),
            self.verdict.unsanctioned.to_string(),
            self.id.clone(),
            self.name.clone(),
            text(self.vendor.as_ref()),
            text(self.category.as_ref()),
            text(self.country.as_ref()),
            text(self.data_use.as_ref()),
            text(self.enterprise_tier.as_ref()),
            self.risk.level.clone(),
            self.risk.score.to_string(),
            risk_factors(&self.risk),
            text(self.stage.as_ref()),
            text(self.confidence.as_ref().map(|confidence| &confidence.level)),
            self.devices.to_string(),
            self.users
                .map(|users| users.to_string())
                .unwrap_or_default(),
            self.surfaces.join("; "),
            self.tenants.join("; "),
            self.bytes_out.to_string(),
            self.bytes_in.to_string(),
            self.flow_count.to_string(),
            time(self.first_seen),
            time(self.last_seen),
            self.statuses.unsanctioned.to_string(),
            evidence(&self.evidence, usize::MAX),
            moved_from(self.re_evaluated.as_ref()),
        ]
    }

    fn sort(rows: &mut [Self]) {
        rows.sort_by_key(|row| {
            (
                urgency(&row.verdict.status),
                Reverse(
                    row.stage
                        .as_ref()
                        .and_then(|stage| stage.parse::<Stage>().ok()),
                ),
                Reverse(row.last_seen),
                row.id.clone(),
            )
        });
    }

    fn closing(rows: &[Self], _: &CoverageView, _: Timestamp) -> Vec<String> {
        let split = rows.iter().filter(|row| {
            let uses: u64 = row.statuses.by_status.values().sum();
            let as_told = row
                .statuses
                .by_status
                .get(&row.verdict.status)
                .copied()
                .unwrap_or(0);
            uses != as_told
        });
        let split = u64::try_from(split.count()).unwrap_or(u64::MAX);
        if split == 0 {
            return Vec::new();
        }
        vec![format!(
            "The verdict is everybody's; {} decisions of their own for a device, user or tenant: \
             see gnomon usage.",
            plural(split, "service has", "services have")
        )]
    }
}

/// The level in its colour, and the score.
fn risk(risk: &RiskView) -> Cell {
    let tone = match risk.level.parse() {
        Ok(RiskLevel::Low | RiskLevel::Medium) => Tone::Plain,
        Ok(RiskLevel::High) => Tone::Open,
        Ok(RiskLevel::Critical) | Err(_) => Tone::Bad,
    };
    Cell::new(&format!("{} {}", risk.level, risk.score)).tone(tone)
}

/// Every factor with its points and its case.
fn risk_factors(risk: &RiskView) -> String {
    let told = (risk.factors.iter())
        .map(|one| format!("{} {}/{} {}", one.factor, one.points, one.most, one.case));
    told.collect::<Vec<_>>().join("; ")
}
