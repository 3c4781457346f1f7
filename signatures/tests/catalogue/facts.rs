//! The lists of names that must and must not match, and the names of the recorded captures.
//!
//! Both lie beside the repository on some machines only; where they do not, these tests print that they were left out.

use signatures::{Catalogue, Specificity};

use crate::support::{service_of, shared_file};

/// Splits one CSV line; fields may be quoted, quotes inside them are doubled.
fn fields(line: &str) -> Vec<String> {
    let mut fields = vec![String::new()];
    let mut quoted = false;
    for character in line.chars() {
        match character {
            '"' => quoted = !quoted,
            ',' if !quoted => fields.push(String::new()),
            other => fields
                .last_mut()
                .into_iter()
                .for_each(|field| field.push(other)),
        }
    }
    fields
}

#[test]
fn every_row_of_the_negatives_holds() {
    let Some(text) = shared_file("facts/negatives.csv") else {
        return;
    };
    let catalogue = Catalogue::builtin();
    let (mut rows, mut must_match, mut wrong) = (0, 0, Vec::new());
    for line in text.lines().skip(1) {
        let row = fields(line);
        let [name, label, expected, kind, reason, _] = row.as_slice() else {
            panic!("unexpected row {line}");
        };
        rows += 1;
        let found = catalogue.matcher().match_name(name.as_bytes());
        let specificity = found.as_ref().map(|found| found.specificity);
        let holds = match label.as_str() {
            "must-match" => {
                must_match += 1;
                found
                    .as_ref()
                    .is_some_and(|found| found.service.id.as_str() == expected)
                    && specificity == Some(Specificity::Exclusive)
            }
            "must-not-match" => {
                matches!(specificity, None | Some(Specificity::ThirdPartyDependency))
            }
            "must-not-match-exclusive" => specificity != Some(Specificity::Exclusive),
            other => panic!("unknown label {other}"),
        };
        if !holds {
            let found = found.map(|found| format!("{} {}", found.service.id, found.indicator));
            wrong.push(format!(
                "{name} ({label} {expected}; {kind}, {reason}): {found:?}"
            ));
        }
    }
    assert!(
        wrong.is_empty(),
        "{} of {rows}:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
    assert!(
        rows > 6_800 && must_match > 100,
        "{rows} rows, {must_match} must match"
    );
}

/// Takes the text of a string key out of a JSON line; enough for the truth files, whose names need no escapes.
fn json_text<'l>(line: &'l str, key: &str) -> Option<&'l str> {
    let (_, after) = line.split_once(&format!("\"{key}\": \""))?;
    after.split_once('"').map(|(text, _)| text)
}

fn json_number<'l>(line: &'l str, key: &str) -> Option<&'l str> {
    let (_, after) = line.split_once(&format!("\"{key}\": "))?;
    after
        .split(|character: char| !character.is_ascii_digit())
        .next()
}

#[test]
fn the_names_of_the_recorded_captures_lead_to_their_services() {
    let expected = [
        ("api.anthropic.com", "anthropic-api"),
        ("api.cohere.com", "cohere"),
        ("api.deepseek.com", "deepseek"),
        ("api.mistral.ai", "mistral"),
        ("api.openai.com", "openai-api"),
        ("api.perplexity.ai", "perplexity"),
        ("api.together.xyz", "together"),
        ("claude.ai", "claude"),
        ("huggingface.co", "huggingface"),
        ("openrouter.ai", "openrouter"),
        ("www.perplexity.ai", "perplexity"),
    ];
    for (name, service) in expected {
        assert_eq!(service_of(name), Some(service), "{name}");
    }
    for capture in [
        "anthropic_python_sdk",
        "any_sll2",
        "browsers_split_mtu1280",
        "curl_tls13_openai_anthropic",
        "ipv6",
        "ollama_http_loopback",
        "openssl_nosni_tls12",
        "proxy_connect",
        "quic_v2",
        "snaplen128",
    ] {
        let path = format!("corpus/truth/local__ai_{capture}.pcap.jsonl");
        let Some(text) = shared_file(&path) else {
            continue;
        };
        for line in text.lines() {
            check_truth(line, &expected);
        }
    }
}

fn check_truth(line: &str, expected: &[(&str, &str)]) {
    let name = json_text(line, "name")
        .unwrap_or_default()
        .to_ascii_lowercase();
    let (host, _) = name.split_once(':').unwrap_or((&name, ""));
    if json_text(line, "kind") == Some("http") && json_text(line, "method") != Some("CONNECT") {
        let method = json_text(line, "method").unwrap_or_default();
        let path = json_text(line, "uri").unwrap_or_default();
        let port = json_number(line, "dport").unwrap_or_default();
        assert_eq!(
            service_of(&format!("{method} {host}:{port}{path}")),
            Some("ollama"),
            "{line}"
        );
    } else if !host.is_empty() && host != "ollama.internal.example" {
        let service = expected
            .iter()
            .find(|(known, _)| *known == host)
            .map(|(_, id)| *id);
        assert!(
            service.is_some(),
            "a name that this test does not know: {host}"
        );
        assert_eq!(service_of(host), service, "{line}");
    } else {
        assert_eq!(service_of(host), None, "{line}");
    }
}
