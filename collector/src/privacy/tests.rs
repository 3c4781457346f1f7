use proptest::prelude::*;

use super::officer::{BadKey, PrivateKey};
use super::sealed::{Closed, Layer, name, open};
use super::*;

#[test]
fn keys_read_back_as_they_were_written() {
    let key = PrivateKey::generate();
    let plain = key.write(None).unwrap();
    assert_eq!(
        PrivateKey::read(&plain, None).unwrap().public(),
        key.public()
    );
    let public: PublicKey = key.public().to_string().parse().unwrap();
    assert_eq!(public, key.public());
    assert!(plain.parse::<PublicKey>().is_err());
    assert!(PrivateKey::read(&public.to_string(), None).is_err());
}

#[test]
fn an_encrypted_key_takes_its_passphrase() {
    let key = PrivateKey::generate();
    let text = key.write_with("a long phrase", 1000).unwrap();
    assert_eq!(
        PrivateKey::read(&text, None).unwrap_err(),
        BadKey::Encrypted
    );
    assert_eq!(
        PrivateKey::read(&text, Some("another")).unwrap_err(),
        BadKey::WrongPassphrase
    );
    let read = PrivateKey::read(&text, Some("a long phrase")).unwrap();
    assert_eq!(read.public(), key.public());
    let many = text.replacen("1000", "4000000000", 1);
    assert_eq!(
        PrivateKey::read(&many, Some("a long phrase")).unwrap_err(),
        BadKey::NotPrivate
    );
}

#[test]
fn no_text_is_a_key_by_chance_and_no_bytes_are_a_sealed_name() {
    for text in [
        "",
        "gnomon-officer-private-1",
        "gnomon-officer-private-1 AAAA",
        "x y z",
    ] {
        assert!(PrivateKey::read(text, Some("p")).is_err(), "{text}");
    }
    let key = PrivateKey::generate();
    for length in 0..80 {
        let sealed = vec![1; length];
        let closed = open(&key, Layer::Outer, "u-a", &sealed).unwrap_err();
        assert!(matches!(
            closed,
            Closed::NotSealed | Closed::OtherKey { .. }
        ));
    }
    assert_eq!(name(&[]), Err(Closed::NotSealed));
    assert_eq!(name(&[3, b'a']), Err(Closed::NotSealed));
    assert_eq!(name(&[1, b'a', 0, 0]), Ok("a".to_owned()));
}

#[test]
fn the_fleet_key_is_made_once_and_a_damaged_one_is_not_replaced() {
    let folder = tempfile::tempdir().unwrap();
    assert_eq!(fleet::read(folder.path()).unwrap(), None);
    let key = fleet::open_or_create(folder.path()).unwrap();
    assert_eq!(fleet::open_or_create(folder.path()).unwrap(), key);
    let copy = fleet::back_up(folder.path(), &folder.path().join("backup.db"))
        .unwrap()
        .unwrap();
    #[cfg(unix)]
    for path in [&copy, &fleet::path(folder.path())] {
        use std::os::unix::fs::PermissionsExt as _;
        let mode = std::fs::metadata(path).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{}", path.display());
    }
    std::fs::write(fleet::path(folder.path()), "AAAA").unwrap();
    assert!(fleet::open_or_create(folder.path()).is_err());
}

#[test]
fn an_agent_hears_what_it_does_not_have_yet() {
    let folder = tempfile::tempdir().unwrap();
    let mut config = Config {
        data_dir: folder.path().to_owned(),
        ..Config::default()
    };
    let privacy = Privacy::open(&config).unwrap();
    let told = privacy.news_for(0).unwrap();
    assert_eq!(
        (told.users.as_str(), told.fleet_key.len()),
        ("pseudonym", 32)
    );
    assert!(privacy.in_words().contains("nobody can unmask"));
    assert_eq!(privacy.news_for(told.version), None);
    config.users = UsersMode::None;
    let other = Privacy::open(&config).unwrap().settings();
    assert_ne!(other.version, told.version);
    assert!(other.fleet_key.is_empty());
}

#[test]
fn officers_are_two_people() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, key: &PrivateKey| {
        let path = folder.path().join(name);
        std::fs::write(&path, key.public().to_string()).unwrap();
        path
    };
    let (first, second) = (PrivateKey::generate(), PrivateKey::generate());
    let mut config = Config {
        data_dir: folder.path().to_owned(),
        officers: vec![write("1.pub", &first), write("2.pub", &second)],
        ..Config::default()
    };
    assert_eq!(
        officers(&config).unwrap(),
        [first.public(), second.public()]
    );
    assert!(
        Privacy::open(&config)
            .unwrap()
            .in_words()
            .contains("two officers")
    );
    config.officers[1] = write("3.pub", &first);
    assert!(officers(&config).is_err());
    config.officers[1] = folder.path().join("none");
    assert!(officers(&config).is_err());
}

#[test]
fn a_few_people_are_not_counted() {
    assert_eq!(
        [0, 1, 4, 5, 9].map(people),
        [Some(0), None, None, Some(5), Some(9)]
    );
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn no_file_and_no_sealed_name_makes_them_fail(
        bytes in proptest::collection::vec(any::<u8>(), 0..200),
        text in ".{0,200}",
        words in "gnomon-officer-(public|private|encrypted)-1( [A-Za-z0-9+/=]{0,50}){0,4}",
    ) {
        let key = PrivateKey::generate();
        let mut addressed = vec![1];
        addressed.extend(key.public().id());
        addressed.extend(&bytes);
        for layer in [Layer::Outer, Layer::Inner] {
            prop_assert!(open(&key, layer, &text, &bytes).is_err());
            prop_assert!(open(&key, layer, &text, &addressed).is_err());
        }
        name(&bytes).unwrap_or_default();
        prop_assert!(PrivateKey::read(&text, Some("p")).is_err());
        prop_assert!(text.parse::<PublicKey>().is_err());
        // Whatever these are, they end.
        drop(PrivateKey::read(&words, None));
        drop(words.parse::<PublicKey>());
    }
}
