//! Tables for people: columns that fit the terminal, colours only on one.

use std::env;
use std::io::IsTerminal as _;

use comfy_table::presets::NOTHING;
use comfy_table::{Attribute, CellAlignment, Color, ContentArrangement, Table};

use super::text::clean;

/// Narrowest terminal that is laid out for.
const MIN_WIDTH: u16 = 40;
/// Between columns, and one before the first.
const GAP: u16 = 2;

/// What a cell wants to say by its look.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(in crate::ctl) enum Tone {
    /// Nothing.
    #[default]
    Plain,
    /// What matters most in the row.
    Strong,
    /// What is there to be complete.
    Dim,
    /// All is well.
    Good,
    /// To be decided or looked at.
    Open,
    /// To be acted on.
    Bad,
}

/// One cell.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(in crate::ctl) struct Cell {
    text: String,
    tone: Tone,
}

impl Cell {
    /// Of a text that may come from the network.
    pub(in crate::ctl) fn new(text: &str) -> Self {
        Self {
            text: clean(text),
            tone: Tone::Plain,
        }
    }

    /// A value, or a dim dash for none.
    pub(in crate::ctl) fn or_dash(text: Option<&str>) -> Self {
        match text {
            Some(text) if !text.is_empty() => Self::new(text),
            _ => Self::new("-").tone(Tone::Dim),
        }
    }

    fn is_dash(&self) -> bool {
        self.text == "-"
    }

    /// The same with another look.
    #[must_use]
    pub(in crate::ctl) fn tone(mut self, tone: Tone) -> Self {
        self.tone = tone;
        self
    }
}

/// Which side figures and texts stand on.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Align {
    Left,
    Right,
}

/// One column.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(in crate::ctl) struct Column {
    /// Heading.
    title: &'static str,
    align: Align,
    /// When the terminal is narrow, the columns with the highest number go first; 0 never goes.
    spare: u8,
    /// It is only there when a row has something in it.
    optional: bool,
}

impl Column {
    pub(in crate::ctl) const fn left(title: &'static str, spare: u8) -> Self {
        Self {
            title,
            align: Align::Left,
            spare,
            optional: false,
        }
    }

    /// The same, left out where no row has anything in it.
    pub(in crate::ctl) const fn optional(self) -> Self {
        Self {
            optional: true,
            ..self
        }
    }

    pub(in crate::ctl) const fn right(title: &'static str, spare: u8) -> Self {
        Self {
            title,
            align: Align::Right,
            spare,
            optional: false,
        }
    }
}

/// A table laid out, and the headings of columns that found no room.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(in crate::ctl) struct Rendered {
    pub(in crate::ctl) text: String,
    pub(in crate::ctl) left_out: Vec<&'static str>,
}

/// Lays out a table for standard output.
pub(in crate::ctl) fn render(columns: &[Column], rows: &[Vec<Cell>]) -> Rendered {
    let mut table = Table::new();
    let terminal = std::io::stdout().is_terminal();
    let width = table
        .width()
        .filter(|_| terminal)
        .map(|width| width.max(MIN_WIDTH));
    if !(terminal && wants_colour()) {
        table.force_no_tty();
    }
    lay_out(table, columns, rows, width)
}

/// <https://no-color.org>, and terminals that can do nothing.
fn wants_colour() -> bool {
    let set = |name| env::var_os(name).is_some_and(|value| !value.is_empty());
    !set("NO_COLOR") && env::var_os("TERM").is_none_or(|term| term != "dumb")
}

fn lay_out(
    mut table: Table,
    columns: &[Column],
    rows: &[Vec<Cell>],
    width: Option<u16>,
) -> Rendered {
    let filled = filled(columns, rows);
    let kept = fitting(columns, rows, &filled, width);
    let pick = |row: &[Cell]| -> Vec<comfy_table::Cell> {
        let cells = kept
            .iter()
            .filter_map(|index| Some((columns.get(*index)?, row.get(*index)?)));
        cells
            .map(|(column, cell)| styled(cell, column.align))
            .collect()
    };
    let titles: Vec<Cell> = columns
        .iter()
        .map(|column| Cell::new(column.title).tone(Tone::Strong))
        .collect();
    table.load_style(NOTHING).set_header(pick(&titles));
    for row in rows {
        table.add_row(pick(row));
    }
    if let Some(width) = width {
        table
            .set_content_arrangement(ContentArrangement::Dynamic)
            .set_width(width);
    }
    let lines: Vec<String> = table
        .lines()
        .map(|line| line.trim_end().to_owned())
        .collect();
    let left_out = filled.iter().filter(|index| !kept.contains(index));
    Rendered {
        text: lines.join("\n"),
        left_out: left_out
            .filter_map(|index| columns.get(*index))
            .map(|c| c.title)
            .collect(),
    }
}

