//! How it does with much. `cargo test -p store --release --test store -- --ignored --nocapture
//! a_million` prints the figures.

use std::path::Path;
use std::time::Instant;

use inventory::testing::{START, WINDOW, content, window};
use inventory::{
    DeviceIdentity, Epoch, Page, PageRequest, Query, Range, SensorId, Sighting, SightingKey,
    StatusFilter,
};
use rusqlite::Connection;
use store::{NewSensor, Sqlite, Store};

use crate::suite::now;

#[test]
fn pages_of_usage_are_cut_by_an_index_without_sorting() {
    let folder = tempfile::tempdir().unwrap();
    drop(Sqlite::open(folder.path()).unwrap());
    let connection = Connection::open(folder.path().join("inventory.db")).unwrap();
    let sums = include_str!("../../queries/sums.sql");
    let by_service =
        "u.service, u.device_id, u.user, u.process, u.surface, u.tenant, k.client_class";
    let by_device =
        "u.device_id, u.service, u.user, u.process, u.surface, u.tenant, k.client_class";
    for (order, after, index) in [
        (
            by_service,
            "(u.service, u.device_id, u.user, u.process, u.surface, u.tenant, k.client_class)
                > ('a', 'b', 'c', 'd', 'e', 'f', 'g')",
            "usage_by_service",
        ),
        (by_service, "u.service > 'a'", "usage_by_service"),
        (by_device, "u.device_id > 'a'", "usage_by_device"),
    ] {
        let plan = plan(
            &connection,
            &sums.replace("{order}", order).replace("{after}", after),
        );
        assert!(
            plan.contains(&format!("SEARCH u USING COVERING INDEX {index}")),
            "{plan}"
        );
        assert!(
            plan.contains("SEARCH s USING COVERING INDEX sighting_sums"),
            "{plan}"
        );
        assert!(!plan.contains("TEMP B-TREE"), "{plan}");
    }
    let findings = plan(&connection, include_str!("../../queries/findings.sql"));
    assert!(
        findings.contains("s USING INDEX sighting_by_window"),
        "{findings}"
    );
    assert!(!findings.contains("TEMP B-TREE FOR ORDER BY"), "{findings}");
}

fn plan(connection: &Connection, sql: &str) -> String {
    let mut statement = connection
        .prepare(&format!("EXPLAIN QUERY PLAN {sql}"))
        .unwrap();
    // Parameters that are not bound are NULL, which is no matter here.
    let mut rows = statement.raw_query();
    let mut steps = Vec::new();
    while let Some(row) = rows.next().unwrap() {
        steps.push(row.get::<_, String>("detail").unwrap());
    }
    steps.join("\n")
}

const SENSORS: u32 = 100;
const HOURS: u32 = 500;
const USES: u32 = 20;

fn fill(folder: &Path) -> (Sqlite, f64) {
    let store = Sqlite::open(folder).unwrap();
    let sensors: Vec<SensorId> = (0..SENSORS)
        .map(|number| SensorId::new(format!("sensor-{number:03}")))
        .collect();
    for id in &sensors {
        let sensor = NewSensor {
            id: id.clone(),
            hostname: format!("host-{id}"),
            os: "linux".to_owned(),
            agent_version: "0.1.0".to_owned(),
        };
        store.add_sensor(&sensor, "test", START).unwrap();
    }
    let mut seconds = 0.0;
    for hour in 0..HOURS {
        for id in &sensors {
            let batch: Vec<Sighting> = (0..USES).map(|number| sighting(hour, number)).collect();
            let begin = Instant::now();
            store
                .record(id, &batch, &[window(1, hour, 1)], now())
                .unwrap();
            seconds += begin.elapsed().as_secs_f64();
        }
    }
    (store, seconds)
}

fn sighting(hour: u32, number: u32) -> Sighting {
    let key = SightingKey {
        epoch: Epoch([1; 16]),
        device: DeviceIdentity::Enrolled,
        window_start: START.saturating_add(WINDOW * hour),
        service: format!("service-{number:02}"),
        surface: "api".to_owned(),
        tenant: None,
        process: (number.is_multiple_of(2)).then(|| "curl".to_owned()),
        user: Some(format!("u-{}", number % 3)),
    };
    content(key, 1)
}

