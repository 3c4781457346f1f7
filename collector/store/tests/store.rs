//! The contract that every backend keeps, and what is particular to SQLite: its files, old ones
//! too, the ways in which a disk fails, and how it does with much.

#[cfg(test)]
mod sqlite;
#[cfg(test)]
mod suite;

#[cfg(test)]
mod backends {
    use std::path::Path;

    use store::{Sqlite, Store};

    fn sqlite(folder: &Path) -> Box<dyn Store> {
        Box::new(Sqlite::open(folder).unwrap())
    }

    crate::contract!(with_sqlite, super::sqlite);
}