/// Which columns have something to show.
fn filled(columns: &[Column], rows: &[Vec<Cell>]) -> Vec<usize> {
    let empty = |index: usize| {
        rows.iter()
            .all(|row| row.get(index).is_none_or(Cell::is_dash))
    };
    let columns = columns.iter().enumerate();
    let filled = columns.filter(|(index, column)| !(column.optional && empty(*index)));
    filled.map(|(index, _)| index).collect()
}

/// For which of them there is room.
fn fitting(
    columns: &[Column],
    rows: &[Vec<Cell>],
    filled: &[usize],
    width: Option<u16>,
) -> Vec<usize> {
    let mut kept = filled.to_vec();
    let Some(width) = width else { return kept };
    let mut probe = Table::new();
    probe.set_header(columns.iter().map(|column| column.title));
    for row in rows {
        probe.add_row(row.iter().map(|cell| cell.text.as_str()));
    }
    let widths = probe.column_max_content_widths();
    let needed = |kept: &[usize]| -> u32 {
        let columns = kept.iter().filter_map(|index| widths.get(*index));
        columns
            .map(|width| u32::from(width.saturating_add(GAP)))
            .sum()
    };
    let fits = |kept: &[usize]| needed(kept) <= u32::from(width);
    let spare = |index: &usize| columns.get(*index).map_or(0, |column| column.spare);
    let mut gone: Vec<usize> = Vec::new();
    while !fits(&kept) {
        let Some(most) = kept
            .iter()
            .copied()
            .max_by_key(spare)
            .filter(|i| spare(i) > 0)
        else {
            break;
        };
        kept.retain(|index| *index != most);
        gone.push(most);
    }
    // A wide one that went last may have made room for narrow ones that went before it.
    for index in gone.into_iter().rev() {
        let place = kept.partition_point(|other| *other < index);
        kept.insert(place, index);
        if !fits(&kept) {
            kept.remove(place);
        }
    }
    kept
}

fn styled(cell: &Cell, align: Align) -> comfy_table::Cell {
    let styled = comfy_table::Cell::new(&cell.text).set_alignment(match align {
        Align::Left => CellAlignment::Left,
        Align::Right => CellAlignment::Right,
    });
    match cell.tone {
        Tone::Plain => styled,
        Tone::Strong => styled.add_attribute(Attribute::Bold),
        Tone::Dim => styled.add_attribute(Attribute::Dim),
        Tone::Good => styled.fg(Color::Green),
        Tone::Open => styled.fg(Color::Yellow),
        Tone::Bad => styled.fg(Color::Red).add_attribute(Attribute::Bold),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const COLUMNS: [Column; 3] = [
        Column::left("SERVICE", 0),
        Column::left("VENDOR", 2),
        Column::right("SENT", 1),
    ];

    fn rows() -> Vec<Vec<Cell>> {
        let row = |service: &str, sent: &str| {
            vec![
                Cell::new(service),
                Cell::new("A vendor of many words"),
                Cell::new(sent),
            ]
        };
        vec![row("ChatGPT", "1.2 MB"), row("x\u{1b}[31m", "12 B")]
    }

    fn plain() -> Table {
        let mut table = Table::new();
        table.force_no_tty();
        table
    }

    #[test]
    fn without_a_terminal_all_columns_stand_in_full() {
        let rendered = lay_out(plain(), &COLUMNS, &rows(), None);
        let lines: Vec<&str> = rendered.text.lines().collect();
        assert_eq!(
            lines,
            [
                " SERVICE      VENDOR                    SENT",
                " ChatGPT      A vendor of many words  1.2 MB",
                " x\\u{1b}[31m  A vendor of many words    12 B",
            ]
        );
        assert!(rendered.left_out.is_empty());
    }

    #[test]
    fn a_column_with_nothing_in_it_takes_no_room() {
        let columns = [Column::left("A", 0), Column::left("B", 1).optional()];
        let row = |b: Option<&str>| vec![Cell::new("a"), Cell::or_dash(b)];
        let rendered = lay_out(plain(), &columns, &[row(None), row(Some(""))], Some(80));
        assert!(!rendered.text.contains('B') && rendered.left_out.is_empty());
        let rendered = lay_out(plain(), &columns, &[row(None), row(Some("b"))], Some(80));
        assert!(rendered.text.contains("B"));
    }

    #[test]
    fn a_narrow_terminal_gets_what_matters() {
        let rendered = lay_out(plain(), &COLUMNS, &rows(), Some(40));
        assert_eq!(rendered.left_out, ["VENDOR"]);
        assert!(rendered.text.contains("1.2 MB") && !rendered.text.contains("words"));
        let rendered = lay_out(plain(), &COLUMNS, &rows(), Some(15));
        assert_eq!(rendered.left_out, ["VENDOR", "SENT"]);
    }
}
