//! How answers are printed.

mod coverage;
mod json;
mod sheet;
mod table;
mod text;

pub(super) use coverage::{footer, notes};
pub(super) use json::pretty;
pub(super) use sheet::write as write_csv;
pub(super) use table::{Cell, Column, Tone, render};
pub(super) use text::{ago, bytes, clean, count, moment, percent, plural};
