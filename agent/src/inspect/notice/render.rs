//! The notice as plain text, Markdown or HTML. What stands in the configuration is escaped.

use super::{Block, Section};

const TITLE: &str = "How this device watches the use of AI services";
/// Columns of the plain text.
const WIDTH: usize = 90;

pub(super) fn text(sections: &[Section]) -> String {
    let mut out = format!("{TITLE}\n{}\n", "=".repeat(TITLE.len()));
    for section in sections {
        out.push_str(&format!(
            "\n{}\n{}\n",
            section.heading,
            "-".repeat(section.heading.len())
        ));
        for block in &section.blocks {
            match block {
                Block::Text(text) => out.push_str(&format!("\n{}\n", wrapped(text, ""))),
                Block::List(items) => {
                    out.push('\n');
                    for item in items {
                        out.push_str(&format!("- {}\n", wrapped(item, "  ")));
                    }
                }
            }
        }
    }
    out
}

pub(super) fn markdown(sections: &[Section]) -> String {
    let escaped = |text: &str| {
        let mut out = String::new();
        for c in text.chars() {
            if matches!(
                c,
                '\\' | '`' | '*' | '_' | '<' | '>' | '[' | ']' | '#' | '|'
            ) {
                out.push('\\');
            }
            out.push(c);
        }
        out
    };
    let mut out = format!("# {TITLE}\n");
    for section in sections {
        out.push_str(&format!("\n## {}\n", section.heading));
        for block in &section.blocks {
            match block {
                Block::Text(text) => out.push_str(&format!("\n{}\n", escaped(text))),
                Block::List(items) => {
                    out.push('\n');
                    for item in items {
                        out.push_str(&format!("- {}\n", escaped(item)));
                    }
                }
            }
        }
    }
    out
}

pub(super) fn html(sections: &[Section]) -> String {
    let escaped = |text: &str| {
        let mut out = String::new();
        for c in text.chars() {
            match c {
                '&' => out.push_str("&amp;"),
                '<' => out.push_str("&lt;"),
                '>' => out.push_str("&gt;"),
                '"' => out.push_str("&quot;"),
                c => out.push(c),
            }
        }
        out
    };
    let mut out = format!(
        "<!doctype html>\n<html lang=\"en\">\n<meta charset=\"utf-8\">\n<title>{TITLE}</title>\n<h1>{TITLE}</h1>\n"
    );
    for section in sections {
        out.push_str(&format!("<h2>{}</h2>\n", escaped(section.heading)));
        for block in &section.blocks {
            match block {
                Block::Text(text) => out.push_str(&format!("<p>{}</p>\n", escaped(text))),
                Block::List(items) => {
                    out.push_str("<ul>\n");
                    for item in items {
                        out.push_str(&format!("<li>{}</li>\n", escaped(item)));
                    }
                    out.push_str("</ul>\n");
                }
            }
        }
    }
    out.push_str("</html>\n");
    out
}

/// Lines no longer than [`WIDTH`], those after the first indented.
fn wrapped(text: &str, indent: &str) -> String {
    let mut out = String::new();
    let mut column = indent.len();
    for word in text.split_whitespace() {
        let length = word.chars().count();
        if !out.is_empty() {
            if column.saturating_add(length) >= WIDTH {
                out.push('\n');
                out.push_str(indent);
                column = indent.len();
            } else {
                out.push(' ');
                column = column.saturating_add(1);
            }
        }
        out.push_str(word);
        column = column.saturating_add(length);
    }
    out
}
