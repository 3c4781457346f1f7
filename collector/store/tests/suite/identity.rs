use std::sync::Barrier;
use std::time::Duration;

use inventory::testing::{self, START};
use inventory::{Heartbeat, Range, SensorId, SensorState, SpoolHealth, Timestamp};
use store::{
    AuditAction, AuditCheck, AuditEntry, Certificate, Error, NewToken, NewUser, Redemption, Role,
    SecretHash, Store, TokenState,
};

use super::{Open, new_sensor, now, with_sensors};

fn later(seconds: u64) -> Timestamp {
    START.saturating_add(Duration::from_secs(seconds))
}

fn token(secret: &str) -> NewToken {
    NewToken {
        secret: SecretHash::of(secret.as_bytes()),
        label: "laptops".to_owned(),
        expires_at: later(100),
    }
}

fn redeem(store: &dyn Store, secret: &str, sensor: &str, at: Timestamp) -> Redemption {
    let sensor = new_sensor(&SensorId::new(sensor));
    store
        .redeem_token(&SecretHash::of(secret.as_bytes()), &sensor, at)
        .unwrap()
}

pub(crate) fn a_token_admits_once(open: Open<'_>) {
    let store = open();
    let id = store.create_token(&token("secret"), "anna", START).unwrap();
    let again = store.create_token(&token("secret"), "anna", START);
    assert!(matches!(again, Err(Error::Exists { .. })));
    assert_eq!(
        redeem(&*store, "secret", "s-1", later(1)),
        Redemption::Admitted(id)
    );
    let used = Redemption::Used {
        at: later(1),
        sensor: SensorId::new("s-1"),
    };
    assert_eq!(redeem(&*store, "secret", "s-2", later(2)), used);
    let sensors = store.sensors().unwrap();
    assert_eq!(sensors.len(), 1);
    assert_eq!(
        (sensors[0].hostname.as_str(), sensors[0].enrolled_at),
        ("host-s-1", later(1))
    );
    let tokens = store.tokens().unwrap();
    let state = TokenState::Used {
        at: later(1),
        sensor: SensorId::new("s-1"),
    };
    assert_eq!(
        (tokens[0].state.clone(), tokens[0].created_by.as_str()),
        (state, "anna")
    );
    assert!(!store.revoke_token(id, "anna", later(3)).unwrap());
}

pub(crate) fn tokens_that_do_not_admit_say_why(open: Open<'_>) {
    let store = open();
    assert_eq!(redeem(&*store, "guess", "s-1", START), Redemption::Unknown);
    store.create_token(&token("late"), "anna", START).unwrap();
    let expired = Redemption::Expired { at: later(100) };
    assert_eq!(redeem(&*store, "late", "s-1", later(100)), expired);
    let id = store.create_token(&token("ended"), "anna", START).unwrap();
    assert!(store.revoke_token(id, "ben", later(1)).unwrap());
    assert!(!store.revoke_token(id, "ben", later(2)).unwrap());
    let revoked = Redemption::Revoked { at: later(1) };
    assert_eq!(redeem(&*store, "ended", "s-1", later(3)), revoked);
    assert!(store.sensors().unwrap().is_empty());

    // A sensor id that is taken uses up no token.
    store
        .add_sensor(&new_sensor(&SensorId::new("s-1")), "anna", START)
        .unwrap();
    store.create_token(&token("good"), "anna", START).unwrap();
    let taken = new_sensor(&SensorId::new("s-1"));
    let outcome = store.redeem_token(&SecretHash::of(b"good"), &taken, START);
    assert!(matches!(outcome, Err(Error::Exists { .. })));
    assert!(matches!(
        redeem(&*store, "good", "s-2", START),
        Redemption::Admitted(_)
    ));
}

pub(crate) fn of_two_at_once_one_is_admitted(open: Open<'_>) {
    let store = open();
    store.create_token(&token("secret"), "anna", START).unwrap();
    let barrier = Barrier::new(8);
    let outcomes: Vec<Redemption> = std::thread::scope(|scope| {
        let racers = (0..8).map(|number| {
            let (store, barrier) = (&*store, &barrier);
            scope.spawn(move || {
                barrier.wait();
                redeem(store, "secret", &format!("s-{number}"), later(1))
            })
        });
        let racers: Vec<_> = racers.collect();
        racers
            .into_iter()
            .map(|racer| racer.join().unwrap())
            .collect()
    });
    let admitted = |outcome: &&Redemption| matches!(outcome, Redemption::Admitted(_));
    assert_eq!(outcomes.iter().filter(admitted).count(), 1);
    assert_eq!(store.sensors().unwrap().len(), 1);
}

fn heartbeat(hostname: &str) -> Heartbeat {
    Heartbeat {
        agent_version: "0.2.0".to_owned(),
        catalogue_version: "c".to_owned(),
        epoch: Some(inventory::Epoch([3; 16])),
        mode: "tap".to_owned(),
        os: String::new(),
        hostname: hostname.to_owned(),
        interfaces: Vec::new(),
        spool: SpoolHealth {
            shed_records: 4,
            ..SpoolHealth::default()
        },
        degradations: vec!["no process table".to_owned()],
        counters: vec![("frames".to_owned(), u64::MAX)],
        clock_offset_ns: -7,
    }
}

