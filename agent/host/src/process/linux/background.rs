//! What is found out about a program file by reading the disk: its hash and its Debian package.
//!
//! A thread of the lowest priority does it, and rests three times as long as it works; it sleeps when
//! there is nothing to do. Answers are remembered by what the file is (device, inode, size, time of change),
//! so that a changed file is read again and an unchanged one never.

use std::fs::{self, File};
use std::io::{self, Read};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use flow::Package;
use ring::digest::{Context, SHA256};

use super::{debian, sys};
use crate::bounded::Bounded;

/// Files that are remembered.
const MAX_FILES: usize = 1024;
/// Files that wait.
const MAX_WAITING: usize = 64;
/// A larger file has no hash.
const MAX_BYTES: u64 = 512 << 20;
const CHUNK: usize = 256 << 10;
/// Rest for each unit of work.
const REST: u32 = 3;

/// One state of one file.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(super) struct FileState {
    device: u64,
    inode: u64,
    bytes: u64,
    changed: (i64, i64),
}

impl FileState {
    pub(super) fn of(path: &Path) -> Option<Self> {
        let metadata = fs::metadata(path).ok()?;
        metadata.is_file().then(|| Self::from(&metadata))
    }

    pub(super) const fn inode(&self) -> u64 {
        self.inode
    }

    fn from(metadata: &fs::Metadata) -> Self {
        Self {
            device: metadata.dev(),
            inode: metadata.ino(),
            bytes: metadata.size(),
            changed: (metadata.mtime(), metadata.mtime_nsec()),
        }
    }
}

/// What was found out about a file.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(super) struct Found {
    pub(super) sha256: Option<[u8; 32]>,
    pub(super) package: Option<Package>,
}

#[derive(Debug)]
struct Request {
    state: FileState,
    /// Where it can be opened.
    path: PathBuf,
    /// Where packages know it.
    installed: String,
}

/// The state of one file, and what is known of it.
type Answers = Arc<Mutex<Bounded<FileState, Option<Found>>>>;

/// Finds out about program files, later.
#[derive(Debug)]
pub(super) struct Background {
    answers: Answers,
    requests: Option<SyncSender<Request>>,
    refused: u64,
}

impl Background {
    pub(super) fn new() -> Self {
        Self {
            answers: Arc::new(Mutex::new(Bounded::new(MAX_FILES))),
            requests: None,
            refused: 0,
        }
    }

    /// What is known of a file; when nothing is, it is found out later.
    pub(super) fn ask(&mut self, state: FileState, path: &Path, installed: &str) -> Option<Found> {
        let answers = Arc::clone(&self.answers);
        let mut answers = answers.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(answer) = answers.find(&state) {
            return answer.clone();
        }
        let request = Request {
            state,
            path: path.to_owned(),
            installed: installed.to_owned(),
        };
        if self.send(request) {
            answers.insert(state, None);
        } else {
            self.refused = self.refused.saturating_add(1);
        }
        None
    }

    /// Files that were not looked at since too many waited.
    pub(super) const fn refused(&self) -> u64 {
        self.refused
    }

    fn send(&mut self, request: Request) -> bool {
        if self.requests.is_none() {
            let (sender, receiver) = sync_channel(MAX_WAITING);
            let answers = Arc::clone(&self.answers);
            let thread = std::thread::Builder::new().name("program-files".into());
            if thread.spawn(move || work(&receiver, &answers)).is_err() {
                return false;
            }
            self.requests = Some(sender);
        }
        self.requests
            .as_ref()
            .is_some_and(|requests| requests.try_send(request).is_ok())
    }
}

/// Ends when nobody can ask any more.
fn work(requests: &Receiver<Request>, answers: &Answers) {
    sys::lower_priority();
    while let Ok(request) = requests.recv() {
        let begun = Instant::now();
        let sha256 = hash(&request).ok().flatten();
        let package = debian::package_of(Path::new(debian::LISTS), &request.installed);
        let found = Found { sha256, package };
        answers
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .insert(request.state, Some(found));
        rest(begun.elapsed());
    }
}

fn rest(worked: Duration) {
    const LONGEST: Duration = Duration::from_secs(1);
    std::thread::sleep(worked.saturating_mul(REST).min(LONGEST));
}

/// The SHA-256 of the file, unless it is too large or another one by now.
fn hash(request: &Request) -> io::Result<Option<[u8; 32]>> {
    if request.state.bytes > MAX_BYTES {
        return Ok(None);
    }
    let mut file = File::open(&request.path)?;
    if FileState::from(&file.metadata()?) != request.state {
        return Ok(None);
    }
    let mut context = Context::new(&SHA256);
    let mut buffer = vec![0; CHUNK];
    let mut left = request.state.bytes;
    while left > 0 {
        let begun = Instant::now();
        let read = file.read(&mut buffer)?;
        let Some(part) = buffer.get(..read).filter(|part| !part.is_empty()) else {
            break;
        };
        context.update(part);
        left = left.saturating_sub(u64::try_from(read).unwrap_or(u64::MAX));
        if left > 0 {
            rest(begun.elapsed());
        }
    }
    let unchanged = FileState::from(&file.metadata()?) == request.state;
    Ok(unchanged
        .then(|| context.finish().as_ref().try_into().ok())
        .flatten())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hashes_a_file_once_and_again_when_it_changed() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("program");
        fs::write(&path, b"abc").unwrap();
        let mut background = Background::new();
        let mut answer = |path: &Path| {
            let state = FileState::of(path).unwrap();
            for _ in 0..500 {
                if let Some(found) = background.ask(state, path, "/nowhere") {
                    return found;
                }
                std::thread::sleep(Duration::from_millis(10));
            }
            panic!("no answer");
        };
        let hex = |found: Found| {
            found
                .sha256
                .unwrap()
                .iter()
                .map(|byte| format!("{byte:02x}"))
                .collect::<String>()
        };
        // FIPS 180-4, the first example.
        let abc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        assert_eq!(hex(answer(&path)), abc);
        fs::write(&path, b"abcd").unwrap();
        assert_ne!(hex(answer(&path)), abc);
    }
}
