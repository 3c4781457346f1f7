//! Records that were refused for good, kept aside for whoever wants to know
//! why: `refused.jsonl` in the data folder, one JSON object a line with the
//! time, the sensor, the sequence, the reason and the record (protobuf in
//! base64, without what this version cannot read).
//!
//! When the file reaches [`MAX_FILE_BYTES`] it becomes `refused.1.jsonl`, and
//! the one before that goes: the newest are kept.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use data_encoding::BASE64;
use inventory::{SensorId, Timestamp};
use serde::Serialize;

/// A file that has reached this size is put away. One batch can add at most
/// what it holds.
pub const MAX_FILE_BYTES: u64 = 4 << 20;
/// Of a record that is larger, its beginning is kept.
const MAX_RECORD_BYTES: usize = 16 * 1024;

/// One refused record.
#[derive(Clone, Debug)]
pub(super) struct Refused {
    pub(super) sequence: u64,
    pub(super) reason: String,
    pub(super) record: Vec<u8>,
}

#[derive(Serialize)]
struct Line<'a> {
    at: Timestamp,
    sensor: &'a SensorId,
    sequence: u64,
    reason: &'a str,
    record: String,
}

/// The file of refused records.
#[derive(Debug)]
pub struct Aside {
    path: PathBuf,
    turn: Mutex<()>,
}

impl Aside {
    /// In `data_dir`.
    #[must_use]
    pub fn new(data_dir: &Path) -> Self {
        Self {
            path: data_dir.join("refused.jsonl"),
            turn: Mutex::new(()),
        }
    }

    /// Keeps `records`; they are in the file when it returns.
    pub(super) fn keep(
        &self,
        sensor: &SensorId,
        records: &[Refused],
        at: Timestamp,
    ) -> io::Result<()> {
        let mut lines = Vec::new();
        for Refused {
            sequence,
            reason,
            record,
        } in records
        {
            let record = record.get(..MAX_RECORD_BYTES).unwrap_or(record);
            let record = BASE64.encode(record);
            let line = Line {
                at,
                sensor,
                sequence: *sequence,
                reason,
                record,
            };
            serde_json::to_writer(&mut lines, &line)?;
            lines.push(b'\n');
        }
        let _turn = self.turn.lock().unwrap_or_else(PoisonError::into_inner);
        let mut file = self.file()?;
        file.write_all(&lines)?;
        file.sync_data()
    }

    fn file(&self) -> io::Result<File> {
        let size = fs::metadata(&self.path).map_or(0, |metadata| metadata.len());
        if size >= MAX_FILE_BYTES {
            fs::rename(&self.path, self.path.with_file_name("refused.1.jsonl"))?;
        }
        let mut options = OpenOptions::new();
        options.create(true).append(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        options.open(&self.path)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(sequence: u64, bytes: usize) -> Refused {
        Refused {
            sequence,
            reason: "no \"reason\"".to_owned(),
            record: vec![7; bytes],
        }
    }

    #[test]
    fn each_record_is_a_line() {
        let folder = tempfile::tempdir().unwrap();
        let aside = Aside::new(folder.path());
        let sensor = SensorId::new("s1");
        aside
            .keep(
                &sensor,
                &[refused(1, 3), refused(2, 0)],
                Timestamp::from_nanos(0),
            )
            .unwrap();
        aside
            .keep(&sensor, &[refused(3, 1)], Timestamp::from_nanos(0))
            .unwrap();
        let text = fs::read_to_string(folder.path().join("refused.jsonl")).unwrap();
        let lines: Vec<serde_json::Value> = text
            .lines()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect();
        assert_eq!(lines.len(), 3);
        assert_eq!(lines[0]["sensor"], "s1");
        assert_eq!(lines[0]["record"], "BwcH");
        assert_eq!(lines[2]["sequence"], 3);
    }

    #[test]
    fn what_is_kept_is_bounded() {
        let folder = tempfile::tempdir().unwrap();
        let aside = Aside::new(folder.path());
        let sensor = SensorId::new("s1");
        for sequence in 0..200 {
            aside
                .keep(
                    &sensor,
                    &[refused(sequence, 1 << 20)],
                    Timestamp::from_nanos(0),
                )
                .unwrap();
        }
        let sizes: Vec<u64> = fs::read_dir(folder.path())
            .unwrap()
            .map(|entry| entry.unwrap().metadata().unwrap().len())
            .collect();
        assert_eq!(sizes.len(), 2);
        assert!(
            sizes.iter().all(|size| *size < MAX_FILE_BYTES + (1 << 20)),
            "{sizes:?}"
        );
    }
}
