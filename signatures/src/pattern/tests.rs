//! The pattern language, by example.

use super::*;

fn captured(pattern: &str, name: &str) -> Option<(Option<String>, Option<String>)> {
    let pattern = Pattern::parse(pattern).unwrap();
    let head = name.strip_suffix(pattern.anchor())?.strip_suffix('.')?;
    let captures = pattern.captures(head.as_bytes())?;
    let text = |place: Place| {
        let bytes = place.of(head.as_bytes())?;
        Some(String::from_utf8(bytes.into()).unwrap())
    };
    Some((text(captures.tenant), text(captures.region)))
}

fn some(text: &str) -> Option<String> {
    Some(text.into())
}

#[test]
fn captures_a_tenant_of_one_label() {
    let pattern = "{tenant}.openai.azure.com";
    assert_eq!(
        captured(pattern, "contoso-prod.openai.azure.com"),
        Some((some("contoso-prod"), None))
    );
    for miss in [
        "openai.azure.com",
        "a.b.openai.azure.com",
        "x.openai.azure.com",
        "-ab.openai.azure.com",
    ] {
        assert_eq!(captured(pattern, miss), None, "{miss}");
    }
}

#[test]
fn takes_alternatives_and_options_in_a_label() {
    let pattern = "bedrock(-runtime|-agent|-agent-runtime)?(-fips)?.{region}.amazonaws.com";
    for (name, region) in [
        ("bedrock.us-east-1.amazonaws.com", "us-east-1"),
        (
            "bedrock-runtime-fips.us-gov-west-1.amazonaws.com",
            "us-gov-west-1",
        ),
        (
            "bedrock-agent-runtime.ap-southeast-2.amazonaws.com",
            "ap-southeast-2",
        ),
    ] {
        assert_eq!(
            captured(pattern, name),
            Some((None, some(region))),
            "{name}"
        );
    }
    for miss in [
        "bedrock-other.us-east-1.amazonaws.com",
        "bedrockruntime.us-east-1.amazonaws.com",
        "bedrock.useast1.amazonaws.com",
        "bedrock.us-east.amazonaws.com",
        "bedrock.us-east-123.amazonaws.com",
        "x.bedrock.us-east-1.amazonaws.com",
        "bedrock.amazonaws.com",
    ] {
        assert_eq!(captured(pattern, miss), None, "{miss}");
    }
}

#[test]
fn captures_a_region_before_a_literal() {
    let pattern = "{region}-aiplatform.googleapis.com";
    for region in [
        "us-central1",
        "europe-west12",
        "northamerica-northeast1",
        "me-central2",
    ] {
        let name = format!("{region}-aiplatform.googleapis.com");
        assert_eq!(captured(pattern, &name), Some((None, some(region))));
    }
    for miss in [
        "aiplatform.googleapis.com",
        "x-aiplatform.googleapis.com",
        "us-central1-aiplatform-x.googleapis.com",
    ] {
        assert_eq!(captured(pattern, miss), None, "{miss}");
    }
}

#[test]
fn optional_and_uncaptured_parts() {
    assert!(
        captured(
            "amlwlrt4{any}?.blob.core.windows.net",
            "amlwlrt4.blob.core.windows.net"
        )
        .is_some()
    );
    assert!(
        captured(
            "amlwlrt4{any}?.blob.core.windows.net",
            "amlwlrt4ab.blob.core.windows.net"
        )
        .is_some()
    );
    assert!(captured("a-{any}-{number}.example.com", "a-x-y-12.example.com").is_some());
    assert!(captured("a-{any}-{number}.example.com", "a-x-y.example.com").is_none());
}

#[test]
fn refuses_bad_patterns_with_the_reason() {
    for (text, error) in [
        ("", PatternError::EmptyLabel),
        ("a..{any}.example.com", PatternError::EmptyLabel),
        ("{any}.com", PatternError::NoAnchor),
        ("example.{region}.com", PatternError::NoAnchor),
        ("{any}.1.2", PatternError::NoAnchor),
        ("www.example.com", PatternError::NothingVaries),
        ("{who}.example.com", PatternError::BadCapture),
        ("{any.example.com", PatternError::BadCapture),
        ("(a|).example.com", PatternError::BadGroup),
        ("(a|{any}).example.com", PatternError::BadGroup),
        ("(a.b).example.com", PatternError::BadGroup),
        ("a?.example.com", PatternError::BadOption),
        ("?a.example.com", PatternError::BadOption),
        ("(a)?.example.com", PatternError::LabelCanBeEmpty),
        ("*.example.com", PatternError::BadByte),
        ("A{any}.example.com", PatternError::BadByte),
        (
            "{any}-{any}-{any}.example.com",
            PatternError::LabelTooComplex,
        ),
        ("{tenant}.{tenant}.example.com", PatternError::CapturedTwice),
    ] {
        assert_eq!(Pattern::parse(text), Err(error), "{text}");
    }
}

#[test]
fn tells_when_two_patterns_can_meet() {
    let overlap = |one: &str, two: &str| {
        Pattern::parse(one)
            .unwrap()
            .may_overlap(&Pattern::parse(two).unwrap())
    };
    assert!(!overlap(
        "q.{region}.example.com",
        "bedrock(-x)?.{region}.example.com"
    ));
    assert!(overlap(
        "(q|r).{region}.example.com",
        "q.{region}.example.com"
    ));
    assert!(overlap(
        "{tenant}.api.example.com",
        "a-{any}.api.example.com"
    ));
    assert!(!overlap(
        "a-{any}.api.example.com",
        "b-{any}.api.example.com"
    ));
    assert!(!overlap(
        "{any}-a.api.example.com",
        "{any}-b.api.example.com"
    ));
    assert!(!overlap(
        "{any}.api.example.com",
        "{any}.x.{any}.api.example.com"
    ));
}

/// Every way of cutting the text into pieces fails; each place is tried once for each part.
#[test]
fn the_work_for_one_label_is_bounded() {
    let group = "(a|aa|aaa|aaaa|aaaaa|aaaaaa|aaaaaaa|aaaaaaaa|aaaaaaaaa)";
    for label in [
        format!("{}b", group.repeat(7)),
        format!("{{any}}{}{{any}}b", format!("{group}?").repeat(5)),
        format!("{{region}}{}{{tenant}}b", format!("{group}?").repeat(5)),
    ] {
        let pattern = Pattern::parse(&format!("{label}.example.com")).unwrap();
        for text in ["a".repeat(63), "a-".repeat(31)] {
            assert_eq!(pattern.captures(text.as_bytes()), None, "{label}");
        }
    }
}

#[test]
fn a_label_longer_than_dns_allows_matches_nothing() {
    let pattern = Pattern::parse("a{any}.example.com").unwrap();
    assert!(pattern.captures("a".repeat(63).as_bytes()).is_some());
    assert!(pattern.captures("a".repeat(64).as_bytes()).is_none());
}
