//! Opening: what is there, what a crash left, where to go on.

use std::collections::VecDeque;
use std::io;

use super::Queue;
use super::segment::{self, Active, Segment};
use crate::filesystem::{File, Filesystem};
use crate::format::{self, HeaderState, SEGMENT_HEADER, Scanner, VERSION, widen};
use crate::state::{State, StateFile};
use crate::{Config, Error, Sequence};

impl<S: Filesystem> Queue<S> {
    /// Opens the queue in `fs` and repairs what a crash left.
    pub(crate) fn open(fs: S, config: Config) -> Result<Self, Error> {
        let mut state = StateFile::open(&fs)?;
        let mut closed: VecDeque<Segment> = VecDeque::new();
        let mut empty = Vec::new();
        for first in numbers(&fs)? {
            let (segment, _) = survey(&fs, first, state.get())?;
            if segment.records == 0 {
                empty.push(first);
            } else if segment.last <= state.get().gone {
                remove_leftover(&fs, first);
            } else {
                closed.push_back(segment);
            }
        }
        // The last one with records is the one that was written to: one behind it was only begun.
        let newest = closed
            .pop_back()
            .map(|segment| segment.first)
            .or_else(|| empty.pop());
        for first in empty {
            remove_leftover(&fs, first);
        }
        let active = match newest {
            Some(first) => resume(&fs, first, &mut state)?,
            None => Active::create(&fs, next_after(state.get()))?,
        };
        let last = closed
            .back()
            .map(|segment| segment.last)
            .unwrap_or_default();
        let seen = last
            .max(active.segment.last)
            .next()
            .max(active.segment.first);
        let next = seen.max(next_after(state.get()));
        let (max_bytes, segment_bytes, max_record) = Self::limits(config);
        Ok(Self {
            fs,
            max_bytes,
            segment_bytes,
            max_record,
            sync: config.sync,
            state,
            closed,
            active,
            next,
            unsynced: 0,
            place: None,
        })
    }
}

/// The numbers of the segments, oldest first.
fn numbers<S: Filesystem>(fs: &S) -> Result<Vec<Sequence>, Error> {
    let names = fs.list().map_err(|source| Error::Access {
        path: fs.path(""),
        source,
    })?;
    let mut numbers: Vec<Sequence> = names
        .iter()
        .filter_map(|n| segment::parse_name(n))
        .collect();
    numbers.sort_unstable();
    Ok(numbers)
}

/// Reads a segment through. The second value is where its last whole record ends.
pub(super) fn survey<S: Filesystem>(
    fs: &S,
    first: Sequence,
    state: State,
) -> Result<(Segment, u64), Error> {
    let name = segment::name(first);
    let access = |source| Error::Access {
        path: fs.path(&name),
        source,
    };
    let file = fs.open(&name).map_err(access)?;
    let bytes = file.read_at(0, usize::MAX).map_err(access)?;
    if let HeaderState::Newer(found) = format::check_segment_header(&bytes) {
        return Err(Error::NewerFormat {
            path: fs.path(&name),
            found,
            supported: VERSION,
        });
    }
    let mut segment = Segment::empty(first);
    let body = bytes.get(SEGMENT_HEADER..).unwrap_or_default();
    let mut end = widen(SEGMENT_HEADER);
    let mut scanner = Scanner::new(body, end, segment.last);
    for found in scanner.by_ref() {
        segment.add(
            found.sequence,
            found.record.len(),
            found.sequence <= state.acked,
        );
        end = found.end;
    }
    segment.len = widen(bytes.len());
    let behind = segment.len.saturating_sub(end);
    segment.damaged = scanner.damaged().saturating_add(behind);
    if segment.damaged > 0 {
        tracing::warn!(bytes = segment.damaged, segment = %name, "damaged bytes in the spool");
    }
    Ok((segment, end))
}

/// The least number that the state allows for the next record.
fn next_after(state: State) -> Sequence {
    state
        .reserved
        .max(state.acked.next())
        .max(state.gone.next())
}

fn remove_leftover<S: Filesystem>(fs: &S, first: Sequence) {
    if let Err(error) = fs.remove(&segment::name(first)) {
        tracing::warn!(%error, "a segment that is done with could not be removed");
    }
}

/// Goes on with the newest segment, without its torn end.
fn resume<S: Filesystem>(
    fs: &S,
    first: Sequence,
    state: &mut StateFile<S::File>,
) -> Result<Active<S::File>, Error> {
    let (mut segment, end) = survey(fs, first, state.get())?;
    let name = segment::name(first);
    let file = fs.open(&name).map_err(|source| Error::Access {
        path: fs.path(&name),
        source,
    })?;
    let repaired = repair(fs, &file, first, end);
    repaired.map_err(|source| Error::Write {
        path: fs.path(&name),
        source,
    })?;
    let torn = segment.len.saturating_sub(end);
    if torn > 0 {
        let known = state.get();
        let damaged = known.damaged.saturating_add(torn);
        state.write(fs, State { damaged, ..known })?;
        segment.damaged = segment.damaged.saturating_sub(torn);
    }
    segment.len = end;
    Ok(Active::resume(segment, file))
}

/// Makes the file good up to `end`, and durable. What a killed process wrote may be in memory only, and
/// after a failed flush the system may believe that it is not: so all of it is written again.
fn repair<S: Filesystem>(fs: &S, file: &S::File, first: Sequence, end: u64) -> io::Result<()> {
    let mut bytes = file.read_at(0, usize::try_from(end).unwrap_or(usize::MAX))?;
    if format::check_segment_header(&bytes) != HeaderState::Good {
        let header = format::segment_header(first);
        bytes.splice(..SEGMENT_HEADER.min(bytes.len()), header);
    }
    file.write_at(0, &bytes)?;
    file.set_len(end)?;
    file.sync()?;
    fs.sync_dir()
}
