use std::fs;
use std::path::Path;
use std::time::Duration;

use inventory::Timestamp;
use rcgen::KeyPair;

use super::*;

const NOW: Timestamp = Timestamp::from_nanos(1_800_000_000_123_456_789);
const DAY: Duration = Duration::from_secs(24 * 3600);

#[test]
fn the_ca_is_made_once_and_then_read() {
    let folder = tempfile::tempdir().unwrap();
    let data_dir = folder.path().join("a/b");
    let first = Authority::open(&data_dir, NOW).unwrap();
    let later = NOW.saturating_add(DAY);
    assert_eq!(
        Authority::open(&data_dir, later).unwrap().fingerprint(),
        first.fingerprint()
    );
    assert_eq!(first.fingerprint().len(), 64);
    let published = fs::read_to_string(data_dir.join("ca.pem")).unwrap();
    assert_eq!(
        published,
        fs::read_to_string(data_dir.join("ca/ca.pem")).unwrap()
    );
}

#[test]
fn of_many_that_start_at_once_all_use_the_same_ca() {
    let folder = tempfile::tempdir().unwrap();
    let fingerprints: Vec<String> = std::thread::scope(|scope| {
        let open = || Authority::open(folder.path(), NOW).unwrap().fingerprint();
        let threads: Vec<_> = (0..8).map(|_| scope.spawn(open)).collect();
        threads
            .into_iter()
            .map(|thread| thread.join().unwrap())
            .collect()
    });
    assert!(
        fingerprints
            .iter()
            .all(|fingerprint| *fingerprint == fingerprints[0])
    );
    let mut left: Vec<_> = fs::read_dir(folder.path())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    left.sort();
    assert_eq!(left, ["ca", "ca.pem"]);
}

#[cfg(unix)]
#[test]
fn only_the_owner_can_read_keys() {
    use std::os::unix::fs::PermissionsExt;

    let folder = tempfile::tempdir().unwrap();
    let data_dir = folder.path().join("data");
    Authority::open(&data_dir, NOW).unwrap();
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&data_dir), 0o700);
    assert_eq!(mode(&data_dir.join("ca")), 0o700);
    assert_eq!(mode(&data_dir.join("ca/ca.key")), 0o600);
}

#[test]
fn a_ca_that_is_damaged_is_an_error_and_not_replaced() {
    let folder = tempfile::tempdir().unwrap();
    Authority::open(folder.path(), NOW).unwrap();
    let key = folder.path().join("ca/ca.key");
    let other = KeyPair::generate().unwrap().serialize_pem();
    fs::write(&key, other).unwrap();
    let error = format!("{:#}", Authority::open(folder.path(), NOW).unwrap_err());
    assert!(
        error.contains("ca.key does not belong to ca.pem"),
        "{error}"
    );
    fs::remove_file(&key).unwrap();
    assert!(Authority::open(folder.path(), NOW).is_err());
    assert!(!key.exists());
}

#[test]
fn a_sensors_certificate_names_it_and_ends_in_time() {
    let folder = tempfile::tempdir().unwrap();
    let authority = Authority::open(folder.path(), NOW).unwrap();
    let key = KeyPair::generate().unwrap();
    let issued = authority
        .issue_client(&key, "a-sensor", NOW, DAY * 90)
        .unwrap();
    let facts = certificate::read(&issued.der).unwrap();
    assert_eq!(facts.common_name, "a-sensor");
    assert_eq!(facts.serial, issued.serial);
    assert_eq!(facts.not_after, issued.not_after);
    assert_eq!(
        issued.not_after.as_nanos(),
        1_800_000_000_000_000_000 + 90 * 86_400_000_000_000
    );
    let another = authority
        .issue_client(&key, "a-sensor", NOW, DAY * 90)
        .unwrap();
    assert_ne!(another.serial, issued.serial);
}

#[test]
fn no_certificate_outlives_the_ca() {
    let folder = tempfile::tempdir().unwrap();
    let authority = Authority::open(folder.path(), NOW).unwrap();
    let ca = certificate::read(authority.certificate()).unwrap();
    let key = KeyPair::generate().unwrap();
    let issued = authority
        .issue_client(&key, "a-sensor", NOW, DAY * 365 * 100)
        .unwrap();
    assert_eq!(issued.not_after, ca.not_after);
}

#[test]
fn a_sensors_certificate_begins_little_before_it_is_made() {
    let folder = tempfile::tempdir().unwrap();
    let authority = Authority::open(folder.path(), NOW).unwrap();
    let key = KeyPair::generate().unwrap();
    for lifetime in [Duration::from_secs(600), DAY * 90] {
        let issued = authority
            .issue_client(&key, "a-sensor", NOW, lifetime)
            .unwrap();
        let (_, certificate) = x509_parser::parse_x509_certificate(&issued.der).unwrap();
        let before = 1_800_000_000 - certificate.validity().not_before.timestamp();
        let tenth = i64::try_from(lifetime.as_secs() / 10).unwrap();
        assert!((1..tenth.min(301)).contains(&before), "{before}");
    }
}
