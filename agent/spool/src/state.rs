//! The small file that says how far the queue has got; two slots, so that one is always whole.

use crate::filesystem::{File, Filesystem};
use crate::format::VERSION;
use crate::{Error, Sequence};

/// The file's name.
pub(crate) const NAME: &str = "state";

const MAGIC: &[u8; 7] = b"GNOMSTA";
const SLOT: usize = 68;
/// Where the slots start: far enough apart that no single write to a disk touches both.
const SLOTS: [u64; 2] = [0, 4096];

/// What must survive.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(crate) struct State {
    /// Everything up to here is acknowledged.
    pub(crate) acked: Sequence,
    /// Everything up to here was shed or acknowledged.
    pub(crate) gone: Sequence,
    /// Numbers below may have been given away.
    pub(crate) reserved: Sequence,
    pub(crate) shed_records: u64,
    pub(crate) shed_bytes: u64,
    /// Damaged bytes of segments that are gone.
    pub(crate) damaged: u64,
}

/// The file, open.
#[derive(Debug)]
pub(crate) struct StateFile<F> {
    file: F,
    generation: u64,
    state: State,
}

/// What a slot holds.
enum Slot {
    Valid { generation: u64, state: State },
    Damaged,
    Newer(u8),
}

impl<F: File> StateFile<F> {
    /// Opens the file, making it when it is not there.
    pub(crate) fn open<S: Filesystem<File = F>>(fs: &S) -> Result<Self, Error> {
        let access = |source| Error::Access {
            path: fs.path(NAME),
            source,
        };
        let file = fs.open(NAME).map_err(access)?;
        let mut newest: Option<(u64, State)> = None;
        for offset in SLOTS {
            let bytes = file.read_at(offset, SLOT).map_err(access)?;
            match parse(&bytes) {
                Slot::Valid { generation, state } => {
                    if newest.is_none_or(|(other, _)| other < generation) {
                        newest = Some((generation, state));
                    }
                }
                Slot::Damaged => {}
                Slot::Newer(found) => {
                    let path = fs.path(NAME);
                    return Err(Error::NewerFormat {
                        path,
                        found,
                        supported: VERSION,
                    });
                }
            }
        }
        if let Some((generation, state)) = newest {
            let mut found = Self {
                file,
                generation,
                state,
            };
            // A failed flush may have left it in memory only: from here on it counts, so it must last.
            found.write(fs, state)?;
            return Ok(found);
        }
        let mut made = Self {
            file,
            generation: 0,
            state: State::default(),
        };
        // Both slots, so that a later write in place needs no new space on a full disk.
        made.write(fs, State::default())?;
        made.write(fs, State::default())?;
        fs.sync_dir().map_err(|source| Error::Write {
            path: fs.path(NAME),
            source,
        })?;
        Ok(made)
    }

    /// What was written last.
    pub(crate) const fn get(&self) -> State {
        self.state
    }

    /// Replaces the state, durably; on an error the old one holds.
    pub(crate) fn write<S: Filesystem<File = F>>(
        &mut self,
        fs: &S,
        state: State,
    ) -> Result<(), Error> {
        let generation = self.generation.saturating_add(1);
        let [even, odd] = SLOTS;
        let slot = if generation.is_multiple_of(2) {
            even
        } else {
            odd
        };
        let written = self.file.write_at(slot, &encode(generation, &state));
        let written = written.and_then(|()| self.file.sync());
        written.map_err(|source| Error::Write {
            path: fs.path(NAME),
            source,
        })?;
        self.generation = generation;
        self.state = state;
        Ok(())
    }
}

fn encode(generation: u64, state: &State) -> Vec<u8> {
    let mut slot = Vec::with_capacity(SLOT);
    slot.extend_from_slice(MAGIC);
    slot.push(VERSION);
    for number in [
        generation,
        state.acked.get(),
        state.gone.get(),
        state.reserved.get(),
        state.shed_records,
        state.shed_bytes,
        state.damaged,
    ] {
        slot.extend_from_slice(&number.to_le_bytes());
    }
    let sum = crc32c::crc32c(&slot);
    slot.extend_from_slice(&sum.to_le_bytes());
    slot
}

fn parse(bytes: &[u8]) -> Slot {
    let Some((head, sum)) = bytes
        .split_last_chunk::<4>()
        .filter(|_| bytes.len() == SLOT)
    else {
        return Slot::Damaged;
    };
    let Some((version, numbers)) = head.strip_prefix(MAGIC).and_then(<[u8]>::split_first) else {
        return Slot::Damaged;
    };
    if crc32c::crc32c(head) != u32::from_le_bytes(*sum) {
        return Slot::Damaged;
    }
    if *version > VERSION {
        return Slot::Newer(*version);
    }
    let (numbers, _) = numbers.as_chunks::<8>();
    let [
        generation,
        acked,
        gone,
        reserved,
        shed_records,
        shed_bytes,
        damaged,
    ] = *numbers
    else {
        return Slot::Damaged;
    };
    let number = u64::from_le_bytes;
    let sequence = |bytes| Sequence::new(number(bytes));
    Slot::Valid {
        generation: number(generation),
        state: State {
            acked: sequence(acked),
            gone: sequence(gone),
            reserved: sequence(reserved),
            shed_records: number(shed_records),
            shed_bytes: number(shed_bytes),
            damaged: number(damaged),
        },
    }
}
