//! CSV that is safe to open in a spreadsheet.

use std::io;

use super::text::steers;

/// Writes a header and rows.
pub(in crate::ctl) fn write(
    to: impl io::Write,
    header: &[&str],
    rows: impl Iterator<Item = Vec<String>>,
) -> Result<(), csv::Error> {
    let mut writer = csv::Writer::from_writer(to);
    writer.write_record(header)?;
    for row in rows {
        writer.write_record(row.iter().map(|cell| safe(cell)))?;
    }
    writer.flush()?;
    Ok(())
}

/// A cell that no spreadsheet takes for a formula, and no terminal for a command: a text that
/// begins like a formula gets an apostrophe in front, control characters are escaped.
fn safe(cell: &str) -> String {
    let mut safe = String::with_capacity(cell.len());
    let begins = cell.trim_start().chars().next().or(cell.chars().next());
    let formula = begins.is_some_and(|c| {
        matches!(
            c,
            '=' | '+' | '-' | '@' | '|' | '%' | '＝' | '＋' | '－' | '＠'
        )
    });
    if formula && cell.parse::<f64>().is_err() {
        safe.push('\'');
    }
    for c in cell.chars() {
        if steers(c) {
            safe.push_str(&format!("\\u{{{:x}}}", u32::from(c)));
        } else {
            safe.push(c);
        }
    }
    safe
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_are_no_formulas_and_no_commands() {
        for (cell, written) in [
            ("=HYPERLINK(\"http://x\")", "'=HYPERLINK(\"http://x\")"),
            ("+1+cmd|' /C calc'!A0", "'+1+cmd|' /C calc'!A0"),
            ("@SUM(A1)", "'@SUM(A1)"),
            (" =1", "' =1"),
            ("\t=1", "'\\u{9}=1"),
            ("-12", "-12"),
            ("-x", "'-x"),
            ("a\u{1b}[2Jb\r\n", "a\\u{1b}[2Jb\\u{d}\\u{a}"),
            ("plain, \"quoted\"", "plain, \"quoted\""),
        ] {
            assert_eq!(safe(cell), written);
        }
    }

    #[test]
    fn rows_read_back() {
        let mut out = Vec::new();
        let rows = [vec!["a, b".to_owned(), "c\"d".to_owned()]];
        write(&mut out, &["one", "two"], rows.into_iter()).unwrap();
        assert_eq!(
            String::from_utf8(out).unwrap(),
            "one,two\n\"a, b\",\"c\"\"d\"\n"
        );
    }
}
