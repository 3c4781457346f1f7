use hpke::aead::ChaCha20Poly1305;
use hpke::kdf::HkdfSha256;
use hpke::kem::X25519HkdfSha256;
use hpke::{Deserializable as _, Kem as _, OpModeR, Serializable as _, single_shot_open};

use super::*;

type Kem = X25519HkdfSha256;

fn said(users: &str, officers: &[Vec<u8>]) -> v1::PrivacySettings {
    v1::PrivacySettings {
        version: 7,
        users: users.to_owned(),
        fleet_key: vec![1; 32],
        officers: officers.to_vec(),
        retention_days: 90,
    }
}

fn with(said: v1::PrivacySettings) -> (tempfile::TempDir, Arc<Privacy>) {
    let folder = tempfile::tempdir().expect("temporary folder");
    let state = StateDir::new(folder.path());
    state.create().expect("made");
    let privacy = Privacy::open(&state);
    privacy.take(said).expect("good settings");
    (folder, Arc::new(privacy))
}

fn open(
    key: &<Kem as hpke::Kem>::PrivateKey,
    info: &[u8],
    label: &str,
    layer: &[u8],
) -> Option<Vec<u8>> {
    let (head, ciphertext) = layer.split_at(41);
    let enc = <Kem as hpke::Kem>::EncappedKey::from_bytes(&head[9..]).ok()?;
    single_shot_open::<ChaCha20Poly1305, HkdfSha256, Kem>(
        &OpModeR::Base,
        key,
        &enc,
        info,
        ciphertext,
        label.as_bytes(),
    )
    .ok()
}

#[test]
fn without_settings_no_user_is_named() {
    let folder = tempfile::tempdir().expect("temporary folder");
    let privacy = Privacy::open(&StateDir::new(folder.path()));
    assert_eq!(privacy.version(), 0);
    let mut users = Users::new(Arc::new(privacy));
    assert_eq!(users.user("anna"), Err(REASON_NO_SETTINGS));
}

#[test]
fn a_pseudonym_is_short_keyed_and_the_same_for_one_name() {
    let (_folder, privacy) = with(said("pseudonym", &[]));
    let mut users = Users::new(privacy);
    let anna = users.user("anna").expect("a user");
    assert_eq!(anna.label, label::pseudonym(&[1; 32], " Anna "));
    assert_eq!(anna.label.len(), 12);
    assert!(anna.label.starts_with("u-") && !anna.label.contains("anna"));
    assert!(anna.sealed.is_empty());
    assert_ne!(anna.label, users.user("ben").expect("a user").label);
    assert_ne!(anna.label, label::pseudonym(&[2; 32], "anna"));
}

#[test]
fn a_name_is_opened_by_both_officers_and_by_no_one_of_them() {
    let (first, first_public) = Kem::gen_keypair();
    let (second, second_public) = Kem::gen_keypair();
    let keys = [
        first_public.to_bytes().to_vec(),
        second_public.to_bytes().to_vec(),
    ];
    let (_folder, privacy) = with(said("pseudonym", &keys));
    let user = Users::new(privacy).user("anna").expect("a user");
    assert!(!user.sealed.windows(4).any(|bytes| bytes == b"anna"));
    let outer = b"gnomon sealed user 1 outer";
    let inner = b"gnomon sealed user 1 inner";
    assert_eq!(open(&second, inner, &user.label, &user.sealed), None);
    assert_eq!(open(&first, outer, "u-another000", &user.sealed), None);
    let half = open(&first, outer, &user.label, &user.sealed).expect("the first opens");
    assert!(!half.windows(4).any(|bytes| bytes == b"anna"));
    assert_eq!(open(&first, inner, &user.label, &half), None);
    let name = open(&second, inner, &user.label, &half).expect("the second opens");
    assert_eq!((name.len(), name[0]), (64, 4));
    assert_eq!(&name[1..5], b"anna");
}

#[test]
fn the_administrator_may_choose_names_or_nobody() {
    let (_folder, privacy) = with(said("plain", &[]));
    let mut users = Users::new(Arc::clone(&privacy));
    let anna = users.user("anna").expect("a user");
    assert_eq!((anna.label.as_str(), anna.sealed.len()), ("anna", 0));
    let mut none = said("none", &[]);
    none.version = 8;
    privacy.take(none).expect("good settings");
    assert_eq!(users.user("anna"), Err(REASON_NONE));
}

#[test]
fn settings_outlive_the_agent_and_only_it_may_read_them() {
    let (_, one) = Kem::gen_keypair();
    let (_, two) = Kem::gen_keypair();
    let keys = [one.to_bytes().to_vec(), two.to_bytes().to_vec()];
    let (folder, privacy) = with(said("pseudonym", &keys));
    let state = StateDir::new(folder.path());
    let again = Privacy::open(&state);
    assert_eq!(again.settings(), privacy.settings());
    assert_eq!(again.settings().expect("kept").retention_days, Some(90));
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let mode = std::fs::metadata(state.privacy_file()).expect("there");
        assert_eq!(mode.permissions().mode() & 0o777, 0o600);
    }
    std::fs::write(state.privacy_file(), b"{").expect("written");
    assert_eq!(Privacy::open(&state).version(), 0);
}

#[test]
fn settings_that_make_no_sense_leave_those_before_in_force() {
    let (_, key) = Kem::gen_keypair();
    let key = key.to_bytes().to_vec();
    let (_folder, privacy) = with(said("none", &[]));
    let mut short = said("pseudonym", &[]);
    short.fleet_key.pop();
    let mut unversioned = said("none", &[]);
    unversioned.version = 0;
    for wrong in [
        short,
        unversioned,
        said("everything", &[]),
        said("pseudonym", std::slice::from_ref(&key)),
        said("pseudonym", &[key.clone(), key.clone()]),
        said("pseudonym", &[key.clone(), vec![1; 31]]),
        said("pseudonym", &[key.clone(), vec![2; 32], vec![3; 32]]),
    ] {
        assert!(privacy.take(wrong).is_err());
        assert_eq!(privacy.settings().expect("kept").mode, Mode::None);
    }
}
