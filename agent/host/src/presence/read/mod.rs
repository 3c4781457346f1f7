//! From bytes of a settings file to a tree of values, whatever its format; hostile bytes give
//! nothing but bounded work.

mod jsonc;
mod yaml;

use serde_json::Value;

/// Format of a settings file.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(in crate::presence) enum Format {
    /// JSON, with the comments and commas that editors allow in it.
    Json,
    /// TOML.
    Toml,
    /// YAML, the plain part of it.
    Yaml,
}

/// Reads a settings file; `None` when it cannot be understood. An empty one has nothing in it.
pub(in crate::presence) fn tree(bytes: &[u8], format: Format) -> Option<Value> {
    let text = std::str::from_utf8(bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes)).ok()?;
    if text.trim().is_empty() {
        return Some(Value::Null);
    }
    match format {
        Format::Json => jsonc::tree(text),
        Format::Toml => toml::from_str(text).ok(),
        Format::Yaml => Some(yaml::tree(text)),
    }
}

/// The value at the end of a path of keys.
pub(in crate::presence) fn at<'v>(value: &'v Value, path: &[&str]) -> Option<&'v Value> {
    path.iter().try_fold(value, |value, key| value.get(key))
}

/// The text at the end of a path of keys.
pub(in crate::presence) fn text_at<'v>(value: &'v Value, path: &[&str]) -> Option<&'v str> {
    at(value, path).and_then(Value::as_str)
}

#[cfg(test)]
mod tests;
