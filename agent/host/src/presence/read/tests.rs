//! Settings in the formats that tools write them in, and in others.

use proptest::prelude::*;
use serde_json::{Value, json};

use super::{Format, tree};

fn yaml(text: &str) -> Value {
    tree(text.as_bytes(), Format::Yaml).unwrap()
}

fn jsonc(text: &str) -> Option<Value> {
    tree(text.as_bytes(), Format::Json)
}

#[test]
fn comments_and_last_commas_are_passed_over() {
    let text = r#"{ // one
        "url": "http://a//b", /* two
        lines */ "list": [1, 2, /* , */ ], "text": "\\\" // no comment ,}", }
        // end"#;
    let expected = json!({"url": "http://a//b", "list": [1, 2], "text": "\\\" // no comment ,}"});
    assert_eq!(jsonc(text), Some(expected));
    for wrong in [
        "[1,,2]",
        "{\"a\": }",
        "/* never ends",
        "\"never ends",
        "/",
        "{\"a\": 1 /",
    ] {
        assert_eq!(jsonc(wrong), None, "{wrong}");
    }
}

#[test]
fn a_mark_of_byte_order_and_an_empty_file_are_no_harm() {
    assert_eq!(
        tree(b"\xef\xbb\xbf{\"a\": 1}", Format::Json),
        Some(json!({"a": 1}))
    );
    assert_eq!(jsonc("  \n"), Some(Value::Null));
    assert_eq!(tree(b"\xff", Format::Yaml), None);
}

#[test]
fn yaml_as_tools_write_it() {
    let text = "---\n# comment\nmode: auto  # why\nyes-always: true\n\"quoted key\": 'x # y'\nextensions:\n  a:\n    cmd: npx\n    args:\n    - -y\n    - \"b c\"\n  d: {type: sse, uri: \"https://e/f\"}\nlist:\n  - name: one\n    args: [x, \"y, z\"]\n  - two\n  -\n    name: three\nempty:\ntext: |\n  mode: none\n  more\nlast: 7\n";
    let expected = json!({
        "mode": "auto", "yes-always": true, "quoted key": "x # y",
        "extensions": {"a": {"cmd": "npx", "args": ["-y", "b c"]}, "d": {"type": "sse", "uri": "https://e/f"}},
        "list": [{"name": "one", "args": ["x", "y, z"]}, "two", {"name": "three"}],
        "empty": null, "text": null, "last": "7",
    });
    assert_eq!(yaml(text), expected);
}

#[test]
fn yaml_that_would_expand_or_go_deep_does_not() {
    let bomb = "a: &a [x, x]\nb: &b [*a, *a]\nc: [*b, *b]\n";
    assert!(yaml(bomb).to_string().len() < 200);
    let deep: String = (0..5_000)
        .map(|depth| format!("{}a:\n", " ".repeat(depth)))
        .collect();
    assert!(yaml(&deep).to_string().len() < 1_000);
    let dashes = format!("{}x", "- ".repeat(5_000));
    assert!(yaml(&dashes).to_string().len() < 20_000);
}

fn values() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i32>().prop_map(Value::from),
        "[ -~\\n]{0,12}".prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 32, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::btree_map("[a-z/*\", ]{0,6}", inner, 0..4)
                .prop_map(|map| Value::Object(map.into_iter().collect())),
        ]
    })
}

proptest! {
    #[test]
    fn comments_never_change_what_is_said(value in values()) {
        let text = serde_json::to_string_pretty(&value).unwrap();
        let commented = text.replace('\n', " // , ] }\n/* { \" */");
        prop_assert_eq!(jsonc(&commented), Some(value));
    }

    #[test]
    fn any_text_gives_something_or_nothing(text in "\\PC{0,64}", lines in prop::collection::vec("[ ]{0,4}[-a:#'\"\\[\\]{}|&*]{0,6}", 0..12)) {
        for format in [Format::Json, Format::Toml, Format::Yaml] {
            let _any = tree(text.as_bytes(), format);
            let _any = tree(lines.join("\n").as_bytes(), format);
        }
    }

    #[test]
    fn block_mappings_read_back(map in prop::collection::btree_map("[a-z]{1,6}", "[a-zA-Z0-9_./-]{1,8}x", 0..6)) {
        let text: String = map.iter().map(|(key, value)| format!("outer_{key}:\n  {key}: {value}\n")).collect();
        let read = yaml(&text);
        for (key, value) in &map {
            prop_assert_eq!(read.get(format!("outer_{key}")).and_then(|inner| inner.get(key)), Some(&json!(value)));
        }
    }
}
