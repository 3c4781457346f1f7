use inventory::testing::{self, START, WINDOW, window};
use inventory::{
    ClientClass, Cursor, DeviceId, GapReason, Inventory, NewDecision, Page, PageRequest, Policy,
    Query, Range, Scope, Status, StatusFilter,
};
use store::{Error, Store};

use super::{ALL, Open, now, record, with_sensors};

fn queries() -> Vec<Query> {
    let hour = |n: u32| Some(START.saturating_add(WINDOW * n));
    let unsanctioned = StatusFilter::Unsanctioned;
    vec![
        Query::default(),
        Query {
            range: Range {
                since: hour(1),
                until: hour(2),
            },
            ..Query::default()
        },
        Query {
            range: Range {
                since: hour(5),
                until: None,
            },
            ..Query::default()
        },
        Query {
            range: Range {
                since: hour(500),
                until: None,
            },
            ..Query::default()
        },
        Query {
            services: vec!["chatgpt".into(), "openai-api".into()],
            ..Query::default()
        },
        Query {
            services: vec!["nothing".into()],
            ..Query::default()
        },
        Query {
            devices: Some(vec![
                DeviceId::from_stored("s-anna".into()),
                DeviceId::from_stored("s-tap/mac:02:00:00:00:00:01@12".into()),
            ]),
            ..Query::default()
        },
        Query {
            devices: Some(Vec::new()),
            ..Query::default()
        },
        Query {
            users: vec!["u-7f3a".into()],
            ..Query::default()
        },
        Query {
            users: vec![String::new()],
            ..Query::default()
        },
        Query {
            statuses: unsanctioned.clone(),
            ..Query::default()
        },
        Query {
            statuses: StatusFilter::Only(vec![Status::Sanctioned, Status::Prohibited]),
            range: Range {
                since: hour(2),
                until: None,
            },
            ..Query::default()
        },
        Query {
            statuses: unsanctioned,
            services: vec!["azure-openai".into()],
            ..Query::default()
        },
    ]
}

fn by_program() -> [Query; 3] {
    let hour = |n: u32| Some(START.saturating_add(WINDOW * n));
    [
        Query {
            processes: vec!["curl".into()],
            ..Query::default()
        },
        Query {
            processes: vec![String::new(), "url".into()],
            ..Query::default()
        },
        Query {
            classes: vec![ClientClass::CliAgent],
            range: Range {
                since: hour(1),
                until: hour(4),
            },
            ..Query::default()
        },
    ]
}

fn decide(store: &dyn Store) -> Policy {
    let tenant = Scope {
        tenant: Some("contoso-prod".into()),
        ..Scope::EVERYBODY
    };
    for (service, scope, status) in [
        ("chatgpt", Scope::EVERYBODY, Status::Prohibited),
        ("azure-openai", Scope::EVERYBODY, Status::UnderReview),
        ("azure-openai", tenant, Status::Sanctioned),
    ] {
        let decision = NewDecision {
            service: service.into(),
            scope,
            status,
            reason: String::new(),
            expires: None,
        };
        let at = START.saturating_add(WINDOW * 3);
        store.set_decision(&decision, "test", at).unwrap();
    }
    store.policy().unwrap()
}

fn filled(open: Open<'_>, seed: u64) -> (Box<dyn Store>, Inventory, Policy) {
    let (store, mut reference) = with_sensors(open);
    let reports = testing::sightings(seed, 600, 6);
    record(&*store, &reports, 50);
    for (sensor, sighting) in &reports {
        reference.record(sensor, std::slice::from_ref(sighting));
    }
    let policy = decide(&*store);
    (store, reference, policy)
}

pub(crate) fn agrees_with_the_reference(open: Open<'_>) {
    let (store, reference, policy) = filled(open, 11);
    for query in queries().into_iter().chain(by_program()) {
        let usage = store.usage(&query, &ALL, now()).unwrap().items;
        assert_eq!(usage, reference.usage(&query, &policy, now()), "{query:?}");
        let services = store.services(&query, &ALL, now()).unwrap().items;
        assert_eq!(
            services,
            reference.services(&query, &policy, now()),
            "{query:?}"
        );
        let devices = store.devices(&query, &ALL, now()).unwrap().items;
        assert_eq!(
            devices,
            reference.devices(&query, &policy, now()),
            "{query:?}"
        );
        let findings = store.findings(&query, &ALL, now()).unwrap().items;
        assert_eq!(
            findings,
            reference.findings(&query, &policy, now()),
            "{query:?}"
        );
    }
    assert!(store.has_service("chatgpt").unwrap());
    assert!(!store.has_service("nothing").unwrap());
}

fn whole<T: PartialEq + std::fmt::Debug>(
    limit: u32,
    all: &[T],
    ask: impl Fn(&PageRequest) -> Page<T>,
) {
    let mut page = PageRequest::first(limit);
    let mut items = Vec::new();
    loop {
        let Page { items: some, next } = ask(&page);
        assert!(some.len() <= limit as usize);
        assert!(next.is_none() || some.len() == limit as usize);
        items.extend(some);
        match next {
            Some(next) => page.after = Some(next),
            None => break,
        }
    }
    assert!(items == all, "pages of {limit} are not the whole");
}

