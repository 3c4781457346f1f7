//! `gnomon coverage`.

use inventory::{SensorState, Timestamp};

use super::show::Row;
use crate::api::views::{CoverageView, GapView, SensorCoverageView};
use crate::ctl::output::{Cell, Column, Tone, ago, clean, count, moment, percent};

/// Gaps told below the table.
const MAX_GAPS: usize = 5;
/// A clock this far off, in milliseconds, is worth telling.
const CLOCK_OFF_MS: u64 = 2000;

impl Row for SensorCoverageView {
    const PATH: &'static str = "/coverage";
    const NONE: &'static str = "No sensor is enrolled.";
    const COLUMNS: &'static [Column] = &[
        Column::left("SENSOR", 0),
        Column::left("ID", 6),
        Column::left("MODE", 2),
        Column::left("STATE", 0),
        Column::left("LAST HEARD", 0),
        Column::right("FLOWS", 0),
        Column::right("NAMED", 3),
        Column::right("HIDDEN", 0),
        Column::right("OLDER", 7),
        Column::right("PACKETS", 4),
        Column::right("DROPPED", 0),
        Column::left("CLOCK", 5),
        Column::right("LOST", 8),
        Column::left("CANNOT", 9),
    ];
    const CSV: &'static [&'static str] = &[
        "sensor",
        "hostname",
        "mode",
        "state",
        "last_heartbeat",
        "last_seen",
        "silent_since",
        "clock_offset_ms",
        "replay",
        "frames",
        "bytes",
        "frames_dropped",
        "flows",
        "flows_named",
        "flows_hidden",
        "flows_unnamed",
        "flows_mid_stream",
        "flows_evicted",
        "flows_encrypted_dns",
        "flows_tunnelled",
        "shed_records",
        "degradations",
    ];

    fn cells(&self, now: Timestamp) -> Vec<Cell> {
        let traffic = &self.traffic;
        let share = |part: u64| {
            let hidden = part;
            #[expect(clippy::cast_precision_loss, reason = "a share for reading")]
            let share = (traffic.flows > 0).then(|| hidden as f64 / traffic.flows as f64);
            Cell::or_dash(share.map(percent).as_deref())
        };
        let dropped = if traffic.frames_dropped > 0 {
            Tone::Open
        } else {
            Tone::Plain
        };
        vec![
            Cell::new(&self.hostname),
            Cell::new(&self.sensor),
            Cell::new(&self.mode),
            state(&self.state),
            Cell::or_dash(self.last_seen.map(|at| ago(at, now)).as_deref()),
            Cell::new(&count(traffic.flows)),
            share(traffic.flows_named),
            share(traffic.flows_hidden),
            share(traffic.flows_mid_stream),
            Cell::new(&count(traffic.frames)),
            Cell::new(&count(traffic.frames_dropped)).tone(dropped),
            clock(self.clock_offset_ms),
            Cell::new(&count(self.shed_records)),
            Cell::or_dash(Some(self.degradations.join("; ").as_str())),
        ]
    }

    fn csv(&self) -> Vec<String> {
        let time = |time: Option<Timestamp>| time.map(|t| t.to_string()).unwrap_or_default();
        let traffic = &self.traffic;
        vec![
            self.sensor.clone(),
            self.hostname.clone(),
            self.mode.clone(),
            self.state.clone(),
            time(self.last_heartbeat),
            time(self.last_seen),
            time(self.silent_since),
            self.clock_offset_ms
                .map(|offset| offset.to_string())
                .unwrap_or_default(),
            self.replay.to_string(),
            traffic.frames.to_string(),
            traffic.bytes.to_string(),
            traffic.frames_dropped.to_string(),
            traffic.flows.to_string(),
            traffic.flows_named.to_string(),
            traffic.flows_hidden.to_string(),
            traffic.flows_unnamed.to_string(),
            traffic.flows_mid_stream.to_string(),
            traffic.flows_evicted.to_string(),
            traffic.flows_encrypted_dns.to_string(),
            traffic.flows_tunnelled.to_string(),
            self.shed_records.to_string(),
            self.degradations.join("; "),
        ]
    }

    fn sort(rows: &mut [Self]) {
        rows.sort_by_key(|row| {
            (
                row.state != SensorState::Silent.as_str(),
                row.hostname.clone(),
            )
        });
    }

    fn closing(rows: &[Self], coverage: &CoverageView, now: Timestamp) -> Vec<String> {
        let name = |sensor: &str| {
            let row = rows.iter().find(|row| row.sensor == sensor);
            clean(row.map_or(sensor, |row| &row.hostname))
        };
        let latest = coverage.gaps.iter().rev().take(MAX_GAPS);
        let mut lines: Vec<String> = latest
            .map(|gap| told(gap, &name(&gap.sensor), now))
            .collect();
        let more = coverage
            .gaps_total
            .saturating_sub(u64::try_from(lines.len()).unwrap_or(0));
        if more > 0 {
            lines.push(format!("And {} more gaps: --format json.", count(more)));
        }
        lines
    }
}

fn told(gap: &GapView, name: &str, now: Timestamp) -> String {
    let from = moment(gap.from);
    match (gap.reason.as_str(), gap.to) {
        ("stopped", Some(to)) => {
            format!(
                "Gap: {name} stopped unexpectedly at {from} and was back at {}.",
                moment(to)
            )
        }
        ("shut_down", Some(to)) => {
            format!(
                "Gap: {name} was shut down at {from} and was back at {}.",
                moment(to)
            )
        }
        (_, None) => format!(
            "Gap: {name} is silent since {from} ({}).",
            ago(gap.from, now)
        ),
        (_, Some(to)) => format!("Gap: {name} saw nothing from {from} to {}.", moment(to)),
    }
}

pub(super) fn state(state: &str) -> Cell {
    let tone = match state.parse() {
        Ok(SensorState::Reporting) => Tone::Good,
        Ok(SensorState::Silent) => Tone::Bad,
        Ok(SensorState::Waiting) => Tone::Open,
        Ok(SensorState::Replayed | SensorState::Revoked) | Err(_) => Tone::Dim,
    };
    Cell::new(state).tone(tone)
}

pub(super) fn clock(offset: Option<i64>) -> Cell {
    let Some(offset) = offset else {
        return Cell::or_dash(None);
    };
    if offset.unsigned_abs() < CLOCK_OFF_MS {
        return Cell::new("right");
    }
    let seconds = offset.unsigned_abs() / 1000;
    let way = if offset > 0 { "ahead" } else { "behind" };
    Cell::new(&format!("{} s {way}", count(seconds))).tone(Tone::Open)
}