pub(crate) fn sensors_report_until_revoked(open: Open<'_>) {
    let (store, _) = with_sensors(open);
    let [anna, ..] = testing::sensors();
    store
        .heartbeat(&anna, &heartbeat("new-name"), now())
        .unwrap();
    // A collector clock that goes back does not make the sensor older.
    store.record(&anna, &[], &[], START).unwrap();
    let sensor = store.sensor(&anna).unwrap().unwrap();
    assert_eq!(
        (sensor.hostname.as_str(), sensor.os.as_str()),
        ("new-name", "linux")
    );
    assert_eq!((sensor.last_seen, sensor.mode()), (Some(now()), "tap"));
    assert_eq!(sensor.heartbeat, Some((now(), heartbeat("new-name"))));
    let coverage = store.coverage(Range::ALL, now()).unwrap();
    assert_eq!(coverage.sensors[0].state, SensorState::Reporting);
    assert_eq!(coverage.sensors[0].shed_records, 4);

    assert!(store.revoke_sensor(&anna, "admin", now()).unwrap());
    assert!(!store.revoke_sensor(&anna, "admin", now()).unwrap());
    assert!(matches!(
        store.record(&anna, &[], &[], now()),
        Err(Error::Revoked(_))
    ));
    let refused = store.heartbeat(&anna, &heartbeat("x"), now());
    assert!(matches!(refused, Err(Error::Revoked(_))));
    let nobody = SensorId::new("s-nobody");
    assert!(matches!(
        store.record(&nobody, &[], &[], now()),
        Err(Error::UnknownSensor(_))
    ));
    assert_eq!(store.sensor(&nobody).unwrap(), None);
    assert_eq!(
        store.sensor(&anna).unwrap().unwrap().revoked_at,
        Some(now())
    );
}

pub(crate) fn certificates_belong_to_sensors(open: Open<'_>) {
    let (store, _) = with_sensors(open);
    let [anna, ..] = testing::sensors();
    let certificate = |serial: &str, at| Certificate {
        serial: serial.to_owned(),
        sensor: anna.clone(),
        issued_at: later(at),
        not_after: later(at + 100),
    };
    store
        .add_certificate(&certificate("01", 1), later(1))
        .unwrap();
    store
        .add_certificate(&certificate("02", 50), later(50))
        .unwrap();
    let again = store.add_certificate(&certificate("02", 50), later(50));
    assert!(matches!(again, Err(Error::Exists { .. })));
    let nobody = Certificate {
        sensor: SensorId::new("nobody"),
        ..certificate("03", 1)
    };
    assert!(matches!(
        store.add_certificate(&nobody, START),
        Err(Error::UnknownSensor(_))
    ));
    let serials: Vec<_> = store
        .certificates(&anna)
        .unwrap()
        .into_iter()
        .map(|one| one.serial)
        .collect();
    assert_eq!(serials, ["02", "01"]);
}

pub(crate) fn users_are_found_by_token(open: Open<'_>) {
    let store = open();
    let user = |name: &str, role, token: &str| NewUser {
        name: name.to_owned(),
        role,
        token: SecretHash::of(token.as_bytes()),
    };
    store
        .add_user(&user("eve", Role::Viewer, "t1"), "cli", START)
        .unwrap();
    store
        .add_user(&user("anna", Role::Admin, "t2"), "cli", START)
        .unwrap();
    for taken in [
        user("anna", Role::Viewer, "t3"),
        user("ben", Role::Viewer, "t1"),
    ] {
        assert!(matches!(
            store.add_user(&taken, "cli", START),
            Err(Error::Exists { .. })
        ));
    }
    let found = store
        .user_by_token(&SecretHash::of(b"t2"))
        .unwrap()
        .unwrap();
    assert_eq!((found.name.as_str(), found.role), ("anna", Role::Admin));
    assert_eq!(store.user_by_token(&SecretHash::of(b"t3")).unwrap(), None);
    let names: Vec<_> = store
        .users()
        .unwrap()
        .into_iter()
        .map(|user| user.name)
        .collect();
    assert_eq!(names, ["anna", "eve"]);
    assert!(store.remove_user("eve", "cli", START).unwrap());
    assert!(!store.remove_user("eve", "cli", START).unwrap());
    assert_eq!(store.user_by_token(&SecretHash::of(b"t1")).unwrap(), None);
}

pub(crate) fn the_audit_log_is_chained(open: Open<'_>) {
    let store = open();
    let empty = AuditCheck::Intact {
        entries: 0,
        head: [0; 32],
    };
    assert_eq!(store.verify_audit().unwrap(), empty);
    a_token_admits_once(open);
    let entry = AuditEntry {
        actor: "anna".to_owned(),
        action: AuditAction::Exported,
        target: "usage".to_owned(),
        detail: "csv, 3 rows".to_owned(),
    };
    store.audit(&entry, later(9)).unwrap();
    let log = store.audit_log(0, 100).unwrap();
    let actions: Vec<_> = log.iter().map(|record| record.action.as_str()).collect();
    assert_eq!(actions, ["token_created", "sensor_enrolled", "exported"]);
    let numbers: Vec<_> = log.iter().map(|record| record.number).collect();
    assert_eq!(numbers, [1, 2, 3]);
    assert_eq!(log[1].detail, "\"host-s-1\", token made by anna");
    let intact = AuditCheck::Intact {
        entries: 3,
        head: log[2].hash,
    };
    assert_eq!(store.verify_audit().unwrap(), intact);
    assert_eq!(store.audit_log(1, 1).unwrap(), log[1..2]);
}
