//! Capture files: pcap and pcapng, plain or gzip.
//!
//! The file is read as a stream in large blocks, and frames are views into the block: reading costs
//! little more than the system call. Nothing is trusted: every length is checked against a named cap
//! before it is used, and a file that is cut or corrupt gives everything up to the damage, which is
//! then told by [`CaptureFile::warning`].

mod damage;
mod input;
mod order;
mod pcap;
mod pcapng;
mod recognise;
#[cfg(test)]
mod tests;
mod window;

use std::path::{Path, PathBuf};
use std::time::Duration;

use wire::{Frame, LinkType, Timestamp};

pub use self::damage::{Damage, DamageReason};
pub use self::input::{CaptureBytes, open_bytes};
use self::pcap::PcapFormat;
use self::pcapng::PcapngFormat;
use self::recognise::{HEADER_BYTES, recognise};
use self::window::{Filled, Window};
use crate::source::FrameBatch;
use crate::{CaptureStats, Error, PacketSource, Polled};

/// Longest frame that is believed; the largest snap length of libpcap and of the tools built on it.
pub const MAX_RECORD_BYTES: u32 = 256 * 1024;

/// Longest pcapng block that is held whole: one frame and its options. Longer blocks that carry no
/// frame (names, keys, vendors' own) are skipped without being held.
pub const MAX_BLOCK_BYTES: u32 = 512 * 1024;

/// Interfaces of one pcapng section; what a later one captured is damage.
pub const MAX_INTERFACES: usize = 65_536;

/// What the parser of a format found at a place.
#[derive(Debug)]
enum Step<'b> {
    /// A frame; the next record starts `used` bytes on.
    Frame { frame: Frame<'b>, used: usize },
    /// Something that is no frame, held whole.
    Other { used: usize },
    /// Something that is no frame and need not be held.
    Discard { bytes: u64 },
    /// A frame that cannot be read, in a record that can be stepped over.
    Unusable { used: usize, reason: DamageReason },
    /// The record goes on past what is held.
    NeedMore,
    /// No way to go on.
    Damaged(DamageReason),
}

#[derive(Debug)]
enum Format {
    Pcap(PcapFormat),
    Pcapng(PcapngFormat),
}

/// A capture file that is being read.
#[derive(Debug)]
pub struct CaptureFile {
    path: PathBuf,
    window: Window,
    format: Format,
    /// Bytes of a block that is being skipped.
    discard: u64,
    stats: CaptureStats,
    warning: Option<Damage>,
    ended: bool,
}

impl CaptureFile {
    /// Opens the file and reads its header.
    ///
    /// # Errors
    /// When it cannot be read, is empty, or is no capture (of a kind that is supported).
    pub fn open(path: &Path) -> Result<Self, Error> {
        let mut window = Window::new(open_bytes(path)?);
        let mut warning = None;
        while window.data().len() < HEADER_BYTES {
            match window.fill().map_err(|source| Error::Read {
                path: path.to_owned(),
                source,
            })? {
                Filled::More => {}
                Filled::End => break,
                Filled::Corrupt => {
                    warning = Some(Damage {
                        offset: window.offset(),
                        reason: DamageReason::Inflate,
                    });
                    break;
                }
            }
        }
        let format = recognise(path, &mut window)?;
        Ok(Self {
            path: path.to_owned(),
            window,
            format,
            discard: 0,
            stats: CaptureStats::default(),
            warning,
            ended: false,
        })
    }

    /// How far reading has come: bytes taken from the file (compressed, if it is) and its size, 0
    /// when that is not known.
    pub fn position(&self) -> (u64, u64) {
        self.window.position()
    }

    /// The first damage that was met so far.
    pub fn warning(&self) -> Option<Damage> {
        self.warning
    }

    /// Hands on the frames that are held.
    fn drain(&mut self, handle: &mut dyn FnMut(&[Frame<'_>])) -> usize {
        let skipped = self.window.skip(self.discard);
        self.discard = self.discard.saturating_sub(skipped);
        if self.discard > 0 {
            return 0;
        }
        let data = self.window.data();
        let mut batch = FrameBatch::new();
        let mut at = 0_usize;
        while let Some(rest) = data.get(at..) {
            let number = self.stats.received.saturating_add(1);
            let step = match &mut self.format {
                Format::Pcap(format) => format.step(rest, number),
                Format::Pcapng(format) => format.step(rest, number),
            };
            let offset = self.window.offset().saturating_add(at as u64);
            let reason = match step {
                Step::Frame { frame, used } => {
                    self.stats.received = number;
                    self.stats.bytes = self.stats.bytes.saturating_add(frame.data.len() as u64);
                    at = at.saturating_add(used);
                    batch.push(frame, handle);
                    continue;
                }
                Step::Other { used } => {
                    at = at.saturating_add(used);
                    continue;
                }
                Step::Discard { bytes } => {
                    let held = usize::try_from(bytes).unwrap_or(usize::MAX).min(rest.len());
                    self.discard = bytes.saturating_sub(held as u64);
                    at = at.saturating_add(held);
                    continue;
                }
                Step::Unusable { used, reason } => {
                    at = at.saturating_add(used);
                    reason
                }
                Step::NeedMore => break,
                Step::Damaged(reason) => {
                    self.ended = true;
                    reason
                }
            };
            self.warning.get_or_insert(Damage { offset, reason });
            if self.ended {
                break;
            }
        }
        let frames = batch.flush(handle);
        self.window.skip(at as u64);
        if let Format::Pcapng(format) = &self.format {
            self.stats.dropped = format.dropped();
        }
        frames
    }
}

impl PacketSource for CaptureFile {
    fn poll_batch(
        &mut self,
        _timeout: Duration,
        handle: &mut dyn FnMut(&[Frame<'_>]),
    ) -> Result<Polled, Error> {
        while !self.ended {
            let frames = self.drain(handle);
            if frames > 0 {
                return Ok(Polled::Frames(frames));
            }
            if self.ended {
                break;
            }
            let filled = self.window.fill();
            let reason = match filled.map_err(|source| Error::Read {
                path: self.path.clone(),
                source,
            })? {
                Filled::More => continue,
                Filled::Corrupt => Some(DamageReason::Inflate),
                Filled::End if self.window.data().is_empty() && self.discard == 0 => None,
                Filled::End => Some(DamageReason::Cut),
            };
            self.ended = true;
            if let (None, Some(reason)) = (self.warning, reason) {
                self.warning = Some(Damage {
                    offset: self.window.offset(),
                    reason,
                });
            }
        }
        Ok(Polled::End)
    }

    fn stats(&self) -> CaptureStats {
        self.stats
    }

    fn backend(&self) -> &'static str {
        "file"
    }
}

#[inline]
fn frame(ts: i64, number: u64, link_type: u16, orig_len: u32, data: &[u8]) -> Frame<'_> {
    Frame {
        ts: Timestamp::from_nanos(ts),
        number,
        link_type: LinkType(link_type),
        orig_len,
        vlan: None,
        data,
    }
}
