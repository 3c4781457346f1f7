//! Coverage in words: what stands under every table.

use inventory::Timestamp;

use super::text::{ago, clean, count, percent, plural};
use crate::api::views::{CoverageView, SensorCoverageView};

/// Silent sensors named in the line.
const MAX_NAMED: usize = 3;

/// One line, such as `2 sensors reporting; 12,034 flows, 3.1 % with hidden names; 0 packets
/// dropped`.
pub(in crate::ctl) fn footer(coverage: &CoverageView, now: Timestamp) -> String {
    let mut parts = vec![sensors(coverage, now)];
    let traffic = &coverage.traffic;
    if coverage.first_seen.is_some() {
        let hidden = traffic.hidden_share.map_or_else(String::new, |share| {
            format!(", {} with hidden names", percent(share))
        });
        parts.push(format!(
            "{}{hidden}",
            plural(traffic.flows, "flow", "flows")
        ));
        let share = traffic.dropped_share.filter(|share| *share > 0.0);
        let share = share.map_or_else(String::new, |share| format!(" ({})", percent(share)));
        let dropped = plural(traffic.frames_dropped, "packet", "packets");
        parts.push(format!("{dropped} dropped{share}"));
    } else {
        parts.push("no traffic seen in this range".to_owned());
    }
    if coverage.gaps_total > 0 {
        parts.push(plural(coverage.gaps_total, "gap", "gaps"));
    }
    if coverage.unmanaged_devices > 0 {
        let devices = plural(coverage.unmanaged_devices, "device", "devices");
        parts.push(format!("{devices} without an agent"));
    }
    if coverage.replay {
        parts.push("from replayed captures".to_owned());
    }
    parts.join("; ")
}

fn sensors(coverage: &CoverageView, now: Timestamp) -> String {
    let sensors = &coverage.sensors;
    if sensors.total == 0 {
        return "no sensor is enrolled".to_owned();
    }
    let mut parts = vec![format!(
        "{} reporting",
        plural(sensors.reporting, "sensor", "sensors")
    )];
    if sensors.silent > 0 {
        let silent = coverage
            .sensor_list
            .iter()
            .filter(|sensor| sensor.state == "silent");
        let named: Vec<String> = silent.take(MAX_NAMED).map(|one| named(one, now)).collect();
        let more = usize::try_from(sensors.silent).is_ok_and(|all| all > named.len());
        let more = if more { ", .." } else { "" };
        let list = if named.is_empty() {
            String::new()
        } else {
            format!(" ({}{more})", named.join(", "))
        };
        parts.push(format!("{} silent{list}", count(sensors.silent)));
    }
    for (number, what) in [
        (sensors.waiting, "never heard from"),
        (sensors.replayed, "done replaying"),
        (sensors.revoked, "revoked"),
    ] {
        if number > 0 {
            parts.push(format!("{} {what}", count(number)));
        }
    }
    parts.join(", ")
}

fn named(sensor: &SensorCoverageView, now: Timestamp) -> String {
    let since = sensor
        .silent_since
        .map(|at| format!(" since {}", ago(at, now)));
    format!("{}{}", clean(&sensor.hostname), since.unwrap_or_default())
}

/// What to bear in mind, a line each; only what the footer does not say.
pub(in crate::ctl) fn notes(coverage: &CoverageView) -> Vec<String> {
    let traffic = &coverage.traffic;
    let mut notes = Vec::new();
    if coverage.sensors.total == 0 {
        notes.push(
            "Enrol a sensor first: gnomon-collector token create, then gnomon-agent enroll TOKEN."
                .to_owned(),
        );
    }
    let shed: u64 = coverage
        .sensor_list
        .iter()
        .map(|sensor| sensor.shed_records)
        .sum();
    if shed > 0 {
        notes.push(format!(
            "{} lost on sensors whose queue was full.",
            plural(shed, "report was", "reports were")
        ));
    }
    let gone = coverage.findings_no_longer_matching;
    if gone > 0 {
        notes.push(format!(
            "{} the catalogue any more and {} not counted: gnomon findings shows them, marked.",
            plural(gone, "finding does not match", "findings do not match"),
            if gone == 1 { "is" } else { "are" }
        ));
    }
    if traffic.flows_tunnelled > 0 {
        notes.push(format!(
            "{} into tunnels whose inside is not seen.",
            plural(traffic.flows_tunnelled, "flow goes", "flows go")
        ));
    }
    notes
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::views::{SensorCounts, TrafficView};

    fn coverage() -> CoverageView {
        CoverageView {
            since: None,
            until: None,
            first_seen: Some(Timestamp::from_nanos(0)),
            last_seen: Some(Timestamp::from_nanos(1)),
            replay: false,
            sensors: SensorCounts {
                total: 2,
                reporting: 2,
                ..SensorCounts::default()
            },
            sensor_list: Vec::new(),
            sensors_omitted: 0,
            traffic: TrafficView {
                flows: 12_034,
                hidden_share: Some(0.031),
                dropped_share: Some(0.0),
                ..TrafficView::default()
            },
            gaps: Vec::new(),
            gaps_total: 0,
            unmanaged_devices: 0,
            findings_no_longer_matching: 0,
            notes: Vec::new(),
        }
    }

    #[test]
    fn says_in_one_line_what_was_seen() {
        let now = Timestamp::from_nanos(0);
        let good = "2 sensors reporting; 12,034 flows, 3.1 % with hidden names; 0 packets dropped";
        assert_eq!(footer(&coverage(), now), good);
        let mut bad = coverage();
        bad.sensors = SensorCounts {
            total: 3,
            reporting: 1,
            silent: 2,
            ..SensorCounts::default()
        };
        bad.gaps_total = 1;
        bad.unmanaged_devices = 4;
        bad.traffic.frames_dropped = 7;
        bad.traffic.dropped_share = Some(0.02);
        assert_eq!(
            footer(&bad, now),
            "1 sensor reporting, 2 silent; 12,034 flows, 3.1 % with hidden names; \
             7 packets dropped (2.0 %); 1 gap; 4 devices without an agent"
        );
    }

    #[test]
    fn no_data_is_not_shown_as_nothing_found() {
        let mut empty = coverage();
        empty.first_seen = None;
        assert!(footer(&empty, Timestamp::from_nanos(0)).contains("no traffic seen"));
        empty.sensors = SensorCounts::default();
        assert!(footer(&empty, Timestamp::from_nanos(0)).starts_with("no sensor is enrolled"));
        assert!(notes(&empty)[0].contains("token create"));
    }
}
