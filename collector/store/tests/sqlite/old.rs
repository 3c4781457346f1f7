//! Inventories that older collectors wrote must open for ever. `tests/old/schema_N.db` was written
//! by the first version with schema N; `write_fixture` makes the one of today.

use std::fs;
use std::path::{Path, PathBuf};

use inventory::testing::{self, START, window};
use inventory::{GapReason, Inventory, NewDecision, Policy, Query, Range, Scope, Status};
use store::{
    AuditCheck, NewToken, NewUser, Role, SCHEMA_VERSION, SecretHash, Sqlite, Store, TokenState,
};

use crate::suite::{ALL, new_sensor, now, record};

/// The first that keeps what only an agent on the device knows.
const SCHEMA_OF_ENDPOINTS: u32 = 3;

fn fixture(schema: u32) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("tests/old/schema_{schema}.db"))
}

fn fill(store: &dyn Store) {
    for sensor in testing::sensors() {
        store
            .add_sensor(&new_sensor(&sensor), "test", START)
            .unwrap();
    }
    record(store, &testing::sightings(77, 40, 3), 10);
    let [anna, ..] = testing::sensors();
    store
        .record(&anna, &[], &[window(1, 0, 2), window(2, 3, 1)], now())
        .unwrap();
    let token = NewToken {
        secret: SecretHash::of(b"secret"),
        label: "laptops".to_owned(),
        expires_at: now(),
    };
    store.create_token(&token, "anna", START).unwrap();
    let user = NewUser {
        name: "anna".to_owned(),
        role: Role::Admin,
        token: SecretHash::of(b"token"),
    };
    store.add_user(&user, "cli", START).unwrap();
    let decision = NewDecision {
        service: "chatgpt".to_owned(),
        scope: Scope {
            user: Some("u-7f3a".to_owned()),
            ..Scope::EVERYBODY
        },
        status: Status::Tolerated,
        reason: "trial".to_owned(),
        expires: Some(now()),
    };
    store.set_decision(&decision, "anna", START).unwrap();
}

#[test]
#[ignore = "writes the fixture of a new schema: run once when SCHEMA_VERSION grows"]
fn write_fixture() {
    let folder = tempfile::tempdir().unwrap();
    let store = Sqlite::open(folder.path()).unwrap();
    fill(&store);
    let to = fixture(SCHEMA_VERSION);
    assert!(
        !to.exists(),
        "{} is there and must stay as it is",
        to.display()
    );
    store.backup(&to).unwrap();
}

#[test]
fn every_old_inventory_opens_and_holds_what_it_held() {
    let mut reference = Inventory::default();
    let mut network = Inventory::default();
    for sensor in testing::sensors() {
        reference.name_sensor(&sensor, &format!("host-{sensor}"));
        network.name_sensor(&sensor, &format!("host-{sensor}"));
    }
    for (sensor, sighting) in testing::sightings(77, 40, 3) {
        network.record(&sensor, &[testing::from_the_network(sighting.clone())]);
        reference.record(&sensor, &[sighting]);
    }
    for schema in 1..=SCHEMA_VERSION {
        let reference = if schema < SCHEMA_OF_ENDPOINTS {
            &network
        } else {
            &reference
        };
        let folder = tempfile::tempdir().unwrap();
        fs::copy(fixture(schema), folder.path().join("inventory.db")).unwrap();
        let store = Sqlite::open(folder.path()).unwrap();
        assert_eq!(store.schema_version().unwrap(), SCHEMA_VERSION);
        let found = store
            .findings(&Query::default(), &ALL, now())
            .unwrap()
            .items;
        let policy: Policy = store.policy().unwrap();
        assert_eq!(found, reference.findings(&Query::default(), &policy, now()));
        let coverage = store.coverage(Range::ALL, now()).unwrap();
        assert_eq!(coverage.counters.flows, 300);
        assert_eq!(coverage.gaps[0].reason, GapReason::Stopped);
        assert_eq!(store.tokens().unwrap()[0].state, TokenState::Waiting);
        let user = store
            .user_by_token(&SecretHash::of(b"token"))
            .unwrap()
            .unwrap();
        assert_eq!((user.name.as_str(), user.role), ("anna", Role::Admin));
        assert_eq!(policy.in_force().next().unwrap().reason, "trial");
        assert!(matches!(
            store.verify_audit().unwrap(),
            AuditCheck::Intact { entries: 6, .. }
        ));
        // And it can be written to.
        record(&store, &testing::sightings(78, 40, 3), 10);
    }
}
