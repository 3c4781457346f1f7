use super::*;
use crate::Catalogue;

const TIME: &str = "2026-11-21T00:00:00Z";

fn service(id: &str, name: &str) -> String {
    format!(
        "[[service]]\nid = \"{id}\"\nname = \"{id}\"\nvendor = \"Example\"\ncategory = \"other\"\n\
         last_checked = \"2026-11-20\"\nsources = [\"test\"]\n[service.examples]\nmatch = [\"{name}\"]\n\
         near_miss = [\"not{name}\"]\n[[service.names]]\nsurface = \"web\"\nconfidence = \"vendor-doc\"\n\
         sources = [\"test\"]\nsuffix = [\"{name}\"]\n"
    )
}

fn files() -> Vec<(String, String)> {
    vec![
        ("b.toml".into(), service("bee", "bee.example")),
        ("a.toml".into(), service("ant", "ant.example")),
    ]
}

fn key(seed: u8) -> SecretKey {
    SecretKey::from_seed([seed; 32]).unwrap()
}

fn signed(version: u64) -> Vec<u8> {
    sign(&build(&files(), version, TIME).unwrap(), &key(1)).unwrap()
}

fn refusal(bytes: &[u8]) -> Refused {
    Bundle::open(bytes, &key(1).public_key()).unwrap_err()
}

/// A bundle with any signed part, signed with the right key.
fn forged(signed: &[u8]) -> Vec<u8> {
    let manifest = manifest::split(signed).map(|(manifest, _)| manifest);
    let manifest = manifest.unwrap_or_else(|_| {
        let made = build(&files(), 1, TIME).unwrap();
        manifest::split(signed_part(&made).unwrap()).unwrap().0
    });
    join(signed, &signature::make(signed, &manifest, &key(1))).unwrap()
}

/// A signed part of a changed manifest and a changed content.
fn parts(change: impl FnOnce(&mut Manifest, &mut Vec<u8>)) -> Vec<u8> {
    let made = build(&files(), 7, TIME).unwrap();
    let (mut manifest, compressed) = manifest::split(signed_part(&made).unwrap()).unwrap();
    let mut content = content::inflate(compressed, &manifest).unwrap();
    change(&mut manifest, &mut content);
    let compressed = content::deflate(&content).unwrap();
    let text = manifest.to_toml();
    let mut signed = u16::try_from(text.len()).unwrap().to_le_bytes().to_vec();
    signed.extend_from_slice(text.as_bytes());
    signed.extend_from_slice(&compressed);
    signed
}

/// Makes length and digest of a manifest those of the content.
fn settle(manifest: &mut Manifest, content: &[u8]) {
    manifest.content_bytes = content.len();
    manifest.content_sha256 = manifest::digest(content);
}

#[test]
fn a_signed_bundle_opens_to_what_was_built() {
    let bundle = Bundle::open_newer(&signed(7), &key(1).public_key(), 6).unwrap();
    assert_eq!(bundle.manifest.version, 7);
    assert_eq!(bundle.manifest.created, TIME);
    assert_eq!(bundle.manifest.files, 2);
    assert_eq!(bundle.files[0].0, "a.toml");
    assert_eq!(
        bundle.catalogue.version(),
        Catalogue::load(&files()).unwrap().version()
    );
    assert_eq!(signed(7), signed(7), "equal content gives equal bytes");
}

#[test]
fn an_older_or_equal_version_is_refused() {
    let public = key(1).public_key();
    for newest in [7, 8] {
        let refused = Bundle::open_newer(&signed(7), &public, newest).unwrap_err();
        assert_eq!(refused, Refused::Older { offered: 7, newest });
    }
}

#[test]
fn another_key_and_a_changed_number_of_the_key_are_refused() {
    let made = build(&files(), 1, TIME).unwrap();
    let other = sign(&made, &key(2)).unwrap();
    assert!(matches!(refusal(&other), Refused::OtherKey { .. }));
    let mut pretender = key(2);
    pretender.id = key(1).id;
    let other = sign(&made, &pretender).unwrap();
    assert_eq!(refusal(&other), Refused::WrongSignature);
    assert_eq!(refusal(&made), Refused::NotSigned);
}

#[test]
fn no_truncation_and_no_changed_byte_passes() {
    let good = signed(3);
    for length in 0..good.len() {
        refusal(&good[..length]);
    }
    for place in 0..good.len() {
        let mut bad = good.clone();
        bad[place] ^= 0x20;
        let opened = Bundle::open(&bad, &key(1).public_key());
        // The untrusted comment is the one part that says nothing.
        if opened.is_ok() {
            let signature = good.len() - place;
            assert!(
                signature > 200,
                "byte {place} of {} does not count",
                good.len()
            );
        }
    }
    let mut longer = good;
    longer.push(b'\n');
    assert_eq!(
        refusal(&longer),
        Refused::SignatureText("is followed by something")
    );
}

