//! Names that must match, must stay silent, or must be strangers.

use signatures::{Catalogue, Specificity};

use crate::support::service_of;

#[test]
fn look_alikes_are_strangers() {
    for name in [
        "max.ai",
        "ngrok.com",
        "gemini.com",
        "comet.com",
        "notopenai.com",
        "openai.com.evil.example",
        "openai-com.example",
        "api-openai.com",
        "openai.co",
        "chatgpt",
        "ai",
        "xn--penai-jua.com",
        "openai.com%2eevil.example",
        "openai\u{3002}com",
        "openai.com:443",
        "https://openai.com",
        "10.0.0.1",
        "::1",
    ] {
        assert_eq!(service_of(name), None, "{name}");
    }
}

#[test]
fn case_trailing_dot_and_depth_do_not_matter() {
    for name in [
        "api.openai.com",
        "API.OPENAI.COM",
        "Api.OpenAI.Com.",
        "a.b.c.d.e.f.g.h.i.j.k.api.openai.com",
        "westus.privatelink.api.openai.com",
    ] {
        assert_eq!(service_of(name), Some("openai-api"), "{name}");
    }
    let deep = format!("{}api.openai.com", "x.".repeat(119));
    assert_eq!(deep.len(), 252);
    assert_eq!(service_of(&deep), Some("openai-api"));
    assert_eq!(service_of(&format!("xx{deep}")), None);
}

#[test]
fn punycode_below_a_listed_name_matches_and_beside_it_does_not() {
    assert_eq!(service_of("xn--bcher-kva.claude.ai"), Some("claude"));
    assert_eq!(service_of("XN--BCHER-KVA.claude.ai."), Some("claude"));
    assert_eq!(service_of("xn--claude-xya.ai"), None);
}

#[test]
fn shared_names_are_silent_and_exclusive_ones_report() {
    let matcher = Catalogue::builtin().matcher();
    for (name, service, specificity) in [
        ("www.bing.com", "microsoft-copilot", Specificity::Shared),
        (
            "contoso.cognitiveservices.azure.com",
            "azure-openai",
            Specificity::Shared,
        ),
        ("my-app.lovable.app", "lovable", Specificity::Shared),
        (
            "login.microsoftonline.com",
            "third-party-dependency",
            Specificity::ThirdPartyDependency,
        ),
        (
            "storage.googleapis.com",
            "third-party-dependency",
            Specificity::ThirdPartyDependency,
        ),
        ("capi.grammarly.com", "grammarly", Specificity::Exclusive),
        (
            "sydney.bing.com",
            "microsoft-copilot",
            Specificity::Exclusive,
        ),
        ("foo-bar.hf.space", "huggingface", Specificity::Exclusive),
    ] {
        let found = matcher.match_name(name.as_bytes()).expect(name);
        assert_eq!(
            (found.service.id.as_str(), found.specificity),
            (service, specificity),
            "{name}"
        );
    }
}

#[test]
fn tenants_and_regions_are_captured() {
    let matcher = Catalogue::builtin().matcher();
    for (name, service, tenant, region) in [
        (
            "Contoso-Prod.openai.azure.com",
            "azure-openai",
            Some("contoso-prod"),
            None,
        ),
        (
            "contoso.services.ai.azure.com",
            "azure-openai",
            Some("contoso"),
            None,
        ),
        (
            "copilot-proxy.acme.ghe.com",
            "github-copilot",
            Some("acme"),
            None,
        ),
        (
            "bedrock-runtime-fips.us-gov-west-1.amazonaws.com",
            "amazon-bedrock",
            None,
            Some("us-gov-west-1"),
        ),
        (
            "bedrock.eusc-de-east-1.amazonaws.eu",
            "amazon-bedrock",
            None,
            Some("eusc-de-east-1"),
        ),
        (
            "europe-west12-aiplatform.googleapis.com",
            "vertex-ai",
            None,
            Some("europe-west12"),
        ),
        ("api.openai.com", "openai-api", None, None),
    ] {
        let found = matcher.match_name(name.as_bytes()).expect(name);
        assert_eq!(found.service.id.as_str(), service, "{name}");
        assert_eq!(
            (found.tenant.as_deref(), found.region.as_deref()),
            (tenant, region),
            "{name}"
        );
    }
}
