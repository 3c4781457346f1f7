//! The config file as it was typed: each key with its line, and a problem for
//! whatever is not a key or not of its type.
//!
//! Deserialising into a struct would end at the first mistake; this reading
//! goes on to the last.

use inventory::Factor;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::problem::Problem;

/// A value and the line it was typed on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Typed<T> {
    pub(super) value: T,
    pub(super) line: usize,
}

/// Every key of the file.
#[derive(Debug, Default)]
pub(super) struct Raw {
    pub(super) data_dir: Option<Typed<String>>,
    pub(super) listen: Option<Typed<String>>,
    pub(super) names: Option<Vec<Typed<String>>>,
    pub(super) token_lifetime: Option<Typed<String>>,
    pub(super) certificate_lifetime: Option<Typed<String>>,
    pub(super) max_batch: Option<Typed<i64>>,
    pub(super) max_connections: Option<Typed<i64>>,
    pub(super) catalogue_local: Option<Typed<String>>,
    pub(super) users: Option<Typed<String>>,
    pub(super) officers: Option<Vec<Typed<String>>>,
    pub(super) risk_countries: Option<Vec<Typed<String>>>,
    pub(super) risk_weights: Vec<(Factor, Typed<i64>)>,
    pub(super) log_level: Option<Typed<String>>,
    pub(super) log_format: Option<Typed<String>>,
}

/// Reads `text` as far as it can be read.
pub(super) fn read(text: &str) -> (Raw, Vec<Problem>) {
    let mut reader = Reader {
        text,
        problems: Vec::new(),
    };
    let (root, errors) = DeTable::parse_recoverable(text);
    for error in errors {
        let offset = error.span().map_or(0, |span| span.start);
        let what = error.message().lines().collect::<Vec<_>>().join(", ");
        reader.problem(offset, format!("this is not TOML: {what}"));
    }
    let raw = reader.root(root.get_ref());
    (raw, reader.problems)
}

struct Reader<'s> {
    text: &'s str,
    problems: Vec<Problem>,
}

