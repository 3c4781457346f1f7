//! Decisions written as a policy file.

use crate::device::DeviceId;
use crate::policy::Decision;
use crate::policy::file::{FORMAT, PolicyFile};

impl PolicyFile {
    /// Writes decisions in force as a file that [`parse`](Self::parse) reads. Who decided and when
    /// stands in comments.
    #[must_use]
    pub fn render<'a>(decisions: impl IntoIterator<Item = &'a Decision>) -> String {
        let mut text = format!("format = {FORMAT}\n");
        for decision in decisions {
            let by = one_line(&decision.decided_by);
            let at = decision.decided_at;
            let scope = &decision.scope;
            let expires = decision.expires.map(|expires| expires.to_string());
            let device = scope.device.as_ref().map(DeviceId::as_str);
            let fields = [
                ("service", Some(decision.service.as_str())),
                ("status", Some(decision.status.as_str())),
                ("tenant", scope.tenant.as_deref()),
                ("user", scope.user.as_deref()),
                ("device", device),
                (
                    "reason",
                    Some(decision.reason.as_str()).filter(|reason| !reason.is_empty()),
                ),
                ("expires", expires.as_deref()),
            ];
            text.push_str(&format!("\n# decided by {by} on {at}\n[[decision]]\n"));
            for (name, value) in fields {
                if let Some(value) = value {
                    text.push_str(&format!("{name} = {}\n", quoted(value)));
                }
            }
        }
        text
    }
}

fn one_line(text: &str) -> String {
    text.chars()
        .map(|c| if c.is_control() { ' ' } else { c })
        .collect()
}

/// A TOML basic string.
fn quoted(text: &str) -> String {
    let mut quoted = String::with_capacity(text.len().saturating_add(2));
    quoted.push('"');
    for c in text.chars() {
        match c {
            '"' => quoted.push_str("\\\""),
            '\\' => quoted.push_str("\\\\"),
            c if c.is_control() => {
                quoted.push_str(&format!("\\U{:08X}", u32::from(c)));
            }
            c => quoted.push(c),
        }
    }
    quoted.push('"');
    quoted
}
