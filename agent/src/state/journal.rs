//! What was reported, kept on the machine for whoever it is about: a line for each finding that
//! was handed to the connection, written before it was sent.
//!
//! One JSON object a line: `{"key":"...","revision":n,"row":{..}}`, the row as `scan` prints it. A
//! line that a crash cut is skipped. The file is bounded: when it is full it becomes the old one,
//! and the one before that goes.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs::{self, File};
use std::io::{self, BufRead, BufReader, Read, Write};
use std::path::Path;

use proto::v1;
use serde::{Deserialize, Serialize};
use signatures::Catalogue;

use super::{Audience, StateDir, append};
use crate::row::Row;

/// Bytes after which a new file is begun.
const MAX_FILE_BYTES: u64 = 4 << 20;

/// One finding as it was reported.
#[derive(Serialize, Deserialize)]
struct Entry {
    key: String,
    revision: u32,
    row: Row,
}

/// Writes what is reported.
#[derive(Debug)]
pub(crate) struct Journal {
    state: StateDir,
    audience: Audience,
    file: Option<File>,
    bytes: u64,
}

impl Journal {
    /// A journal in `state` that `audience` may read.
    pub(crate) fn new(state: StateDir, audience: Audience) -> Self {
        Self {
            state,
            audience,
            file: None,
            bytes: 0,
        }
    }

    /// Adds the findings among `records`.
    ///
    /// # Errors
    /// When the file cannot be written; the records may be sent all the same.
    pub(crate) fn write(
        &mut self,
        records: &[v1::Record],
        catalogue: &Catalogue,
    ) -> io::Result<()> {
        let mut lines = Vec::new();
        for record in records {
            let Some(v1::record::Body::Finding(finding)) = &record.body else {
                continue;
            };
            let entry = Entry {
                key: key(finding),
                revision: finding.revision,
                row: Row::new(finding.clone(), catalogue),
            };
            serde_json::to_writer(&mut lines, &entry)?;
            lines.push(b'\n');
        }
        if lines.is_empty() {
            return Ok(());
        }
        let mut file = self.open()?;
        let written = file.write_all(&lines);
        if written.is_ok() {
            self.bytes = self.bytes.saturating_add(lines.len() as u64);
            self.file = Some(file);
        }
        written
    }

    fn open(&mut self) -> io::Result<File> {
        if self.bytes >= MAX_FILE_BYTES {
            self.file = None;
            fs::rename(self.state.journal_file(), self.state.old_journal_file())?;
        }
        if let Some(file) = self.file.take() {
            return Ok(file);
        }
        let mut file = append(&self.state.journal_file(), self.audience)?;
        self.bytes = file.metadata()?.len();
        if self.bytes > 0 {
            // What a crash cut must not run into the next line.
            file.write_all(b"\n")?;
        }
        Ok(file)
    }
}

/// Everything that is known to have been reported, each finding as it was last.
pub(crate) fn read(state: &StateDir) -> io::Result<Vec<Row>> {
    let mut latest: BTreeMap<String, (u32, Row)> = BTreeMap::new();
    for path in [state.old_journal_file(), state.journal_file()] {
        read_file(&path, &mut latest)?;
    }
    let mut rows: Vec<Row> = latest.into_values().map(|(_, row)| row).collect();
    rows.sort_by(|left, right| {
        (&right.last_seen, &left.service).cmp(&(&left.last_seen, &right.service))
    });
    Ok(rows)
}

fn read_file(path: &Path, latest: &mut BTreeMap<String, (u32, Row)>) -> io::Result<()> {
    let file = match File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(error),
    };
    let limit = MAX_FILE_BYTES.saturating_mul(4);
    for line in BufReader::new(file.take(limit)).split(b'\n') {
        let Ok(entry) = serde_json::from_slice::<Entry>(&line?) else {
            continue;
        };
        let newer = latest
            .get(&entry.key)
            .is_none_or(|(revision, _)| *revision <= entry.revision);
        if newer {
            latest.insert(entry.key, (entry.revision, entry.row));
        }
    }
    Ok(())
}

/// The finding's key as a text that is the same for the same key.
pub(super) fn key(finding: &v1::Finding) -> String {
    let key = finding.key.clone().unwrap_or_default();
    let mut text = String::new();
    for byte in &key.epoch {
        let written = write!(text, "{byte:02x}");
        debug_assert!(written.is_ok(), "writing to memory cannot fail");
    }
    let device = key.device.and_then(|device| device.identity);
    let parts = [
        crate::row::device(device.as_ref()),
        key.window_start_ns.to_string(),
        key.service_id,
        key.surface,
        key.tenant,
        key.process,
        key.user,
    ];
    for part in parts {
        text.push('|');
        text.push_str(&part.replace(['\\', '|'], "\\"));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(service: &str, revision: u32, bytes: u64) -> v1::Record {
        let finding = v1::Finding {
            key: Some(v1::FindingKey {
                service_id: service.to_owned(),
                ..Default::default()
            }),
            revision,
            bytes_out: bytes,
            ..Default::default()
        };
        v1::Record {
            sequence: 1,
            body: Some(v1::record::Body::Finding(finding)),
        }
    }

    #[test]
    fn the_last_revision_of_each_finding_is_shown_after_a_crash() {
        let dir = tempfile::tempdir().expect("temporary folder");
        let state = StateDir::new(dir.path());
        let catalogue = Catalogue::builtin();
        let mut journal = Journal::new(state.clone(), Audience::Everybody);
        journal
            .write(&[record("a", 1, 10), record("b", 1, 5)], catalogue)
            .expect("written");
        drop(journal);
        let mut torn = append(&state.journal_file(), Audience::Everybody).expect("opened");
        torn.write_all(b"{\"key\":\"a").expect("written");
        let mut journal = Journal::new(state.clone(), Audience::Everybody);
        journal
            .write(&[record("a", 3, 30), record("a", 2, 20)], catalogue)
            .expect("written");
        let rows = read(&state).expect("readable");
        let sent: Vec<(&str, u64)> = rows
            .iter()
            .map(|row| (row.service.as_str(), row.bytes_out))
            .collect();
        assert_eq!(sent, [("a", 30), ("b", 5)]);
    }

    #[test]
    fn nothing_was_reported_before_the_first_finding() {
        let dir = tempfile::tempdir().expect("temporary folder");
        assert!(
            read(&StateDir::new(dir.path()))
                .expect("readable")
                .is_empty()
        );
    }

    #[test]
    fn the_file_is_bounded() {
        let dir = tempfile::tempdir().expect("temporary folder");
        let state = StateDir::new(dir.path());
        let mut journal = Journal::new(state.clone(), Audience::Agent);
        let batch: Vec<v1::Record> = (0..2000)
            .map(|n| record(&format!("service-{n}"), 1, n))
            .collect();
        for _ in 0..20 {
            journal
                .write(&batch, Catalogue::builtin())
                .expect("written");
        }
        let size = |path| fs::metadata(path).expect("there").len();
        assert!(size(state.journal_file()) < 2 * MAX_FILE_BYTES);
        assert!(size(state.old_journal_file()) < 2 * MAX_FILE_BYTES);
        assert_eq!(read(&state).expect("readable").len(), 2000);
    }
}
