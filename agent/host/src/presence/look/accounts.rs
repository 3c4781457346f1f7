//! With what sort of account a tool is signed in: the domain alone, where it stands in the clear.

use data_encoding::BASE64URL_NOPAD;
use flow::{Attribute, TraceKind};
use serde_json::Value;

use super::{Look, Place, tool};
use crate::presence::disk::MAX_SETTINGS;
use crate::presence::read::{Format, text_at};
use crate::presence::text::{MAX_PACKAGE, REDACTED, domain_of, is_free_mail};

/// Longest token whose content is looked at.
const MAX_TOKEN: usize = 64 << 10;

/// Where a tool keeps the address that it is signed in with.
#[derive(Clone, Copy, Debug)]
struct Known {
    service: &'static str,
    file: &'static str,
    /// Keys that lead to the address, or to a signed token that holds it; none where the file only
    /// shows that the tool is signed in.
    keys: Option<&'static [&'static str]>,
    is_token: bool,
}

const fn known(service: &'static str, file: &'static str, keys: &'static [&'static str]) -> Known {
    Known {
        service,
        file,
        keys: Some(keys),
        is_token: false,
    }
}

const fn hidden(service: &'static str, file: &'static str) -> Known {
    Known {
        service,
        file,
        keys: None,
        is_token: false,
    }
}

/// Tools and their files. Copilot keeps a user name only, Cursor's editor a database.
const KNOWN: &[Known] = &[
    Known {
        service: "codex",
        file: ".codex/auth.json",
        keys: Some(&["tokens", "id_token"]),
        is_token: true,
    },
    known("gemini-cli", ".gemini/google_accounts.json", &["active"]),
    known("cursor", ".cursor/cli-config.json", &["authInfo", "email"]),
    hidden("cursor", ".config/Cursor/User/globalStorage/state.vscdb"),
    hidden(
        "windsurf",
        ".config/Windsurf/User/globalStorage/state.vscdb",
    ),
    hidden("github-copilot", ".config/github-copilot/apps.json"),
    hidden("github-copilot", ".config/github-copilot/hosts.json"),
    hidden("claude", ".config/Claude/config.json"),
    hidden("huggingface", ".cache/huggingface/token"),
    hidden("qwen-code", ".qwen/oauth_creds.json"),
    hidden("opencode", ".local/share/opencode/auth.json"),
];

/// Looks for accounts in the settings of the tools that keep them in the clear. A tool whose account was found in one
/// file is not called hidden because of another.
pub(in crate::presence) fn look_in_home(look: &mut Look<'_>, place: &Place) {
    let mut seen: Vec<&'static str> = Vec::new();
    for one in KNOWN {
        if seen.contains(&one.service) {
            continue;
        }
        let path = place.path.join(one.file);
        let Some(keys) = one.keys else {
            if look.disk.exists(&path) {
                seen.push(one.service);
                add(look, place, one.service, None);
            }
            continue;
        };
        let Some(root) = look.settings(&path, Format::Json, MAX_SETTINGS) else {
            continue;
        };
        let text = text_at(&root, keys).map(str::to_owned);
        let address = if one.is_token {
            text.and_then(|token| address_in(&token))
        } else {
            text
        };
        if address.is_some() || one.is_token {
            seen.push(one.service);
            add(look, place, one.service, address.as_deref());
        }
    }
}

/// Adds the account of a tool, by the address that it is signed in with; the user part goes no further than this.
pub(in crate::presence) fn add(
    look: &mut Look<'_>,
    place: &Place,
    service: &'static str,
    address: Option<&str>,
) {
    let domain = address.and_then(domain_of);
    let value = match &domain {
        None => "account not observable",
        Some(domain) if is_free_mail(domain) => "personal account",
        Some(_) => "corporate account",
    };
    let domain = domain.map(|domain| place.private.clean(&domain, MAX_PACKAGE));
    let domain = domain.filter(|domain| domain != REDACTED);
    let attributes = domain.map(|domain| Attribute::new("domain", &domain));
    let listed = tool(service);
    look.add(
        place,
        TraceKind::Account,
        listed,
        value,
        attributes.into_iter().collect(),
    );
}

/// The address in the content of a signed token; the signature is not looked at.
pub(in crate::presence) fn address_in(token: &str) -> Option<String> {
    let content = token
        .split('.')
        .nth(1)
        .filter(|_| token.len() <= MAX_TOKEN)?;
    let content = BASE64URL_NOPAD
        .decode(content.trim_end_matches('=').as_bytes())
        .ok()?;
    let content: Value = serde_json::from_slice(&content).ok()?;
    text_at(&content, &["email"]).map(str::to_owned)
}

/// Services of the tools whose accounts are looked at.
pub(in crate::presence) fn tools() -> impl Iterator<Item = &'static str> {
    KNOWN.iter().map(|known| known.service)
}
