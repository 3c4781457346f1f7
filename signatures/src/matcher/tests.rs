//! Look-up over a small catalogue.

use super::*;
use crate::Catalogue;

fn catalogue(text: &str) -> Catalogue {
    Catalogue::load(&[("test.toml".into(), text.into())]).unwrap_or_else(|error| panic!("{error}"))
}

fn service(id: &str, names: &str) -> String {
    format!(
        "[[service]]\nid = \"{id}\"\nname = \"{id}\"\nvendor = \"V\"\ncategory = \"other\"\n\
         last_checked = \"2026-11-20\"\nsources = [\"s\"]\n\
         examples = {{ match = [\"a.example\"], near_miss = [\"b.example\"] }}\n{names}\n"
    )
}

fn names(specificity: &str, list: &str) -> String {
    format!(
        "[[service.names]]\nsurface = \"web\"\nspecificity = \"{specificity}\"\n\
         confidence = \"vendor-doc\"\nsources = [\"s\"]\n{list}\n"
    )
}

fn found(catalogue: &Catalogue, name: &str) -> Option<(String, String)> {
    let found = catalogue.matcher().match_name(name.as_bytes())?;
    Some((found.service.id.to_string(), found.indicator.to_string()))
}

fn sample() -> Catalogue {
    catalogue(
        &[
            service(
                "a",
                &names("exclusive", "exact = [\"api.a.com\"]\nsuffix = [\"a.com\"]"),
            ),
            service("b", &names("exclusive", "suffix = [\"deep.a.com\"]")),
            service(
                "p",
                &names(
                    "exclusive",
                    "pattern = [\"{tenant}.zone.b.com\", \"(x|yy)-{tenant}.zone.b.com\"]",
                ),
            ),
            service(
                "s",
                &names("shared", "suffix = [\"b.com\"]\nexact = [\"www.c.com\"]"),
            ),
        ]
        .concat(),
    )
}

fn pair(id: &str, indicator: &str) -> Option<(String, String)> {
    Some((id.into(), indicator.into()))
}

#[test]
fn follows_the_order_of_look_up() {
    let catalogue = sample();
    assert_eq!(found(&catalogue, "api.a.com"), pair("a", "exact:api.a.com"));
    assert_eq!(found(&catalogue, "x.api.a.com"), pair("a", "suffix:a.com"));
    assert_eq!(found(&catalogue, "a.com"), pair("a", "suffix:a.com"));
    assert_eq!(
        found(&catalogue, "x.deep.a.com"),
        pair("b", "suffix:deep.a.com")
    );
    assert_eq!(found(&catalogue, "x.b.com"), pair("s", "suffix:b.com"));
    assert_eq!(found(&catalogue, "zone.b.com"), pair("s", "suffix:b.com"));
    assert_eq!(
        found(&catalogue, "acme.zone.b.com"),
        pair("p", "pattern:{tenant}.zone.b.com")
    );
    assert_eq!(
        found(&catalogue, "x-acme.zone.b.com"),
        pair("p", "pattern:(x|yy)-{tenant}.zone.b.com")
    );
    assert_eq!(
        found(&catalogue, "x.acme.zone.b.com"),
        pair("s", "suffix:b.com")
    );
    assert_eq!(found(&catalogue, "www.c.com"), pair("s", "exact:www.c.com"));
    assert_eq!(found(&catalogue, "c.com"), None);
}

#[test]
fn captures_come_back_in_lower_case() {
    let catalogue = sample();
    let found = catalogue
        .matcher()
        .match_name(b"ACME-Prod.Zone.b.com.")
        .unwrap();
    assert_eq!(
        (found.tenant.as_deref(), found.region),
        (Some("acme-prod"), None)
    );
}

#[test]
fn keeps_to_label_boundaries_and_form() {
    let catalogue = sample();
    for miss in [
        "",
        ".",
        "com",
        "xa.com",
        "a.com.evil.example",
        "a.co",
        "com.",
        "..a.com",
        "x..a.com",
        ".a.com",
        "a.com..",
        "a.com:443",
        "a com",
        "a\u{0}.com",
    ] {
        assert_eq!(found(&catalogue, miss), None, "{miss:?}");
    }
    for hit in [
        "A.com",
        "a.com.",
        "x.y.z.A.COM.",
        "*.a.com",
        "xn--bcher-kva.a.com",
    ] {
        assert!(found(&catalogue, hit).is_some(), "{hit}");
    }
    let fits = format!("{}.a.com", "x".repeat(MAX_NAME - 6));
    assert!(found(&catalogue, &fits).is_some());
    assert!(found(&catalogue, &format!("{fits}.")).is_some());
    assert_eq!(found(&catalogue, &format!("x{fits}")), None);
    assert!(catalogue.matcher().match_name(b"\xff\xfe.a.com").is_some());
}
