//! `gnomon services ID`: everything about one service, above all what its risk score is made of.

use inventory::Timestamp;

use super::look::{UNKNOWN, evidence, people};
use crate::api::views::{Provenance, RiskFactorView, ServiceView};
use crate::ctl::output::{Cell, Column, Tone, ago, bytes, count, render};

const FACTORS: &[Column] = &[
    Column::right("POINTS", 0),
    Column::right("OF", 0),
    Column::left("FACTOR", 0),
    Column::left("RESTS ON", 0),
    Column::left("WHY", 0),
];

/// The service as a page.
pub(super) fn page(service: &ServiceView, now: Timestamp) -> String {
    let mut lines = vec![format!("{} ({})", service.name, service.id)];
    for (name, text) in facts(service, now) {
        lines.push(format!("  {name:<16}{text}"));
    }
    let risk = &service.risk;
    let mut head = format!("Risk: {} {} of 100", risk.level, risk.score);
    if risk.least != risk.most {
        head.push_str(&format!(
            " (from {} to {}, depending on what is unknown)",
            risk.least, risk.most
        ));
    }
    let cells: Vec<Vec<Cell>> = risk.factors.iter().map(cells).collect();
    [
        lines.join("\n"),
        head,
        render(FACTORS, &cells).text,
        "How scores are made: gnomon-collector catalogue risk".to_owned(),
    ]
    .join("\n\n")
}

fn facts(service: &ServiceView, now: Timestamp) -> Vec<(&'static str, String)> {
    let known = |text: &Option<String>| text.clone().unwrap_or_else(|| UNKNOWN.to_owned());
    let mut facts = vec![
        ("vendor", known(&service.vendor)),
        ("headquarters", known(&service.country)),
        ("kind", known(&service.category)),
        ("data use", known(&service.data_use)),
        ("business tier", known(&service.enterprise_tier)),
        ("verdict", service.verdict.status.clone()),
    ];
    match (&service.stage, service.first_seen, service.last_seen) {
        (Some(stage), Some(first), Some(last)) => {
            facts.push((
                "seen",
                format!(
                    "{stage}, since {}, last {}",
                    ago(first, now),
                    ago(last, now)
                ),
            ));
            facts.push((
                "by",
                format!(
                    "devices: {}, known users: {}, over {}",
                    count(service.devices),
                    people(service.users),
                    service.surfaces.join(", ")
                ),
            ));
            let (sent, received) = (bytes(service.bytes_out), bytes(service.bytes_in));
            facts.push(("moved", format!("{sent} sent, {received} received")));
            facts.push(("evidence", evidence(&service.evidence, 3)));
        }
        _ => facts.push(("seen", "not in this time".to_owned())),
    }
    if let Some(catalogue) = &service.catalogue {
        let (version, day) = (&catalogue.version, &catalogue.last_checked);
        facts.push(("catalogue", format!("{version}, last checked {day}")));
    }
    facts
}

fn cells(one: &RiskFactorView) -> Vec<Cell> {
    let (basis, tone) = match one.basis {
        Provenance::Observed => ("observed", Tone::Plain),
        Provenance::Declared => ("declared", Tone::Plain),
        Provenance::Catalogue => ("catalogue", Tone::Plain),
        Provenance::Unknown => (UNKNOWN, Tone::Open),
    };
    vec![
        Cell::new(&one.points.to_string()).tone(Tone::Strong),
        Cell::new(&one.most.to_string()).tone(Tone::Dim),
        Cell::new(&one.factor),
        Cell::new(basis).tone(tone),
        Cell::new(&one.sentence),
    ]
}