#[test]
fn what_is_no_bundle_is_said_to_be_none() {
    assert_eq!(refusal(b""), Refused::NotABundle);
    assert_eq!(refusal(b"last_checked = 1"), Refused::NotABundle);
    assert_eq!(refusal(b"GNOMCAT\x02\0\0\0\0"), Refused::Format(2));
    assert_eq!(refusal(b"GNOMCAT\x01\xff\xff\xff\xff"), Refused::Truncated);
    assert_eq!(
        refusal(&vec![b'G'; MAX_BUNDLE_BYTES + 1]),
        Refused::TooLarge
    );
}

#[test]
fn signed_nonsense_is_refused_all_the_same() {
    let cases = [
        parts(|manifest, _| manifest.content_sha256 = "0".into()),
        parts(|manifest, _| manifest.content_bytes += 1),
        parts(|manifest, _| manifest.content_bytes -= 1),
        parts(|manifest, _| manifest.files = 1),
        parts(|manifest, _| manifest.files = 3),
        parts(|manifest, _| manifest.catalogue_version = "2026.11.20+000000000000".into()),
        parts(|manifest, content| {
            content.truncate(content.len() - 1);
            settle(manifest, content);
        }),
        parts(|manifest, content| {
            content[2] = b'/';
            settle(manifest, content);
        }),
        [parts(|_, _| ()), b"x".to_vec()].concat(),
    ];
    for (number, signed) in cases.iter().enumerate() {
        let refused = refusal(&forged(signed));
        assert!(
            matches!(refused, Refused::Content(_)),
            "{number}: {refused}"
        );
    }
    for change in [
        (|manifest: &mut Manifest| manifest.version = 0) as fn(&mut Manifest),
        |manifest| manifest.content_bytes = MAX_CONTENT_BYTES + 1,
        |manifest| manifest.created = "x".repeat(200),
    ] {
        let refused = refusal(&forged(&parts(|manifest, _| change(manifest))));
        assert!(matches!(refused, Refused::Manifest(_)), "{refused}");
    }
}

#[test]
fn a_bomb_ends_at_the_announced_length() {
    let bomb = parts(|manifest, content| {
        *content = vec![b' '; 8 << 20];
        manifest.content_bytes = 100;
    });
    let refused = refusal(&forged(&bomb));
    assert!(matches!(refused, Refused::Content(_)), "{refused}");
}

#[test]
fn a_catalogue_with_problems_is_neither_built_nor_opened() {
    let everything = service("all", "everything.example").replace(
        "suffix = [\"everything.example\"]",
        "pattern = [\"{tenant}.com\"]",
    );
    let cases = [
        vec![("a.toml".to_owned(), service("one", "co.uk"))],
        vec![("a.toml".to_owned(), service("one", "com"))],
        vec![("a.toml".to_owned(), everything)],
        vec![
            ("a.toml".to_owned(), service("one", "one.example")),
            ("b.toml".to_owned(), service("one", "two.example")),
        ],
    ];
    for files in cases {
        let refused = build(&files, 1, TIME).unwrap_err();
        assert!(matches!(refused, Refused::Catalogue(_)), "{refused}");
        let signed = parts(|manifest, content| {
            *content = content::write(&files).unwrap();
            manifest.files = files.len();
            settle(manifest, content);
        });
        let refused = refusal(&forged(&signed));
        let Refused::Catalogue(error) = &refused else {
            panic!("{refused}");
        };
        assert!(error.problems[0].line > 0, "{error}");
    }
}

#[test]
fn keys_read_back_from_their_files_and_nothing_else_is_a_key() {
    let secret = key(9);
    let back: SecretKey = secret.to_file().parse().unwrap();
    assert_eq!(back.public_key(), secret.public_key());
    let public: PublicKey = secret.public_key().to_file().parse().unwrap();
    assert_eq!(public, secret.public_key());
    assert!(
        public.to_string().starts_with("RW"),
        "as minisign's keys do"
    );
    let shown = format!("{secret:?}");
    let text = secret.to_file();
    assert!(!shown.contains(text.lines().nth(1).unwrap()));
    for text in ["", "RW", "untrusted comment: x\nAAAA\n", &secret.to_file()] {
        assert!(text.parse::<PublicKey>().is_err(), "{text}");
    }
    assert!(public.to_file().parse::<SecretKey>().is_err());
}

#[test]
fn minisign_accepts_our_signatures() {
    let made = signed(5);
    let parts = split(&made).unwrap();
    let text = std::str::from_utf8(parts.signature).unwrap();
    let public = key(1).public_key().to_file();
    let public = minisign_verify::PublicKey::decode(&public).unwrap();
    let signature = minisign_verify::Signature::decode(text).unwrap();
    public.verify(parts.signed, &signature, true).unwrap();
    assert!(public.verify(b"something else", &signature, true).is_err());
    let attached = attach(&build(&files(), 5, TIME).unwrap(), text).unwrap();
    assert_eq!(attached, made);
}
