use inventory::testing::{self, content, window};
use inventory::{Invalid, Inventory, Policy, Query, Range, Sighting};
use store::{Error, Recorded, Sqlite, Store};

use super::{ALL, Open, now, record, with_sensors};

fn one_key(revision: u32) -> Sighting {
    content(testing::sightings(1, 1, 1).remove(0).1.key, revision)
}

pub(crate) fn keeps_the_highest_revision(open: Open<'_>) {
    let (store, _) = with_sensors(open);
    let (sensor, _) = testing::sightings(1, 1, 1).remove(0);
    let record = |revisions: &[u32]| {
        let batch: Vec<Sighting> = revisions
            .iter()
            .map(|revision| one_key(*revision))
            .collect();
        store.record(&sensor, &batch, &[], now()).unwrap()
    };
    assert_eq!(
        record(&[2]),
        Recorded {
            changed: 1,
            known: 0
        }
    );
    assert_eq!(
        record(&[2, 1]),
        Recorded {
            changed: 0,
            known: 2
        }
    );
    assert_eq!(
        record(&[3, 7, 5]),
        Recorded {
            changed: 2,
            known: 1
        }
    );
    let found = store
        .findings(&Query::default(), &ALL, now())
        .unwrap()
        .items;
    assert_eq!(found.len(), 1);
    assert_eq!(
        found[0].sighting,
        one_key(7),
        "evidence is that of the highest revision"
    );
}

pub(crate) fn any_order_gives_the_same(open: Open<'_>) {
    let (store, mut reference) = with_sensors(open);
    let reports = testing::sightings(21, 400, 3);
    for (sensor, sighting) in &reports {
        reference.record(sensor, std::slice::from_ref(sighting));
    }
    let mut mixed = [reports.clone(), reports].concat();
    let mut random = testing::Random::new(99);
    for index in (1..mixed.len()).rev() {
        mixed.swap(index, random.index(index + 1));
    }
    record(&*store, &mixed, 64);
    let expect = reference.findings(&Query::default(), &Policy::default(), now());
    assert_eq!(
        store
            .findings(&Query::default(), &ALL, now())
            .unwrap()
            .items,
        expect
    );
}

pub(crate) fn a_bad_record_keeps_the_whole_batch_out(open: Open<'_>) {
    let (store, _) = with_sensors(open);
    let (sensor, good) = testing::sightings(1, 1, 1).remove(0);
    let mut bad = good.clone();
    bad.key.surface = "../web".to_owned();
    let outcome = store.record(&sensor, &[good, bad], &[window(1, 0, 1)], now());
    assert!(matches!(
        outcome,
        Err(Error::Invalid(Invalid::NotAnIdentifier("surface")))
    ));
    assert!(
        store
            .findings(&Query::default(), &ALL, now())
            .unwrap()
            .items
            .is_empty()
    );
    assert_eq!(store.coverage(Range::ALL, now()).unwrap().counters.flows, 0);
}

pub(crate) fn what_was_acknowledged_is_there_after_reopening(open: Open<'_>) {
    let mut reference = Inventory::default();
    let reports = testing::sightings(31, 300, 4);
    {
        let (store, named) = with_sensors(open);
        reference.clone_from(&named);
        record(&*store, &reports, 30);
    }
    for (sensor, sighting) in &reports {
        reference.record(sensor, std::slice::from_ref(sighting));
    }
    let store = open();
    let expect = reference.usage(&Query::default(), &Policy::default(), now());
    assert_eq!(
        store.usage(&Query::default(), &ALL, now()).unwrap().items,
        expect
    );
    record(&*store, &reports, 300);
    assert_eq!(
        store.usage(&Query::default(), &ALL, now()).unwrap().items,
        expect
    );
}

pub(crate) fn counters_that_no_network_carries_are_refused(open: Open<'_>) {
    let (store, _) = with_sensors(open);
    let (sensor, mut sighting) = testing::sightings(1, 1, 1).remove(0);
    sighting.bytes_out = u64::MAX;
    let outcome = store.record(&sensor, &[sighting.clone()], &[], now());
    assert!(matches!(
        outcome,
        Err(Error::Invalid(Invalid::TooMuch("bytes_out")))
    ));
    // As many of the largest as it takes to pass what a column holds.
    let largest: Vec<Sighting> = (0..9000u32)
        .map(|number| {
            let mut one = sighting.clone();
            one.bytes_out = inventory::MAX_COUNTER;
            one.key.window_start = one
                .key
                .window_start
                .saturating_add(testing::WINDOW * number);
            one
        })
        .collect();
    store.record(&sensor, &largest, &[], now()).unwrap();
    let usage = store.usage(&Query::default(), &ALL, now()).unwrap().items;
    assert!(usage[0].totals.bytes_out >= u64::try_from(i64::MAX).unwrap());
}

pub(crate) fn a_backup_opens_as_a_store(open: Open<'_>) {
    let (store, _) = with_sensors(open);
    record(&*store, &testing::sightings(41, 200, 3), 50);
    let folder = tempfile::tempdir().unwrap();
    let copy = folder.path().join("inventory.db");
    store.backup(&copy).unwrap();
    assert!(matches!(store.backup(&copy), Err(Error::Exists { .. })));
    let files: Vec<_> = std::fs::read_dir(folder.path()).unwrap().collect();
    assert_eq!(files.len(), 1, "nothing but the copy is left behind");
    let restored = Sqlite::open(folder.path()).unwrap();
    assert_eq!(
        restored.usage(&Query::default(), &ALL, now()).unwrap(),
        store.usage(&Query::default(), &ALL, now()).unwrap()
    );
    let nowhere = folder.path().join("no/such/folder/copy.db");
    assert!(matches!(store.backup(&nowhere), Err(Error::Io { .. })));
}

pub(crate) fn many_threads_read_and_write(open: Open<'_>) {
    let (store, _) = with_sensors(open);
    let reports = testing::sightings(51, 400, 4);
    std::thread::scope(|scope| {
        for chunk in reports.chunks(100) {
            let store = &*store;
            scope.spawn(move || record(store, chunk, 10));
        }
        for _ in 0..6 {
            scope.spawn(|| {
                for _ in 0..20 {
                    let services = store.services(&Query::default(), &ALL, now()).unwrap();
                    assert!(services.items.len() <= testing::SERVICES.len());
                }
            });
        }
    });
    let keys: std::collections::BTreeSet<_> = reports
        .iter()
        .map(|(sensor, sighting)| (sensor, &sighting.key))
        .collect();
    let found = store
        .findings(&Query::default(), &ALL, now())
        .unwrap()
        .items;
    assert_eq!(found.len(), keys.len());
}
