//! The body of a fuzz target: any frames to lines.

use std::time::Duration;

use flow::{MessageContext, Observer, Tracker, TrackerConfig};
use serde_json::Value;
use wire::reader::Reader;
use wire::{Frame, LinkType, Message, Timestamp};

use super::line::Lines;
use super::message;

/// `dissect_lines`: frames, each behind its link type (2 bytes), its VLAN tag (2), what the snap length cut
/// (1), the seconds since the one before (1) and its length (2), to the lines of `dissect`.
///
/// # Panics
/// When a message is not one line of JSON, or its name is not as the format promises.
pub fn dissect_lines(data: &[u8]) {
    let mut reader = Reader::new(data);
    let mut tracker = Tracker::new(TrackerConfig {
        max_flows: 64,
        ..TrackerConfig::default()
    });
    let mut printer = Printer {
        lines: Lines::with_capacity(4096),
        messages: 0,
    };
    let mut ts = Timestamp::default();
    let mut number = 0_u64;
    while let Some(header) = reader.take_array::<8>() {
        let [t0, t1, v0, v1, missing, seconds, l0, l1] = header;
        let length = usize::from(u16::from_be_bytes([l0, l1])).min(reader.left());
        let Some(data) = reader.take(length) else {
            break;
        };
        ts = ts.saturating_add(Duration::from_secs(seconds.into()));
        number += 1;
        let tag = u16::from_be_bytes([v0, v1]);
        let captured = u32::try_from(data.len()).unwrap_or(u32::MAX);
        let frame = Frame {
            ts,
            number,
            link_type: LinkType(u16::from_be_bytes([t0, t1])),
            orig_len: captured.saturating_add(missing.into()),
            vlan: (tag != 0).then_some(tag),
            data,
        };
        tracker.handle_frame(&frame, &mut printer);
    }
    tracker.finish(&mut printer);
    let lines = printer.lines.as_bytes();
    assert!(
        lines.is_empty() || lines.ends_with(b"\n"),
        "every line is ended"
    );
    let lines: Vec<&[u8]> = lines
        .split(|byte| *byte == b'\n')
        .filter(|line| !line.is_empty())
        .collect();
    assert_eq!(lines.len(), printer.messages, "a message is one line");
    lines.into_iter().for_each(check);
}

fn check(line: &[u8]) {
    let value: Value = serde_json::from_slice(line).unwrap_or_default();
    assert!(value.is_object(), "not JSON: {}", line.escape_ascii());
    for field in ["kind", "ts", "src", "dst"] {
        assert!(
            value.get(field).is_some_and(Value::is_string),
            "{field} is missing"
        );
    }
    match value.get("name") {
        Some(Value::Null) => {}
        Some(Value::String(name)) => assert!(
            name.bytes()
                .all(|byte| byte.is_ascii_graphic() && !byte.is_ascii_uppercase()),
            "no such name: {name:?}"
        ),
        other => assert!(other.is_none(), "a name is text"),
    }
}

struct Printer {
    lines: Lines,
    messages: usize,
}

impl Observer for Printer {
    fn message(&mut self, context: &MessageContext, message: Message<'_>) {
        self.messages += usize::from(message::kind(&message).is_some());
        message::write(&mut self.lines, context, &message);
    }
}