impl Reader<'_> {
    fn root(&mut self, root: &DeTable<'_>) -> Raw {
        let mut raw = Raw::default();
        for (key, value) in root {
            match key.get_ref().as_ref() {
                "data_dir" => raw.data_dir = self.string("data_dir", value),
                "listen" => raw.listen = self.string("listen", value),
                "names" => raw.names = self.strings("names", value),
                "max_connections" => {
                    raw.max_connections = self.integer("max_connections", value);
                }
                "enrolment" => self.enrolment(value, &mut raw),
                "ingest" => self.ingest(value, &mut raw),
                "catalogue" => self.catalogue(value, &mut raw),
                "privacy" => self.privacy(value, &mut raw),
                "risk" => self.risk(value, &mut raw),
                "log" => self.log(value, &mut raw),
                name => self.unknown(key, name),
            }
        }
        raw
    }

    fn enrolment(&mut self, section: &Spanned<DeValue<'_>>, raw: &mut Raw) {
        for (key, value) in self.table("enrolment", section).into_iter().flatten() {
            match key.get_ref().as_ref() {
                "token_lifetime" => {
                    raw.token_lifetime = self.string("enrolment.token_lifetime", value);
                }
                "certificate_lifetime" => {
                    raw.certificate_lifetime = self.string("enrolment.certificate_lifetime", value);
                }
                name => self.unknown(key, &format!("enrolment.{name}")),
            }
        }
    }

    fn ingest(&mut self, section: &Spanned<DeValue<'_>>, raw: &mut Raw) {
        for (key, value) in self.table("ingest", section).into_iter().flatten() {
            match key.get_ref().as_ref() {
                "max_batch" => raw.max_batch = self.integer("ingest.max_batch", value),
                name => self.unknown(key, &format!("ingest.{name}")),
            }
        }
    }

    fn catalogue(&mut self, section: &Spanned<DeValue<'_>>, raw: &mut Raw) {
        for (key, value) in self.table("catalogue", section).into_iter().flatten() {
            match key.get_ref().as_ref() {
                "local" => raw.catalogue_local = self.string("catalogue.local", value),
                name => self.unknown(key, &format!("catalogue.{name}")),
            }
        }
    }

    fn privacy(&mut self, section: &Spanned<DeValue<'_>>, raw: &mut Raw) {
        for (key, value) in self.table("privacy", section).into_iter().flatten() {
            match key.get_ref().as_ref() {
                "users" => raw.users = self.string("privacy.users", value),
                "officers" => raw.officers = self.strings("privacy.officers", value),
                name => self.unknown(key, &format!("privacy.{name}")),
            }
        }
    }

    fn risk(&mut self, section: &Spanned<DeValue<'_>>, raw: &mut Raw) {
        for (key, value) in self.table("risk", section).into_iter().flatten() {
            match key.get_ref().as_ref() {
                "countries" => raw.risk_countries = self.strings("risk.countries", value),
                "weights" => self.risk_weights(value, raw),
                name => self.unknown(key, &format!("risk.{name}")),
            }
        }
    }

    fn risk_weights(&mut self, section: &Spanned<DeValue<'_>>, raw: &mut Raw) {
        for (key, value) in self.table("risk.weights", section).into_iter().flatten() {
            let name = format!("risk.weights.{}", key.get_ref());
            match key.get_ref().parse() {
                Ok(factor) => {
                    let weight = self.integer(&name, value);
                    raw.risk_weights
                        .extend(weight.map(|weight| (factor, weight)));
                }
                Err(_) => self.unknown(key, &name),
            }
        }
    }

    fn log(&mut self, section: &Spanned<DeValue<'_>>, raw: &mut Raw) {
        for (key, value) in self.table("log", section).into_iter().flatten() {
            match key.get_ref().as_ref() {
                "level" => raw.log_level = self.string("log.level", value),
                "format" => raw.log_format = self.string("log.format", value),
                name => self.unknown(key, &format!("log.{name}")),
            }
        }
    }

    fn line(&self, offset: usize) -> usize {
        let before = self.text.bytes().take(offset);
        before.filter(|&byte| byte == b'\n').count() + 1
    }

    fn problem(&mut self, offset: usize, message: String) {
        let line = self.line(offset);
        self.problems.push(Problem { line, message });
    }

    fn unknown<T>(&mut self, key: &Spanned<T>, name: &str) {
        self.problem(
            key.span().start,
            format!(
                "`{name}` is not a setting; all of them are in `gnomon-collector serve --help`"
            ),
        );
    }

    fn wrong_type(&mut self, key: &str, wanted: &str, value: &Spanned<DeValue<'_>>) {
        let found = value.get_ref().type_str();
        self.problem(
            value.span().start,
            format!("`{key}` must be {wanted}, not {found}"),
        );
    }

    fn typed<T>(
        &mut self,
        key: &str,
        wanted: &str,
        value: &Spanned<DeValue<'_>>,
        read: impl FnOnce(&DeValue<'_>) -> Option<T>,
    ) -> Option<Typed<T>> {
        if let Some(read) = read(value.get_ref()) {
            return Some(Typed {
                value: read,
                line: self.line(value.span().start),
            });
        }
        self.wrong_type(key, wanted, value);
        None
    }

    fn string(&mut self, key: &str, value: &Spanned<DeValue<'_>>) -> Option<Typed<String>> {
        self.typed(key, "a string", value, |value| {
            value.as_str().map(str::to_owned)
        })
    }

    fn integer(&mut self, key: &str, value: &Spanned<DeValue<'_>>) -> Option<Typed<i64>> {
        self.typed(key, "a whole number", value, |value| {
            let integer = value.as_integer()?;
            i64::from_str_radix(&integer.as_str().replace('_', ""), integer.radix()).ok()
        })
    }

    fn strings(&mut self, key: &str, value: &Spanned<DeValue<'_>>) -> Option<Vec<Typed<String>>> {
        let Some(items) = value.get_ref().as_array() else {
            self.wrong_type(key, "a list of strings", value);
            return None;
        };
        let mut strings = Vec::new();
        for item in items.iter() {
            strings.extend(self.string(key, item));
        }
        Some(strings)
    }

    fn table<'t, 'i>(
        &mut self,
        key: &str,
        value: &'t Spanned<DeValue<'i>>,
    ) -> Option<&'t DeTable<'i>> {
        let table = value.get_ref().as_table();
        if table.is_none() {
            self.wrong_type(key, "a section", value);
        }
        table
    }
}
