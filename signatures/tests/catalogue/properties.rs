//! What holds for every name, whatever its bytes.

use proptest::prelude::*;
use signatures::{Catalogue, IndicatorKind, LocalRequest, Match};

/// What a match says, in a form that compares.
fn said(found: Option<Match<'_, '_>>) -> Option<(String, String, Option<String>, Option<String>)> {
    found.map(|found| {
        (
            found.service.id.to_string(),
            found.indicator.to_string(),
            found.tenant.map(Into::into),
            found.region.map(Into::into),
        )
    })
}

fn look_up(name: &[u8]) -> Option<(String, String, Option<String>, Option<String>)> {
    said(Catalogue::builtin().matcher().match_name(name))
}

/// Names near those of the catalogue: pieces of them joined in any way.
fn near_names() -> impl Strategy<Value = String> {
    let pieces = vec![
        "openai",
        "com",
        "api",
        "azure",
        "contoso-prod",
        "bedrock",
        "-runtime",
        "us-east-1",
        "ai",
        "amazonaws",
        "hf",
        "space",
        "aiplatform",
        "googleapis",
        "copilot-proxy",
        "ghe",
        "q",
        "x",
    ];
    let joints = vec![".", "", "-", ".."];
    prop::collection::vec(
        (prop::sample::select(pieces), prop::sample::select(joints)),
        0..8,
    )
    .prop_map(|parts| {
        parts
            .into_iter()
            .map(|(piece, joint)| format!("{piece}{joint}"))
            .collect()
    })
}

proptest! {
    #[test]
    fn any_bytes_give_an_answer(name in prop::collection::vec(any::<u8>(), 0..300)) {
        let found = look_up(&name);
        prop_assert!(found.is_none() || name.len() <= 254);
        let request = LocalRequest {
            host: Some(&name), method: b"POST", path: &name, port: 8080, user_agent: Some(&name), mcp: true,
        };
        let found = Catalogue::builtin().matcher().match_local(&request);
        prop_assert!(found.is_none_or(|found| found.indicator.kind() == IndicatorKind::Local));
    }

    #[test]
    fn case_and_a_trailing_dot_change_nothing(name in near_names()) {
        prop_assume!(!name.ends_with('.'));
        let plain = look_up(name.as_bytes());
        prop_assert_eq!(&plain, &look_up(name.to_ascii_uppercase().as_bytes()));
        prop_assert_eq!(&plain, &look_up(format!("{name}.").as_bytes()));
        let doubled = look_up(format!("{name}..").as_bytes());
        prop_assert!(doubled.is_none());
    }

    #[test]
    fn an_empty_label_or_a_long_name_is_a_stranger(name in near_names(), length in 254_usize..400) {
        for bad in [format!("a..{name}"), format!(".{name}")] {
            prop_assert!(look_up(bad.as_bytes()).is_none());
        }
        let long = format!("{}.api.openai.com", "x".repeat(length));
        prop_assert!(look_up(long.as_bytes()).is_none());
    }

    #[test]
    fn the_fuzz_bodies_take_any_bytes(data in prop::collection::vec(any::<u8>(), 0..300)) {
        signatures::fuzzing::match_name(&data);
        signatures::fuzzing::signature_toml(&data);
    }

    /// Gluing letters to a registered name gives a stranger, unless the longer name is listed itself.
    #[test]
    fn a_glued_prefix_is_another_name(prefix in "[a-z0-9]{1,12}") {
        for name in ["openai.com", "anthropic.com", "huggingface.co", "deepseek.com"] {
            prop_assert_eq!(look_up(format!("{prefix}{name}").as_bytes()), None);
            prop_assert_eq!(look_up(format!("{name}.{prefix}.example").as_bytes()), None);
        }
    }
}
