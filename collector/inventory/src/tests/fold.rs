use std::collections::BTreeMap;

use proptest::prelude::*;

use crate::testing::{self, START, WINDOW};
use crate::*;

fn inventory_of(reports: &[(SensorId, Sighting)]) -> Inventory {
    let mut inventory = Inventory::default();
    for (sensor, sighting) in reports {
        inventory.record(sensor, std::slice::from_ref(sighting));
    }
    inventory
}

type Everything = (
    Vec<Usage>,
    Vec<ServiceUse>,
    Vec<DeviceUse>,
    Vec<FoundSighting>,
);

fn everything(inventory: &Inventory, query: &Query) -> Everything {
    let (policy, now) = (Policy::default(), START);
    (
        inventory.usage(query, &policy, now),
        inventory.services(query, &policy, now),
        inventory.devices(query, &policy, now),
        inventory.findings(query, &policy, now),
    )
}

proptest! {
    #[test]
    fn any_order_and_any_repetition_gives_the_same_inventory(
        seed in any::<u64>(),
        shuffle in any::<u64>(),
        repeats in 0usize..40,
    ) {
        let reports = testing::sightings(seed, 60, 3);
        let mut mixed = reports.clone();
        let mut random = testing::Random::new(shuffle);
        for _ in 0..repeats {
            let index = random.index(60);
            mixed.push(reports[index].clone());
        }
        for index in (1..mixed.len()).rev() {
            mixed.swap(index, random.index(index + 1));
        }
        let query = Query::default();
        prop_assert_eq!(
            everything(&inventory_of(&reports), &query),
            everything(&inventory_of(&mixed), &query)
        );
    }

    #[test]
    fn the_totals_are_those_of_the_highest_revisions(seed in any::<u64>()) {
        let reports = testing::sightings(seed, 80, 2);
        let mut highest: BTreeMap<(SensorId, SightingKey), Sighting> = BTreeMap::new();
        for (sensor, sighting) in &reports {
            let key = (sensor.clone(), sighting.key.clone());
            if highest.get(&key).is_none_or(|kept| kept.revision < sighting.revision) {
                highest.insert(key, sighting.clone());
            }
        }
        let (usage, services, devices, findings) =
            everything(&inventory_of(&reports), &Query::default());
        let bytes: u64 = highest.values().map(|sighting| sighting.bytes_out).sum();
        prop_assert_eq!(findings.len(), highest.len());
        prop_assert_eq!(usage.iter().map(|row| row.totals.bytes_out).sum::<u64>(), bytes);
        let services = services.iter().filter_map(|row| row.totals);
        prop_assert_eq!(services.map(|totals| totals.bytes_out).sum::<u64>(), bytes);
        prop_assert_eq!(devices.iter().map(|row| row.totals.bytes_out).sum::<u64>(), bytes);
    }
}

#[test]
fn filters_keep_what_they_name() {
    let inventory = inventory_of(&testing::sightings(3, 300, 4));
    let all = inventory.usage(&Query::default(), &Policy::default(), START);
    let service = Query {
        services: vec!["chatgpt".to_owned()],
        ..Query::default()
    };
    let rows = inventory.usage(&service, &Policy::default(), START);
    assert!(!rows.is_empty() && rows.len() < all.len());
    assert!(rows.iter().all(|row| row.key.service == "chatgpt"));

    let by_class = Query {
        classes: vec![ClientClass::CliAgent],
        ..Query::default()
    };
    let rows = inventory.usage(&by_class, &Policy::default(), START);
    assert!(!rows.is_empty() && rows.len() < all.len());
    assert!(
        rows.iter()
            .all(|row| row.attribution.client.class == ClientClass::CliAgent)
    );

    let nobody = Query {
        devices: Some(Vec::new()),
        ..Query::default()
    };
    assert!(
        inventory
            .usage(&nobody, &Policy::default(), START)
            .is_empty()
    );

    let unknown = Query {
        users: vec![String::new()],
        ..Query::default()
    };
    let rows = inventory.usage(&unknown, &Policy::default(), START);
    assert!(!rows.is_empty() && rows.iter().all(|row| row.key.user.is_none()));

    let until = START.saturating_add(WINDOW);
    let early = Query {
        range: Range {
            since: None,
            until: Some(until),
        },
        ..Query::default()
    };
    let found = inventory.findings(&early, &Policy::default(), START);
    assert!(!found.is_empty() && found.iter().all(|row| row.sighting.first_seen < until));
}

#[test]
fn unsanctioned_is_what_nobody_sanctioned_or_tolerated() {
    let inventory = inventory_of(&testing::sightings(3, 300, 4));
    let decision = Decision {
        id: DecisionId(1),
        service: "chatgpt".to_owned(),
        scope: Scope::EVERYBODY,
        status: Status::Sanctioned,
        reason: String::new(),
        expires: None,
        decided_by: "anna".to_owned(),
        decided_at: START.saturating_add(WINDOW * 100),
        ended_at: None,
    };
    let policy = Policy::new([decision]);
    let query = Query {
        statuses: StatusFilter::Unsanctioned,
        ..Query::default()
    };
    let now = START.saturating_add(WINDOW * 200);
    let rows = inventory.usage(&query, &policy, now);
    assert!(!rows.is_empty() && rows.iter().all(|row| row.key.service != "chatgpt"));
    let sanctioned = Query {
        statuses: StatusFilter::Only(vec![Status::Sanctioned]),
        ..query
    };
    let rows = inventory.usage(&sanctioned, &policy, now);
    assert!(rows.iter().all(|row| row.key.service == "chatgpt"));
    // It was used before anybody had decided.
    assert!(rows.iter().all(|row| row.status_then == Status::Discovered));
    let services = inventory.services(&sanctioned, &policy, now);
    assert_eq!(services.len(), 1);
    assert_eq!(services[0].statuses.unsanctioned(), 0);
}

#[test]
fn the_evidence_of_a_service_is_merged_and_capped() {
    let services = inventory_of(&testing::sightings(9, 500, 8)).services(
        &Query::default(),
        &Policy::default(),
        START,
    );
    assert_eq!(services.len(), testing::SERVICES.len());
    for service in services {
        let items = service.evidence;
        assert!(!items.is_empty() && items.len() <= ServiceUse::MAX_EVIDENCE);
        assert!(items.windows(2).all(|pair| pair[0].count >= pair[1].count));
        for (index, item) in items.iter().enumerate() {
            let same = |other: &&Evidence| (&other.kind, &other.value) == (&item.kind, &item.value);
            assert_eq!(items[index..].iter().filter(same).count(), 1);
        }
    }
}
