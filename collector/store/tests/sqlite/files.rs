use std::fs;
use std::path::Path;

use inventory::testing::{self, START};
use inventory::{Query, Sighting};
use rusqlite::Connection;
use store::{AuditCheck, Error, Options, SCHEMA_VERSION, Sqlite, Store};

use crate::suite::{ALL, new_sensor, now};

fn raw(folder: &Path) -> Connection {
    Connection::open(folder.join("inventory.db")).unwrap()
}

fn enrolled(store: &Sqlite) {
    for sensor in testing::sensors() {
        store
            .add_sensor(&new_sensor(&sensor), "test", START)
            .unwrap();
    }
}

#[test]
fn makes_its_folder_and_is_readable_by_its_owner_only() {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("a/b");
    let store = Sqlite::open(&data).unwrap();
    enrolled(&store);
    assert_eq!(store.schema_version().unwrap(), SCHEMA_VERSION);
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&data), 0o700);
    let files: Vec<_> = fs::read_dir(&data)
        .unwrap()
        .map(|file| file.unwrap().path())
        .collect();
    assert_eq!(files.len(), 3, "{files:?}");
    for file in &files {
        assert_eq!(mode(file), 0o600, "{}", file.display());
    }
    drop(store);
    // Somebody opened it up: it is closed again.
    fs::set_permissions(data.join("inventory.db"), fs::Permissions::from_mode(0o644)).unwrap();
    drop(Sqlite::open(&data).unwrap());
    assert_eq!(mode(&data.join("inventory.db")), 0o600);
}

#[test]
fn a_full_disk_is_an_error_of_its_own_and_loses_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let options = Options {
        max_bytes: Some(512 << 10),
    };
    let store = Sqlite::open_with(folder.path(), options).unwrap();
    enrolled(&store);
    let reports = testing::sightings(1, 40_000, 5000);
    let mut kept = 0;
    let mut full = false;
    for chunk in reports.chunks(100) {
        let [sensor, ..] = testing::sensors();
        let own: Vec<Sighting> = chunk
            .iter()
            .filter(|(s, _)| *s == sensor)
            .map(|(_, s)| s.clone())
            .collect();
        match store.record(&sensor, &own, &[], now()) {
            Ok(recorded) => kept += recorded.changed,
            Err(Error::Full(_)) => {
                full = true;
                break;
            }
            Err(other) => panic!("{other:?}"),
        }
    }
    assert!(full && kept > 0);
    let found = store
        .findings(&Query::default(), &ALL, now())
        .unwrap()
        .items
        .len();
    assert!(found > 0 && found <= kept as usize, "{found} of {kept}");
    drop(store);
    let store = Sqlite::open(folder.path()).unwrap();
    assert_eq!(
        store
            .findings(&Query::default(), &ALL, now())
            .unwrap()
            .items
            .len(),
        found
    );
    // With room again the same batches go in.
    let all: Vec<Sighting> = reports
        .iter()
        .filter(|(sensor, _)| *sensor == testing::sensors()[0])
        .map(|(_, sighting)| sighting.clone())
        .collect();
    store
        .record(&testing::sensors()[0], &all, &[], now())
        .unwrap();
    assert!(
        store
            .findings(&Query::default(), &ALL, now())
            .unwrap()
            .items
            .len()
            > found
    );
}

#[test]
fn a_place_that_cannot_be_written_says_so() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("file");
    fs::write(&file, "").unwrap();
    // A file where the folder should be, and a folder where the file should be.
    assert!(matches!(Sqlite::open(&file), Err(Error::Unwritable { .. })));
    let occupied = folder.path().join("occupied");
    fs::create_dir_all(occupied.join("inventory.db")).unwrap();
    let error = Sqlite::open(&occupied).unwrap_err();
    assert!(matches!(error, Error::Unwritable { .. }), "{error:?}");
    assert!(error.to_string().contains("permissions"), "{error}");
}

#[test]
fn what_is_no_inventory_is_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("inventory.db");
    let text = "this is a letter, not a database, and longer than a header".repeat(20);
    fs::write(&path, &text).unwrap();
    assert!(matches!(
        Sqlite::open(folder.path()),
        Err(Error::Corrupt { .. })
    ));
    assert_eq!(fs::read_to_string(&path).unwrap(), text);

    fs::remove_file(&path).unwrap();
    raw(folder.path())
        .execute_batch("CREATE TABLE other (x)")
        .unwrap();
    assert!(matches!(
        Sqlite::open(folder.path()),
        Err(Error::Corrupt { .. })
    ));
}

#[test]
fn a_newer_schema_is_not_touched() {
    let folder = tempfile::tempdir().unwrap();
    drop(Sqlite::open(folder.path()).unwrap());
    raw(folder.path())
        .pragma_update(None, "user_version", SCHEMA_VERSION + 1)
        .unwrap();
    let error = Sqlite::open(folder.path()).unwrap_err();
    assert!(
        matches!(error, Error::TooNew { found, supported: SCHEMA_VERSION } if found == SCHEMA_VERSION + 1),
        "{error:?}"
    );
}

#[test]
fn another_writer_makes_it_busy_not_broken() {
    let folder = tempfile::tempdir().unwrap();
    let store = Sqlite::open(folder.path()).unwrap();
    let other = raw(folder.path());
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    let [sensor, ..] = testing::sensors();
    let refused = store.add_sensor(&new_sensor(&sensor), "test", START);
    assert!(matches!(refused, Err(Error::Busy(_))), "{refused:?}");
    assert!(store.sensors().unwrap().is_empty(), "reading goes on");
    other.execute_batch("ROLLBACK").unwrap();
    store
        .add_sensor(&new_sensor(&sensor), "test", START)
        .unwrap();
}

#[test]
fn a_changed_audit_log_shows() {
    let folder = tempfile::tempdir().unwrap();
    let store = Sqlite::open(folder.path()).unwrap();
    enrolled(&store);
    assert!(matches!(
        store.verify_audit().unwrap(),
        AuditCheck::Intact { entries: 3, .. }
    ));
    let other = raw(folder.path());
    assert!(
        other
            .execute("UPDATE audit SET actor = 'nobody' WHERE number = 2", [])
            .is_err()
    );
    assert!(
        other
            .execute("DELETE FROM audit WHERE number = 1", [])
            .is_err()
    );
    let tamper = |sql: &str| {
        other
            .execute_batch(&format!(
                "BEGIN; DROP TRIGGER audit_is_not_changed; DROP TRIGGER audit_is_not_shortened;
                 {sql}; COMMIT"
            ))
            .unwrap();
    };
    tamper("UPDATE audit SET actor = 'nobody' WHERE number = 2");
    assert_eq!(
        store.verify_audit().unwrap(),
        AuditCheck::Broken { number: 2 }
    );
    other
        .execute_batch("UPDATE audit SET actor = 'test' WHERE number = 2")
        .unwrap();
    assert!(matches!(
        store.verify_audit().unwrap(),
        AuditCheck::Intact { .. }
    ));
    other
        .execute_batch("DELETE FROM audit WHERE number = 1")
        .unwrap();
    assert_eq!(
        store.verify_audit().unwrap(),
        AuditCheck::Broken { number: 1 }
    );
}
