use std::time::Duration;

use crate::testing::{START, WINDOW, window};
use crate::*;

fn hour(number: u32) -> Timestamp {
    START.saturating_add(WINDOW * number)
}

fn sensor(id: &str, mode: &str, last_seen: Option<Timestamp>) -> Sensor {
    let heartbeat = last_seen.map(|at| {
        let heartbeat = Heartbeat {
            agent_version: "0.1.0".to_owned(),
            catalogue_version: "1".to_owned(),
            epoch: None,
            mode: mode.to_owned(),
            os: "linux".to_owned(),
            hostname: id.to_owned(),
            interfaces: Vec::new(),
            spool: SpoolHealth::default(),
            degradations: Vec::new(),
            counters: Vec::new(),
            clock_offset_ns: 5,
        };
        (at, heartbeat)
    });
    Sensor {
        id: SensorId::new(id),
        hostname: id.to_owned(),
        os: "linux".to_owned(),
        agent_version: "0.1.0".to_owned(),
        enrolled_at: START,
        revoked_at: None,
        last_seen,
        heartbeat,
    }
}

fn epoch(id: &str, number: u8, (from, to): (u32, u32), closed: bool) -> EpochCoverage {
    let counters = Counters::from(&window(number, from, 2));
    EpochCoverage {
        sensor: SensorId::new(id),
        epoch: Epoch([number; 16]),
        first_seen: hour(from),
        last_seen: hour(to),
        closed,
        replay: false,
        part: Some(EpochPart {
            first_seen: hour(from),
            last_seen: hour(to),
            counters,
        }),
    }
}

#[test]
fn counters_add_up_over_sensors_and_give_the_hidden_share() {
    let sensors = [
        sensor("a", "endpoint", Some(hour(9))),
        sensor("b", "tap", Some(hour(9))),
    ];
    let epochs = vec![epoch("b", 2, (3, 9), false), epoch("a", 1, (1, 9), false)];
    let coverage = Coverage::fold(Range::ALL, &sensors, epochs, 7, hour(9));
    assert_eq!(coverage.counters.flows, 400);
    assert_eq!(coverage.counters.hidden_share(), Some(0.04));
    assert_eq!(coverage.counters.dropped_share(), Some(4.0 / 4004.0));
    assert_eq!(
        (coverage.first_seen, coverage.last_seen),
        (Some(hour(1)), Some(hour(9)))
    );
    assert_eq!(coverage.sensors_in(SensorState::Reporting), 2);
    assert_eq!((coverage.unmanaged_devices, coverage.gaps_total), (7, 0));
    assert_eq!(Counters::default().hidden_share(), None);
}

#[test]
fn an_epoch_that_never_closed_is_a_gap_until_the_next_began() {
    let sensors = [sensor("a", "endpoint", Some(hour(9)))];
    let epochs = vec![
        epoch("a", 3, (7, 9), false),
        epoch("a", 1, (1, 2), false),
        epoch("a", 2, (4, 6), true),
    ];
    let coverage = Coverage::fold(Range::ALL, &sensors, epochs.clone(), 0, hour(9));
    let gaps: Vec<_> = coverage
        .gaps
        .iter()
        .map(|gap| (gap.from, gap.to, gap.reason))
        .collect();
    assert_eq!(
        gaps,
        [
            (hour(2), Some(hour(4)), GapReason::Stopped),
            (hour(6), Some(hour(7)), GapReason::ShutDown)
        ]
    );
    let range = Range {
        since: Some(hour(6)),
        until: None,
    };
    assert_eq!(
        Coverage::fold(range, &sensors, epochs, 0, hour(9)).gaps_total,
        1
    );
}

#[test]
fn a_silent_sensor_is_a_gap_that_lasts() {
    let quiet = SILENT_AFTER + Duration::from_secs(1);
    let last_seen = hour(9).saturating_sub(quiet);
    let sensors = [
        sensor("a", "endpoint", Some(last_seen)),
        sensor("b", "endpoint", None),
        sensor("c", "replay", Some(last_seen)),
        Sensor {
            revoked_at: Some(hour(2)),
            ..sensor("d", "tap", Some(hour(9)))
        },
    ];
    let coverage = Coverage::fold(Range::ALL, &sensors, Vec::new(), 0, hour(9));
    let states: Vec<_> = coverage.sensors.iter().map(|sensor| sensor.state).collect();
    assert_eq!(
        states,
        [
            SensorState::Silent,
            SensorState::Waiting,
            SensorState::Replayed,
            SensorState::Revoked
        ]
    );
    assert_eq!(coverage.sensors[0].silent_since, Some(last_seen));
    assert_eq!(coverage.gaps.len(), 1);
    assert_eq!(
        (coverage.gaps[0].from, coverage.gaps[0].to),
        (last_seen, None)
    );
}

#[test]
fn captures_are_flagged_and_have_no_gaps() {
    let sensors = [sensor("a", "replay", Some(hour(9)))];
    let replayed = |number, span| EpochCoverage {
        replay: true,
        ..epoch("a", number, span, true)
    };
    let epochs = vec![replayed(1, (1, 2)), replayed(2, (5, 6))];
    let coverage = Coverage::fold(Range::ALL, &sensors, epochs, 0, hour(20));
    assert!(coverage.replay && coverage.sensors[0].replay);
    assert_eq!(coverage.gaps_total, 0);
    assert_eq!(coverage.sensors[0].state, SensorState::Replayed);
}

#[test]
fn outside_of_its_part_an_epoch_counts_nothing() {
    let sensors = [sensor("a", "endpoint", Some(hour(9)))];
    let outside = EpochCoverage {
        part: None,
        ..epoch("a", 1, (1, 2), true)
    };
    let coverage = Coverage::fold(Range::ALL, &sensors, vec![outside], 0, hour(9));
    assert_eq!(
        (coverage.counters, coverage.first_seen),
        (Counters::default(), None)
    );
}