fn timed<T>(what: &str, ask: impl Fn() -> Page<T>) {
    let begin = Instant::now();
    let page = ask();
    let first = begin.elapsed();
    let begin = Instant::now();
    drop(ask());
    println!(
        "{what:<44} {:>5} rows  {:>8.1} ms first, {:>8.1} ms again",
        page.items.len(),
        first.as_secs_f64() * 1e3,
        begin.elapsed().as_secs_f64() * 1e3
    );
}

#[test]
#[ignore = "a measurement: takes a minute or more"]
fn a_million_sightings() {
    let folder = tempfile::tempdir().unwrap();
    let (store, seconds) = fill(folder.path());
    let count = f64::from(SENSORS * HOURS * USES);
    println!(
        "recorded {count} sightings in batches of {USES}: {:.0}/s",
        count / seconds
    );
    let bytes = std::fs::metadata(folder.path().join("inventory.db"))
        .unwrap()
        .len();
    println!("{} MiB on disk", bytes >> 20);
    let page = PageRequest::first(100);
    let since = Some(START.saturating_add(WINDOW * (HOURS - 24)));
    let day = Range { since, until: None };
    let service = |range| Query {
        services: vec!["service-07".into()],
        range,
        ..Query::default()
    };
    for (name, query) in [
        ("everything", Query::default()),
        (
            "the last day",
            Query {
                range: day,
                ..Query::default()
            },
        ),
        (
            "unsanctioned",
            Query {
                statuses: StatusFilter::Unsanctioned,
                ..Query::default()
            },
        ),
        ("one service", service(Range::ALL)),
        ("one service, last day", service(day)),
        (
            "a service nobody uses",
            Query {
                services: vec!["none".into()],
                ..Query::default()
            },
        ),
    ] {
        timed(&format!("usage, {name}"), || {
            store.usage(&query, &page, now()).unwrap()
        });
        timed(&format!("services, {name}"), || {
            store.services(&query, &page, now()).unwrap()
        });
        timed(&format!("devices, {name}"), || {
            store.devices(&query, &page, now()).unwrap()
        });
        timed(&format!("findings, {name}"), || {
            store.findings(&query, &page, now()).unwrap()
        });
    }
    let all = PageRequest::first(100_000);
    timed("usage, all rows", || {
        store.usage(&Query::default(), &all, now()).unwrap()
    });
    for (name, range) in [("everything", Range::ALL), ("the last day", day)] {
        timed(&format!("coverage, {name}"), || {
            let coverage = store.coverage(range, now()).unwrap();
            Page {
                items: vec![coverage],
                next: None,
            }
        });
    }
}

#[test]
#[ignore = "a measurement"]
fn a_thousand_at_a_time() {
    let folder = tempfile::tempdir().unwrap();
    let store = Sqlite::open(folder.path()).unwrap();
    let id = SensorId::new("sensor");
    let sensor = NewSensor {
        id: id.clone(),
        hostname: "host".to_owned(),
        os: "linux".to_owned(),
        agent_version: "0.1.0".to_owned(),
    };
    store.add_sensor(&sensor, "test", START).unwrap();
    for (what, revision) in [("new", 1), ("a higher revision", 2), ("known", 1)] {
        let mut seconds = 0.0;
        for batch in 0..100 {
            let batch: Vec<Sighting> = (0..1000)
                .map(|number| {
                    let key = sighting(batch * 50 + number / USES, number % USES).key;
                    content(key, revision)
                })
                .collect();
            let begin = Instant::now();
            store.record(&id, &batch, &[], now()).unwrap();
            seconds += begin.elapsed().as_secs_f64();
        }
        println!(
            "{what}: {:.0} sightings/s in batches of 1000",
            100_000.0 / seconds
        );
    }
}
