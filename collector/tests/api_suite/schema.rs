//! A small checker for the part of JSON Schema that the description uses.

use serde_json::Value;

/// Says where a value is not what a schema says.
pub(super) fn check(document: &Value, schema: &Value, value: &Value, at: &str) -> Vec<String> {
    let schema = resolve(document, schema);
    let mut problems = Vec::new();
    if let Some(parts) = schema["allOf"].as_array() {
        for part in parts {
            problems.extend(check(document, part, value, at));
        }
    }
    if let Some(parts) = schema["anyOf"].as_array()
        && parts
            .iter()
            .all(|part| !check(document, part, value, at).is_empty())
    {
        problems.push(format!("{at}: {value} is none of its alternatives"));
    }
    problems.extend(check_type(schema, value, at));
    if let Some(words) = schema["enum"].as_array()
        && !words.contains(value)
    {
        problems.push(format!("{at}: {value} is no word of the list"));
    }
    if let (Some(minimum), Some(number)) = (schema["minimum"].as_f64(), value.as_f64())
        && number < minimum
    {
        problems.push(format!("{at}: {number} is below {minimum}"));
    }
    if schema["format"] == "date-time"
        && let Some(text) = value.as_str()
        && (text.parse::<jiff::Timestamp>().is_err() || !text.ends_with('Z'))
    {
        problems.push(format!("{at}: {text} is no time in UTC"));
    }
    if let Some(items) = value.as_array() {
        for (index, item) in items.iter().enumerate() {
            let at = format!("{at}[{index}]");
            problems.extend(check(document, &schema["items"], item, &at));
        }
    }
    problems.extend(check_object(document, schema, value, at));
    problems
}

fn resolve<'a>(document: &'a Value, schema: &'a Value) -> &'a Value {
    match schema["$ref"].as_str() {
        Some(reference) => {
            let pointer = reference.strip_prefix('#').unwrap();
            document
                .pointer(pointer)
                .unwrap_or_else(|| panic!("no {reference}"))
        }
        None => schema,
    }
}

fn check_type(schema: &Value, value: &Value, at: &str) -> Option<String> {
    let types: Vec<&str> = match &schema["type"] {
        Value::String(one) => vec![one],
        Value::Array(several) => several.iter().filter_map(Value::as_str).collect(),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::Object(_) => return None,
    };
    let is = |name: &&str| match *name {
        "null" => value.is_null(),
        "boolean" => value.is_boolean(),
        "string" => value.is_string(),
        "integer" => value.is_u64() || value.is_i64(),
        "number" => value.is_number(),
        "array" => value.is_array(),
        "object" => value.is_object(),
        _ => false,
    };
    (!types.iter().any(is)).then(|| format!("{at}: {value} is not {types:?}"))
}

fn check_object(document: &Value, schema: &Value, value: &Value, at: &str) -> Vec<String> {
    let (Some(object), Some(properties)) = (value.as_object(), schema["properties"].as_object())
    else {
        return Vec::new();
    };
    let mut problems = Vec::new();
    for name in schema["required"].as_array().into_iter().flatten() {
        if !object.contains_key(name.as_str().unwrap()) {
            problems.push(format!("{at}: {name} is missing"));
        }
    }
    for (name, member) in object {
        match properties.get(name) {
            Some(schema) => {
                problems.extend(check(document, schema, member, &format!("{at}.{name}")));
            }
            None => problems.push(format!("{at}: {name} is not described")),
        }
    }
    problems
}
