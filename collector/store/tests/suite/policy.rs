use std::time::Duration;

use inventory::testing::{self, START};
use inventory::{Decision, DeviceId, NewDecision, Query, Scope, Status, Subject, Timestamp};
use store::{AuditCheck, ImportMode, Imported, Store};

use super::{ALL, Open, now, record, with_sensors};

fn later(seconds: u64) -> Timestamp {
    START.saturating_add(Duration::from_secs(seconds))
}

fn decision(service: &str, status: Status) -> NewDecision {
    NewDecision {
        service: service.to_owned(),
        scope: Scope::EVERYBODY,
        status,
        reason: "because".to_owned(),
        expires: None,
    }
}

fn in_force(store: &dyn Store) -> Vec<(String, Status, String)> {
    let policy = store.policy().unwrap();
    let rows = policy.in_force();
    rows.map(|one| (one.service.clone(), one.status, one.decided_by.clone()))
        .collect()
}

pub(crate) fn a_decision_replaces_the_one_before(open: Open<'_>) {
    let store = open();
    let set = |decision: &NewDecision, actor, at| -> Decision {
        store.set_decision(decision, actor, at).unwrap()
    };
    let first = set(&decision("chatgpt", Status::Tolerated), "anna", later(1));
    let same = set(&decision("chatgpt", Status::Tolerated), "ben", later(2));
    assert_eq!(first, same, "the same decision again changes nothing");
    let second = set(&decision("chatgpt", Status::Prohibited), "ben", later(3));
    assert_ne!(first.id, second.id);
    assert_eq!(
        in_force(&*store),
        [("chatgpt".into(), Status::Prohibited, "ben".into())]
    );
    let policy = store.policy().unwrap();
    let then = |at| policy.verdict_at(&Subject::everybody("chatgpt"), at).status;
    assert_eq!(
        [then(later(2)), then(later(3))],
        [Status::Tolerated, Status::Prohibited]
    );

    let user = Scope {
        user: Some("u".into()),
        ..Scope::EVERYBODY
    };
    assert!(
        !store
            .remove_decision("chatgpt", &user, "ben", later(4))
            .unwrap()
    );
    assert!(
        store
            .remove_decision("chatgpt", &Scope::EVERYBODY, "ben", later(4))
            .unwrap()
    );
    assert!(in_force(&*store).is_empty());
    let actions: Vec<_> = store
        .audit_log(0, 10)
        .unwrap()
        .into_iter()
        .map(|one| one.action)
        .collect();
    assert_eq!(actions, ["policy_set", "policy_set", "policy_removed"]);
    assert!(matches!(
        store.verify_audit().unwrap(),
        AuditCheck::Intact { entries: 3, .. }
    ));
}

pub(crate) fn imports_merge_or_replace(open: Open<'_>) {
    let store = open();
    for service in ["chatgpt", "claude"] {
        store
            .set_decision(&decision(service, Status::Tolerated), "anna", START)
            .unwrap();
    }
    let file = [
        decision("chatgpt", Status::Tolerated),
        decision("gemini", Status::Prohibited),
    ];
    let merged = store
        .import_decisions(&file, ImportMode::Merge, "ben", later(1))
        .unwrap();
    assert_eq!(
        merged,
        Imported {
            set: 1,
            unchanged: 1,
            removed: 0
        }
    );
    assert_eq!(in_force(&*store).len(), 3);
    let replaced = store
        .import_decisions(&file, ImportMode::Replace, "ben", later(2))
        .unwrap();
    assert_eq!(
        replaced,
        Imported {
            set: 0,
            unchanged: 2,
            removed: 1
        }
    );
    let services: Vec<_> = in_force(&*store)
        .into_iter()
        .map(|(service, ..)| service)
        .collect();
    assert_eq!(services, ["chatgpt", "gemini"]);
}

pub(crate) fn verdicts_follow_decisions(open: Open<'_>) {
    let (store, _) = with_sensors(open);
    record(&*store, &testing::sightings(5, 200, 3), 100);
    let anna = DeviceId::from_stored("s-anna".into());
    let device = Scope {
        device: Some(anna.clone()),
        ..Scope::EVERYBODY
    };
    let only_anna = NewDecision {
        scope: device,
        expires: Some(now()),
        ..decision("chatgpt", Status::Sanctioned)
    };
    store.set_decision(&only_anna, "ben", later(1)).unwrap();
    let statuses = |at| -> Vec<(bool, Status, bool)> {
        let rows = store.usage(&Query::default(), &ALL, at).unwrap().items;
        let rows = rows.into_iter().filter(|row| row.key.service == "chatgpt");
        rows.map(|row| {
            (
                row.key.device == anna,
                row.verdict.status,
                row.verdict.expired.is_some(),
            )
        })
        .collect()
    };
    let before = statuses(now().saturating_sub(Duration::from_secs(1)));
    assert!(before.iter().any(|(anna, ..)| *anna) && before.iter().any(|(anna, ..)| !*anna));
    for (anna, status, expired) in before {
        assert_eq!(
            status,
            if anna {
                Status::Sanctioned
            } else {
                Status::Discovered
            }
        );
        assert!(!expired);
    }
    for (anna, status, expired) in statuses(now()) {
        assert_eq!((status, expired), (Status::Discovered, anna));
    }
}
