//! Frames from interfaces and capture files.
//!
//! A [`PacketSource`] hands out [`wire::Frame`]s in batches that borrow the capture buffer, so that
//! no byte is copied between the kernel's ring (or the block that was read from a file) and the
//! decoder. [`mod@file`] reads pcap and pcapng, compressed or not; [`live`] captures from an interface;
//! [`interfaces`] says which there are.
//!
//! ```no_run
//! use std::time::Duration;
//! use capture::{PacketSource, Polled, file::CaptureFile};
//!
//! let mut source = CaptureFile::open("office.pcapng".as_ref())?;
//! let mut bytes = 0_u64;
//! while source.poll_frames(Duration::ZERO, &mut |frame| bytes += u64::from(frame.orig_len))?
//!     != Polled::End
//! {}
//! # Ok::<(), capture::Error>(())
//! ```
#![warn(missing_docs)]

mod error;
pub mod file;
#[doc(hidden)]
pub mod fuzzing;
pub mod interfaces;
pub mod live;
mod os;
mod source;

pub use error::Error;
pub use source::{BATCH_FRAMES, CaptureStats, PacketSource, Polled};
