use inventory::testing::{self, content};
use inventory::{KeptSighting, Query, Range, ReEvaluatedUse, ReEvaluation, Reading, SightingKey};
use store::Store;

use super::{ALL, Open, now, record, with_sensors};

const NEWER: &str = "2026.11.21+000000000001";

fn moved(service: &str) -> Reading {
    Reading::Moved {
        service: service.to_owned(),
        surface: "api".to_owned(),
        tenant: Some("contoso".to_owned()),
    }
}

fn key() -> SightingKey {
    testing::sightings(1, 1, 1).remove(0).1.key
}

fn report(store: &dyn Store, revision: u32) {
    let (sensor, _) = testing::sightings(1, 1, 1).remove(0);
    let batch = [content(key(), revision)];
    store.record(&sensor, &batch, &[], now()).unwrap();
}

fn read(store: &dyn Store, version: &str, reading: &Reading) -> u64 {
    let kept = store.kept(version, 100).unwrap();
    let readings: Vec<_> = kept
        .into_iter()
        .map(|kept| (kept, reading.clone()))
        .collect();
    store.read_again(version, &readings).unwrap()
}

fn services(store: &dyn Store) -> Vec<String> {
    let found = store.services(&Query::default(), &ALL, now()).unwrap();
    found.items.into_iter().map(|one| one.service).collect()
}

pub(crate) fn a_reading_moves_a_sighting_and_back(open: Open<'_>) {
    let (store, _) = with_sensors(open);
    report(store.as_ref(), 2);
    let reported = key().service;
    let kept = store.kept(NEWER, 100).unwrap();
    let expected = content(key(), 2);
    assert_eq!(kept.len(), 1);
    assert_eq!(kept[0].service, reported);
    assert_eq!(kept[0].evidence.len(), expected.evidence.len());

    assert_eq!(read(store.as_ref(), NEWER, &moved("another")), 1);
    assert_eq!(services(store.as_ref()), ["another"]);
    let found = store
        .findings(&Query::default(), &ALL, now())
        .unwrap()
        .items;
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].sighting.key.service, "another");
    assert_eq!(found[0].sighting.key.tenant.as_deref(), Some("contoso"));
    let again = found[0].re_evaluated.clone().unwrap();
    assert_eq!(again.outcome, ReEvaluation::Moved);
    assert_eq!(again.catalogue_version, NEWER);
    assert_eq!(again.reported_service, reported);
    assert_eq!(store.kept(NEWER, 100).unwrap(), [], "it has been read");

    let newest = "2026.11.22+000000000002";
    assert_eq!(read(store.as_ref(), newest, &Reading::AsReported), 1);
    assert_eq!(services(store.as_ref()), [reported]);
    let found = store
        .findings(&Query::default(), &ALL, now())
        .unwrap()
        .items;
    assert_eq!(found[0].re_evaluated, None);
    assert_eq!(found[0].sighting, expected);
}

pub(crate) fn a_later_revision_of_a_moved_sighting_is_no_second_one(open: Open<'_>) {
    let (store, _) = with_sensors(open);
    report(store.as_ref(), 2);
    let outdated: Vec<KeptSighting> = store.kept(NEWER, 100).unwrap();
    read(store.as_ref(), NEWER, &moved("another"));
    report(store.as_ref(), 5);
    let found = store
        .findings(&Query::default(), &ALL, now())
        .unwrap()
        .items;
    assert_eq!(found.len(), 1, "{found:?}");
    assert_eq!(found[0].sighting.revision, 5);
    assert_eq!(found[0].sighting.key.service, "another");

    let readings: Vec<_> = outdated
        .into_iter()
        .map(|kept| (kept, Reading::NoLongerMatches))
        .collect();
    assert_eq!(store.read_again(NEWER, &readings).unwrap(), 0);
    assert_eq!(
        store.kept(NEWER, 100).unwrap().len(),
        1,
        "its evidence is new"
    );
    assert_eq!(read(store.as_ref(), NEWER, &Reading::NoLongerMatches), 1);
    let found = store
        .findings(&Query::default(), &ALL, now())
        .unwrap()
        .items;
    let again = found[0].re_evaluated.clone().unwrap();
    assert_eq!(again.outcome, ReEvaluation::NoLongerMatches);
    assert_eq!(found[0].sighting.key.service, key().service);
}

pub(crate) fn what_moved_is_marked_and_what_no_longer_matches_is_not_counted(open: Open<'_>) {
    let (store, _) = with_sensors(open);
    report(store.as_ref(), 2);
    read(store.as_ref(), NEWER, &moved("another"));
    let usage = store.usage(&Query::default(), &ALL, now()).unwrap().items;
    let service = store
        .services(&Query::default(), &ALL, now())
        .unwrap()
        .items;
    let expected = Some(ReEvaluatedUse {
        sightings: 1,
        moved_from: vec![key().service],
    });
    assert_eq!((usage.len(), &usage[0].re_evaluated), (1, &expected));
    assert_eq!((service.len(), &service[0].re_evaluated), (1, &expected));
    let gone = |store: &dyn Store| {
        let coverage = store.coverage(Range::ALL, now()).unwrap();
        coverage.no_longer_matching
    };
    assert_eq!(gone(store.as_ref()), 0);

    let newest = "2026.11.22+000000000002";
    assert_eq!(read(store.as_ref(), newest, &Reading::NoLongerMatches), 1);
    assert_eq!(services(store.as_ref()), Vec::<String>::new());
    let usage = store.usage(&Query::default(), &ALL, now()).unwrap().items;
    let devices = store.devices(&Query::default(), &ALL, now()).unwrap().items;
    assert_eq!((usage.len(), devices.len()), (0, 0));
    let found = store
        .findings(&Query::default(), &ALL, now())
        .unwrap()
        .items;
    assert_eq!(found.len(), 1, "it stays to be seen");
    assert_eq!(gone(store.as_ref()), 1);

    let back = "2026.11.23+000000000003";
    read(store.as_ref(), back, &Reading::AsReported);
    assert_eq!(services(store.as_ref()), [key().service]);
    assert_eq!(gone(store.as_ref()), 0);
}

pub(crate) fn moved_sightings_stand_on_pages_once_each(open: Open<'_>) {
    let (store, _) = with_sensors(open);
    let reports = testing::sightings(5, 60, 3);
    record(store.as_ref(), &reports, 10);
    let whole = store
        .findings(&Query::default(), &ALL, now())
        .unwrap()
        .items;
    let same = Reading::Moved {
        service: "one-for-all".to_owned(),
        surface: "web".to_owned(),
        tenant: None,
    };
    read(store.as_ref(), NEWER, &same);
    let mut page = inventory::PageRequest::first(1);
    let mut items = Vec::new();
    loop {
        let found = store.findings(&Query::default(), &page, now()).unwrap();
        items.extend(found.items);
        let Some(next) = found.next else { break };
        page.after = Some(next);
    }
    assert_eq!(items.len(), whole.len());
    assert_eq!(services(store.as_ref()), ["one-for-all"]);
    let observed = store.observed().unwrap();
    assert!(observed.iter().all(|one| one.service == "one-for-all"));
}
