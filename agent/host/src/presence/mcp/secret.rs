//! Whether a secret stands in the settings of a server: that one is there, never which.

use serde_json::Value;

use crate::presence::text::is_secret;

/// Words in names of variables, headers and options that hold secrets.
const SECRET_WORDS: &[&str] = &[
    "apikey",
    "api_key",
    "api-key",
    "auth",
    "bearer",
    "cookie",
    "credential",
    "key",
    "pass",
    "password",
    "pat",
    "private",
    "pwd",
    "secret",
    "token",
];
/// Whether a secret stands in the settings.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Default)]
pub(super) enum Secret {
    /// None was found.
    #[default]
    None,
    /// A setting names one that is kept elsewhere.
    Referenced,
    /// One is there in the clear.
    Present,
}

/// Whether variables, headers, the address or the arguments hold a secret.
pub(super) fn secret_of(value: &Value, url: Option<&str>, args: &[&str]) -> Secret {
    let mut found = Secret::None;
    let groups = [
        "env",
        "envs",
        "environment",
        "headers",
        "http_headers",
        "requestOptions",
    ];
    for group in groups
        .into_iter()
        .filter_map(|key| value.get(key))
        .chain(value.get("command"))
    {
        let headers = group.get("headers").or(group.get("env")).unwrap_or(group);
        for (key, held) in headers.as_object().into_iter().flatten() {
            if let Some(held) = held.as_str()
                && !held.is_empty()
                && (names_secret(key) || is_secret(held))
            {
                found = found.max(kind_of(held));
            }
        }
    }
    let named = ["env_keys", "bearer_token_env_var", "env_http_headers"];
    let is_named = |key: &str| {
        let named = value.get(key);
        let text = named.and_then(Value::as_str).map(str::len);
        let list = named.and_then(Value::as_array).map(Vec::len);
        let map = named.and_then(Value::as_object).map(serde_json::Map::len);
        text.or(list).or(map).is_some_and(|length| length > 0)
    };
    if named.into_iter().any(is_named) {
        found = found.max(Secret::Referenced);
    }
    if let Some(url) = url {
        let authority = url.split_once("://").map_or(url, |(_, rest)| rest);
        let authority = authority.split(['/', '?', '#']).next().unwrap_or_default();
        let query = url.split_once('?').map_or("", |(_, query)| query);
        let in_query = |pair: &str| {
            pair.split_once('=')
                .is_some_and(|(key, held)| names_secret(key) && !held.is_empty())
        };
        if authority.contains('@') || query.split('&').any(in_query) {
            found = found.max(Secret::Present);
        }
    }
    found.max(in_args(args))
}

fn in_args(args: &[&str]) -> Secret {
    let mut found = Secret::None;
    let mut before = "";
    for arg in args {
        let held = match arg.split_once('=') {
            Some((option, held)) if names_secret(option) => Some(held),
            _ if before.starts_with('-') && names_secret(before) && !arg.starts_with('-') => {
                Some(*arg)
            }
            _ if before == "--header" || before == "-H" => arg
                .split_once(':')
                .filter(|(name, _)| names_secret(name))
                .map(|(_, held)| held),
            _ if is_secret(arg) => Some(*arg),
            _ => None,
        };
        if let Some(held) = held.filter(|held| !held.trim().is_empty()) {
            found = found.max(kind_of(held));
        }
        before = arg;
    }
    found
}

fn kind_of(held: &str) -> Secret {
    let held = held.trim().trim_start_matches("Bearer ").trim();
    if held.starts_with("${")
        || held.starts_with('$')
        || held.starts_with("{env:")
        || held.starts_with("{{")
    {
        Secret::Referenced
    } else {
        Secret::Present
    }
}

/// Whether the name of a variable, a header or an option says that it holds a secret.
fn names_secret(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    let mut tokens = name.split(|c: char| !c.is_ascii_alphanumeric());
    let whole = |token: &str| SECRET_WORDS.contains(&token);
    let ends = |word: &str| word.len() > 4 && name.ends_with(word);
    tokens.any(whole)
        || SECRET_WORDS.iter().any(|word| ends(word))
        || name.ends_with("apikey")
        || name.contains("authorization")
}
