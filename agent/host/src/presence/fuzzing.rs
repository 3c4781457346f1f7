//! The body of the fuzz target, which takes any bytes and panics only when a promise is broken. The
//! target itself is one line and lives in `tests/fuzz`.

use flow::Attribute;

use super::homes::accounts;
use super::look::{accounts as signed_in, browsers, editors, gecko, listeners, models, programs};
use super::mcp::servers_of;
use super::read::{Format, tree};
use super::text::{MAX_NAME, Private, domain_of};

/// Every reader of other programs' files; the first byte says which.
///
/// # Panics
/// When a text that would leave is longer than it may be, holds other characters than it may, or holds what was marked
/// as private.
pub fn presence(data: &[u8]) {
    let Some((which, bytes)) = data.split_first() else {
        return;
    };
    match which % 10 {
        0 => check_servers(bytes, Format::Json),
        1 => check_servers(bytes, Format::Toml),
        2 => check_servers(bytes, Format::Yaml),
        3 => {
            if let Some(list) = gecko::extensions_of(bytes) {
                list.known().for_each(|(_, attributes)| check(&attributes));
            }
        }
        4 => {
            if let Some(manifest) = tree(bytes, Format::Json) {
                check(&browsers::rights_of(&manifest));
                assert!(
                    models::bytes_of(&manifest) < u64::MAX || bytes.len() > 20,
                    "a sum out of nothing"
                );
            }
        }
        5 => drop(editors::listed(bytes)),
        6 => {
            let sockets = listeners::listening(bytes);
            assert!(sockets.len() <= bytes.len(), "more sockets than bytes");
        }
        7 => {
            let people = accounts(bytes);
            assert!(
                people
                    .iter()
                    .all(|one| !one.is_person || one.home.is_absolute()),
                "a home nowhere"
            );
        }
        8 => drop(programs::program_of(bytes)),
        _ => check_texts(&String::from_utf8_lossy(bytes)),
    }
}

fn check_servers(bytes: &[u8], format: Format) {
    for (name, attributes) in servers_of(bytes, format) {
        check_text(&name, MAX_NAME);
        check(&attributes);
    }
}

fn check(attributes: &[Attribute]) {
    for attribute in attributes {
        check_text(&attribute.value, flow::MAX_TRACE_TEXT);
    }
}

fn check_text(text: &str, cap: usize) {
    assert!(text.len() <= cap, "a text of {} bytes", text.len());
    let plain = |c: char| c.is_ascii_alphanumeric() || " @/._+:-".contains(c);
    assert!(
        text.chars().all(plain),
        "a text of other characters: {text:?}"
    );
}

fn check_texts(text: &str) {
    let private = Private::new(["canary-person"]);
    let cleaned = private.clean(text, MAX_NAME);
    check_text(&cleaned, MAX_NAME);
    assert!(
        !cleaned.to_lowercase().contains("canary-person"),
        "a name of a person: {cleaned}"
    );
    if let Some(domain) = domain_of(text) {
        assert!(
            !domain.contains('@') && domain.len() <= flow::MAX_TRACE_TEXT,
            "no domain: {domain}"
        );
    }
    drop(signed_in::address_in(text));
}
