//! The API's JSON, laid out in lines, otherwise as it came.

use super::text::steers;

/// Lays out JSON that was read as JSON before; nothing in it changes its value. What could steer
/// a terminal is written as an escape, which means the same.
pub(in crate::ctl) fn pretty(json: &str) -> String {
    let mut out = String::with_capacity(json.len().saturating_mul(2));
    let mut depth = 0usize;
    let mut rest = json.chars().peekable();
    while let Some(c) = rest.next() {
        match c {
            '"' => text(&mut out, &mut rest),
            '{' | '[' => {
                out.push(c);
                let close = if c == '{' { '}' } else { ']' };
                while rest.next_if(|c| c.is_ascii_whitespace()).is_some() {}
                if rest.next_if_eq(&close).is_some() {
                    out.push(close);
                } else {
                    depth = depth.saturating_add(1);
                    line(&mut out, depth);
                }
            }
            '}' | ']' => {
                depth = depth.saturating_sub(1);
                line(&mut out, depth);
                out.push(c);
            }
            ',' => {
                out.push(c);
                line(&mut out, depth);
            }
            ':' => out.push_str(": "),
            c if c.is_ascii_whitespace() => {}
            c => out.push(c),
        }
    }
    out
}

fn line(out: &mut String, depth: usize) {
    out.push('\n');
    for _ in 0..depth {
        out.push_str("  ");
    }
}

/// The rest of a string, its end included.
fn text(out: &mut String, rest: &mut impl Iterator<Item = char>) {
    out.push('"');
    while let Some(c) = rest.next() {
        match c {
            '\\' => {
                out.push(c);
                out.extend(rest.next());
            }
            '"' => {
                out.push(c);
                return;
            }
            c if steers(c) => {
                let mut units = [0; 2];
                for unit in c.encode_utf16(&mut units) {
                    out.push_str(&format!("\\u{unit:04x}"));
                }
            }
            c => out.push(c),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::Value;

    use super::*;

    #[test]
    fn lays_out_in_lines_and_keeps_the_order() {
        let json = r#"{"z":[1,{"b":"x, y: {}"}],"a":{},"l":[ ],"t":"\"\\"}"#;
        let laid_out = "{\n  \"z\": [\n    1,\n    {\n      \"b\": \"x, y: {}\"\n    }\n  ],\n  \"a\": {},\n  \"l\": [],\n  \"t\": \"\\\"\\\\\"\n}";
        assert_eq!(pretty(json), laid_out);
    }

    #[test]
    fn escapes_what_steers_a_terminal() {
        assert_eq!(
            pretty("\"\u{9b}31m\u{202e}\u{e0041}é\""),
            "\"\\u009b31m\\u202e\\udb40\\udc41é\""
        );
    }

    fn value() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<i64>().prop_map(Value::from),
            any::<String>().prop_map(Value::from),
        ];
        leaf.prop_recursive(4, 32, 4, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
                prop::collection::btree_map(any::<String>(), inner, 0..4)
                    .prop_map(|map| Value::Object(map.into_iter().collect())),
            ]
        })
    }

    proptest! {
        #[test]
        fn the_value_stays_the_same(value in value()) {
            let laid_out = pretty(&value.to_string());
            prop_assert_eq!(serde_json::from_str::<Value>(&laid_out).unwrap(), value);
            prop_assert!(!laid_out.chars().any(|c| steers(c) && c != '\n'));
        }
    }
}