pub(crate) fn pages_are_the_whole_cut_in_pieces(open: Open<'_>) {
    let (store, reference, policy) = filled(open, 12);
    for query in queries().into_iter().chain(by_program()) {
        for limit in [1, 3, 7] {
            let usage = reference.usage(&query, &policy, now());
            whole(limit, &usage, |page| {
                store.usage(&query, page, now()).unwrap()
            });
            let services = reference.services(&query, &policy, now());
            whole(limit, &services, |page| {
                store.services(&query, page, now()).unwrap()
            });
            let devices = reference.devices(&query, &policy, now());
            whole(limit, &devices, |page| {
                store.devices(&query, page, now()).unwrap()
            });
        }
        let findings = reference.findings(&query, &policy, now());
        whole(40, &findings, |page| {
            store.findings(&query, page, now()).unwrap()
        });
    }
}

pub(crate) fn refuses_a_cursor_of_another_query(open: Open<'_>) {
    let (store, _) = with_sensors(open);
    let page = PageRequest {
        after: Some(Cursor(vec!["x".into(), "y".into()])),
        limit: 5,
    };
    let query = Query::default();
    assert!(matches!(
        store.usage(&query, &page, now()),
        Err(Error::BadCursor)
    ));
    assert!(matches!(
        store.services(&query, &page, now()),
        Err(Error::BadCursor)
    ));
    assert!(matches!(
        store.devices(&query, &page, now()),
        Err(Error::BadCursor)
    ));
    assert!(matches!(
        store.findings(&query, &page, now()),
        Err(Error::BadCursor)
    ));
}

pub(crate) fn finds_devices_by_every_name(open: Open<'_>) {
    let (store, _, _) = filled(open, 13);
    let find = |text: &str| -> Vec<String> {
        let found = store.find_devices(text).unwrap();
        found.iter().map(|id| id.as_str().to_owned()).collect()
    };
    assert_eq!(find("s-anna"), ["s-anna"]);
    assert_eq!(find("HOST-s-anna"), ["s-anna"]);
    assert_eq!(
        find("mac:02:00:00:00:00:01@12"),
        ["s-tap/mac:02:00:00:00:00:01@12"]
    );
    assert_eq!(find("02:00:00:00:00:01"), ["s-tap/mac:02:00:00:00:00:01"]);
    assert_eq!(find("10.0.0.2@12"), ["s-tap/ip:10.0.0.2@12"]);
    assert!(find("printer-2").len() > 1);
    assert!(
        find("10.0.9.9")
            .iter()
            .all(|id| id.starts_with("s-tap/mac:"))
    );
    assert!(!find("10.0.9.9").is_empty());
    assert!(find("' OR 1=1 --").is_empty());
}

pub(crate) fn coverage_adds_up_and_shows_gaps(open: Open<'_>) {
    let (store, _) = with_sensors(open);
    let [anna, ben, _] = testing::sensors();
    let closed = inventory::CoverageWindow {
        closed: true,
        ..window(1, 1, 3)
    };
    store
        .record(&anna, &[], &[window(1, 0, 2), window(1, 1, 1)], now())
        .unwrap();
    store
        .record(&anna, &[], &[closed.clone(), window(1, 1, 2)], now())
        .unwrap();
    store
        .record(&anna, &[], &[window(2, 5, 1), closed], now())
        .unwrap();
    store.record(&ben, &[], &[window(1, 0, 1)], now()).unwrap();
    let coverage = store.coverage(Range::ALL, now()).unwrap();
    assert_eq!(coverage.counters.flows, 200 + 300 + 100 + 100);
    assert_eq!(coverage.sensors.len(), 3);
    assert_eq!(coverage.sensors[0].counters.frames_dropped, 6);
    assert_eq!(coverage.gaps.len(), 1);
    assert_eq!(coverage.gaps[0].reason, GapReason::ShutDown);
    assert_eq!(coverage.gaps[0].to, Some(START.saturating_add(WINDOW * 5)));
    let late = Range {
        since: Some(START.saturating_add(WINDOW * 5)),
        until: None,
    };
    let coverage = store.coverage(late, now()).unwrap();
    assert_eq!((coverage.counters.flows, coverage.gaps_total), (100, 1));
}

pub(crate) fn an_empty_answer_still_has_coverage(open: Open<'_>) {
    let store = open();
    let coverage = store.coverage(Range::ALL, now()).unwrap();
    assert!(coverage.sensors.is_empty() && coverage.first_seen.is_none());
    let page = store.usage(&Query::default(), &ALL, now()).unwrap();
    assert_eq!(
        page,
        Page {
            items: Vec::new(),
            next: None
        }
    );
}
