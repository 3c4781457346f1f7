//! Rows for people (aligned columns) and for spreadsheets (CSV).

use std::io::IsTerminal;

use anyhow::{Context, Result};
use comfy_table::{Cell, CellAlignment, ContentArrangement, Table, TableStyle};

/// Which way a column's cells are pushed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Align {
    Left,
    Right,
}

/// Rows under a header, in columns; narrowed to the terminal where there is one.
pub(crate) fn columns(header: &[(&str, Align)], rows: &[Vec<String>]) -> String {
    let mut table = Table::new();
    table.load_style(TableStyle::new());
    if std::io::stdout().is_terminal() {
        table.set_content_arrangement(ContentArrangement::Dynamic);
    }
    table.set_header(header.iter().map(|(name, align)| cell(name, *align)));
    for row in rows {
        let aligns = header.iter().map(|(_, align)| *align);
        table.add_row(
            row.iter()
                .zip(aligns)
                .map(|(text, align)| cell(text, align)),
        );
    }
    for column in table.column_iter_mut() {
        column.set_padding((0, 2));
    }
    let text: Vec<String> = table
        .lines()
        .map(|line| line.trim_end().to_owned() + "\n")
        .collect();
    text.concat()
}

fn cell(text: &str, align: Align) -> Cell {
    Cell::new(crate::text::printable(text)).set_alignment(match align {
        Align::Left => CellAlignment::Left,
        Align::Right => CellAlignment::Right,
    })
}

/// Rows under a header as CSV (RFC 4180). A cell that a spreadsheet would take for a formula has
/// an apostrophe before it: names off the wire are anybody's to choose.
pub(crate) fn csv(header: &[&str], rows: &[Vec<String>]) -> Result<Vec<u8>> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(header).context("cannot write CSV")?;
    for row in rows {
        writer
            .write_record(row.iter().map(|cell| harmless(cell)))
            .context("cannot write CSV")?;
    }
    writer.into_inner().context("cannot write CSV")
}

fn harmless(cell: &str) -> String {
    if cell.starts_with(['=', '+', '-', '@', '\t', '\r']) {
        format!("'{cell}")
    } else {
        cell.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_aligned() {
        let text = columns(
            &[("NAME", Align::Left), ("N", Align::Right)],
            &[
                vec!["a".to_owned(), "10".to_owned()],
                vec!["bc".to_owned(), "2".to_owned()],
            ],
        );
        let lines: Vec<&str> = text.lines().map(str::trim_end).collect();
        assert_eq!(lines.len(), 3);
        assert!(
            lines[1].ends_with("10") && lines[2].ends_with(" 2"),
            "{text}"
        );
    }

    #[test]
    fn a_cell_never_becomes_a_formula() {
        let text = csv(
            &["name"],
            &[vec!["=1+1".to_owned()], vec!["a,b".to_owned()]],
        );
        assert_eq!(text.expect("written"), b"name\n'=1+1\n\"a,b\"\n");
    }
}
