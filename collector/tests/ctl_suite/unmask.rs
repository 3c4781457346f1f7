use std::fs;
use std::path::Path;

use collector::privacy::officer::PrivateKey;
use hpke::aead::ChaCha20Poly1305;
use hpke::kdf::HkdfSha256;
use hpke::kem::X25519HkdfSha256;
use hpke::{Deserializable as _, Kem, OpModeS, Serializable as _, single_shot_seal};
use inventory::testing::{self, START};

use super::server::Server;
use crate::api_suite::site::Site;

const LABEL: &str = "u-abcdefghij";

fn layer(key: &PrivateKey, info: &str, content: &[u8]) -> Vec<u8> {
    let public = key.public();
    let to = <X25519HkdfSha256 as Kem>::PublicKey::from_bytes(public.bytes()).unwrap();
    let (enc, ciphertext) = single_shot_seal::<ChaCha20Poly1305, HkdfSha256, X25519HkdfSha256>(
        &OpModeS::Base,
        &to,
        info.as_bytes(),
        content,
        LABEL.as_bytes(),
    )
    .unwrap();
    [&[1], public.id().as_slice(), &enc.to_bytes(), &ciphertext].concat()
}

/// Anna's name, sealed, in a report of one sensor.
fn with_sealed_name(site: &Site, first: &PrivateKey, second: &PrivateKey) {
    let mut padded = vec![4];
    padded.extend_from_slice(b"anna");
    padded.resize(64, 0);
    let inner = layer(second, "gnomon sealed user 1 inner", &padded);
    let (sensor, mut sighting) = testing::sightings(1, 1, 1).remove(0);
    sighting.key.user = Some(LABEL.to_owned());
    sighting.sealed_user = layer(first, "gnomon sealed user 1 outer", &inner);
    site.store.record(&sensor, &[sighting], &[], START).unwrap();
}

fn keep(folder: &Path, name: &str, key: &PrivateKey) -> String {
    let path = folder.join(name);
    fs::write(&path, key.write(None).unwrap()).unwrap();
    path.display().to_string()
}

#[test]
fn two_officers_find_the_name_and_every_step_is_logged() {
    let (first, second) = (PrivateKey::generate(), PrivateKey::generate());
    let site = Site::filled();
    with_sealed_name(&site, &first, &second);
    let store = site.store.clone();
    let server = Server::start(site);
    let folder = server.folder.path().to_owned();
    let file = |name: &str| folder.join(name).display().to_string();
    let (sealed, half) = (file("sealed.json"), file("half.json"));
    let (one, two) = (
        keep(&folder, "1.key", &first),
        keep(&folder, "2.key", &second),
    );

    let without = server.gnomon(&["unmask", LABEL]);
    assert!(without.err.contains("--reason"), "{}", without.err);
    let nobody = server.gnomon(&["unmask", "u-nobody", "--reason", "x"]);
    assert!(nobody.err.contains("no name is sealed"), "{}", nobody.err);
    let ask = [
        "unmask",
        LABEL,
        "--reason",
        "incident 4711",
        "--out",
        &sealed,
    ];
    assert!(server.gnomon(&ask).ok().contains("first officer"));
    let text = fs::read_to_string(&sealed).unwrap();
    assert!(text.contains(LABEL) && !text.contains("anna"), "{text}");

    let wrong = server.gnomon(&["unmask", "open", "--key", &two, &sealed]);
    assert!(wrong.err.contains("one after the other"), "{}", wrong.err);
    let open = ["unmask", "open", "--key", &one, "--out", &half, &sealed];
    assert!(server.gnomon(&open).ok().contains("second officer"));
    let name = server
        .gnomon(&["unmask", "open", "--key", &two, &half])
        .ok();
    assert!(
        name.starts_with("u-abcdefghij is anna, as sensor s-"),
        "{name}"
    );

    let log = store.audit_log(0, 1000).unwrap();
    let steps: Vec<(&str, &str)> = log
        .iter()
        .filter(|entry| entry.target == LABEL)
        .map(|entry| (entry.action.as_str(), entry.detail.as_str()))
        .collect();
    assert_eq!(
        steps,
        [
            ("unmask_asked", "incident 4711"),
            ("unmask_opened", "outer layer: incident 4711"),
            ("unmask_opened", "inner layer: incident 4711"),
        ]
    );
    let actor = log.iter().find(|entry| entry.target == LABEL).unwrap();
    assert_eq!(actor.actor, "user anna");
}

#[test]
fn an_officer_without_the_collector_says_so() {
    let (first, second) = (PrivateKey::generate(), PrivateKey::generate());
    let site = Site::filled();
    with_sealed_name(&site, &first, &second);
    let server = Server::start(site);
    let folder = server.folder.path().to_owned();
    let sealed = folder.join("sealed.json").display().to_string();
    let half = folder.join("half.json").display().to_string();
    let one = keep(&folder, "1.key", &first);
    server
        .gnomon(&["unmask", LABEL, "--reason", "x", "--out", &sealed])
        .ok();
    let elsewhere = "https://127.0.0.1:1";
    let open = [
        "unmask",
        "open",
        "--collector",
        elsewhere,
        "--key",
        &one,
        "--out",
        &half,
        &sealed,
    ];
    let refused = server.gnomon(&open);
    assert_eq!(refused.code, Some(1), "{}", refused.err);
    assert!(refused.err.contains("--offline"), "{}", refused.err);
    assert!(!Path::new(&half).exists());
    let offline = server.gnomon(&[&open[..], &["--offline"]].concat());
    assert!(offline.err.contains("does not know"), "{}", offline.err);
    assert!(Path::new(&half).exists());
}
