//! The packet socket and the memory it shares with the kernel: all that is unsafe about them.
#![expect(
    unsafe_code,
    reason = "system calls and memory that the kernel writes to"
)]

use std::io;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, FromRawFd, OwnedFd};
use std::ptr::{self, NonNull};
use std::slice;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use super::filter::Instruction;
use crate::live::Fanout;

/// The kernel wants a frame size too, though blocks are filled without regard to it.
const FRAME_BYTES: usize = 2048;
/// Of the status word in the header of a block (`tpacket_block_desc`).
const STATUS_AT: usize = 8;

/// How a ring is divided.
#[derive(Clone, Copy, Debug)]
pub(super) struct RingLayout {
    pub(super) block_bytes: usize,
    pub(super) blocks: usize,
    pub(super) retire_after: Duration,
}

/// A packet socket.
#[derive(Debug)]
pub(super) struct Socket {
    fd: OwnedFd,
}

impl Socket {
    /// Opens a socket that receives nothing until it is bound.
    pub(super) fn open() -> io::Result<Self> {
        let kind = libc::SOCK_RAW | libc::SOCK_CLOEXEC;
        // SAFETY: takes numbers only.
        let fd = check(unsafe { libc::socket(libc::AF_PACKET, kind, 0) })?;
        // SAFETY: the call has just made this descriptor, and nobody else has it.
        let fd = unsafe { OwnedFd::from_raw_fd(fd) };
        Ok(Self { fd })
    }

    pub(super) fn fd(&self) -> BorrowedFd<'_> {
        self.fd.as_fd()
    }

    pub(super) fn use_version_3(&self) -> io::Result<()> {
        let version = libc::tpacket_versions::TPACKET_V3 as libc::c_int;
        self.set_option(libc::SOL_PACKET, libc::PACKET_VERSION, &version)
    }

    /// Gives the kernel a program to run on each frame.
    pub(super) fn attach_filter(&self, program: &[Instruction]) -> io::Result<()> {
        let mut filter: Vec<_> = program
            .iter()
            .map(|instruction| libc::sock_filter {
                code: instruction.code,
                jt: instruction.when_true,
                jf: instruction.when_false,
                k: instruction.operand,
            })
            .collect();
        let len = u16::try_from(filter.len())
            .map_err(|error| io::Error::new(io::ErrorKind::InvalidInput, error))?;
        // The kernel copies the program, so it need not outlive the call.
        let program = libc::sock_fprog {
            len,
            filter: filter.as_mut_ptr(),
        };
        self.set_option(libc::SOL_SOCKET, libc::SO_ATTACH_FILTER, &program)
    }

    /// Makes the ring and maps it.
    pub(super) fn map_ring(&self, layout: RingLayout) -> io::Result<Ring> {
        let invalid = |error| io::Error::new(io::ErrorKind::InvalidInput, error);
        let frames = layout.block_bytes / FRAME_BYTES * layout.blocks;
        let request = libc::tpacket_req3 {
            tp_block_size: u32::try_from(layout.block_bytes).map_err(invalid)?,
            tp_block_nr: u32::try_from(layout.blocks).map_err(invalid)?,
            tp_frame_size: u32::try_from(FRAME_BYTES).map_err(invalid)?,
            tp_frame_nr: u32::try_from(frames).map_err(invalid)?,
            tp_retire_blk_tov: u32::try_from(layout.retire_after.as_millis()).map_err(invalid)?,
            tp_sizeof_priv: 0,
            tp_feature_req_word: 0,
        };
        self.set_option(libc::SOL_PACKET, libc::PACKET_RX_RING, &request)?;
        let bytes = layout.block_bytes.saturating_mul(layout.blocks);
        let protection = libc::PROT_READ | libc::PROT_WRITE;
        // SAFETY: asks for new memory at a place of the kernel's choice, so that nothing is replaced.
        let base = unsafe {
            libc::mmap(
                ptr::null_mut(),
                bytes,
                protection,
                libc::MAP_SHARED,
                self.fd.as_raw_fd(),
                0,
            )
        };
        if base == libc::MAP_FAILED {
            return Err(io::Error::last_os_error());
        }
        let base = NonNull::new(base.cast::<u8>()).ok_or(io::ErrorKind::OutOfMemory)?;
        Ok(Ring {
            base,
            block_bytes: layout.block_bytes,
            blocks: layout.blocks,
        })
    }

    /// Starts to receive from an interface, 0 for all of them.
    pub(super) fn bind(&self, interface: u32) -> io::Result<()> {
        let protocol = u16::try_from(libc::ETH_P_ALL).unwrap_or_default();
        let address = libc::sockaddr_ll {
            sll_family: u16::try_from(libc::AF_PACKET).unwrap_or_default(),
            sll_protocol: protocol.to_be(),
            sll_ifindex: interface.cast_signed(),
            sll_hatype: 0,
            sll_pkttype: 0,
            sll_halen: 0,
            sll_addr: [0; 8],
        };
        let length = u32::try_from(size_of_val(&address)).unwrap_or_default();
        let address = (&raw const address).cast::<libc::sockaddr>();
        // SAFETY: the address is of the length given and lives through the call.
        check(unsafe { libc::bind(self.fd.as_raw_fd(), address, length) }).map(|_| ())
    }

    pub(super) fn join_fanout(&self, fanout: Fanout) -> io::Result<()> {
        join_fanout(self.fd.as_fd(), fanout)
    }

    /// Asks for the frames to other machines; ends with the socket.
    pub(super) fn set_promiscuous(&self, interface: u32) -> io::Result<()> {
        let request = libc::packet_mreq {
            mr_ifindex: interface.cast_signed(),
            mr_type: u16::try_from(libc::PACKET_MR_PROMISC).unwrap_or_default(),
            mr_alen: 0,
            mr_address: [0; 8],
        };
        self.set_option(libc::SOL_PACKET, libc::PACKET_ADD_MEMBERSHIP, &request)
    }

    /// The error that the socket has to tell; it is told once.
    pub(super) fn take_error(&self) -> Option<io::Error> {
        match self.option::<libc::c_int>(libc::SOL_SOCKET, libc::SO_ERROR, 0) {
            Ok(0) => None,
            Ok(code) => Some(io::Error::from_raw_os_error(code)),
            Err(error) => Some(error),
        }
    }

    /// Frames that found the ring full since the last time this was asked.
    pub(super) fn take_drops(&self) -> io::Result<u64> {
        let zero = libc::tpacket_stats_v3 {
            tp_packets: 0,
            tp_drops: 0,
            tp_freeze_q_cnt: 0,
        };
        let stats = self.option(libc::SOL_PACKET, libc::PACKET_STATISTICS, zero)?;
        Ok(stats.tp_drops.into())
    }

    fn set_option<T>(&self, level: libc::c_int, name: libc::c_int, value: &T) -> io::Result<()> {
        set_option(self.fd.as_fd(), level, name, value)
    }

    /// `T` is a type of plain numbers, so that whatever the kernel writes is a value of it.
    fn option<T: Copy>(&self, level: libc::c_int, name: libc::c_int, start: T) -> io::Result<T> {
        let mut value = start;
        let mut length = u32::try_from(size_of::<T>()).unwrap_or_default();
        let place = (&raw mut value).cast();
        // SAFETY: the place is as long as is said, and nobody else uses it.
        check(unsafe {
            libc::getsockopt(self.fd.as_raw_fd(), level, name, place, &raw mut length)
        })?;
        Ok(value)
    }
}

/// Gives back to the system what loading a program needed for a moment: the description of the kernel's types
/// takes tens of MiB while it is read.
#[cfg(target_env = "gnu")]
pub(super) fn give_back_memory() {
    // SAFETY: takes a number; only memory that nobody has is given back.
    unsafe { libc::malloc_trim(0) };
}

/// Another allocator gives memory back by itself.
#[cfg(not(target_env = "gnu"))]
pub(super) const fn give_back_memory() {}

/// Makes a packet socket one of those that share the flows of an interface.
pub(super) fn join_fanout(socket: BorrowedFd<'_>, fanout: Fanout) -> io::Result<()> {
    let mut kind = libc::PACKET_FANOUT_HASH;
    if fanout.defrag {
        kind |= libc::PACKET_FANOUT_FLAG_DEFRAG;
    }
    if fanout.rollover {
        kind |= libc::PACKET_FANOUT_FLAG_ROLLOVER;
    }
    let argument = kind << 16 | u32::from(fanout.group);
    set_option(socket, libc::SOL_PACKET, libc::PACKET_FANOUT, &argument)
}

fn set_option<T>(
    socket: BorrowedFd<'_>,
    level: libc::c_int,
    name: libc::c_int,
    value: &T,
) -> io::Result<()> {
    let length = u32::try_from(size_of::<T>()).unwrap_or_default();
    let value = ptr::from_ref(value).cast();
    // SAFETY: the value is of the length given and lives through the call.
    check(unsafe { libc::setsockopt(socket.as_raw_fd(), level, name, value, length) }).map(|_| ())
}

fn check(result: libc::c_int) -> io::Result<libc::c_int> {
    if result < 0 {
        Err(io::Error::last_os_error())
    } else {
        Ok(result)
    }
}

/// Memory that is shared with the kernel, divided into blocks that belong to one side at a time.
#[derive(Debug)]
pub(super) struct Ring {
    base: NonNull<u8>,
    block_bytes: usize,
    blocks: usize,
}

// SAFETY: the mapping belongs to this value alone and can be used from any thread.
unsafe impl Send for Ring {}

impl Ring {
    pub(super) fn blocks(&self) -> usize {
        self.blocks
    }

    /// The bytes of a block, when it is ours.
    pub(super) fn block(&self, index: usize) -> Option<&[u8]> {
        let start = self.start(index)?;
        // What the kernel wrote before it handed the block over is visible after this load.
        if self.status(index)?.load(Ordering::Acquire) & libc::TP_STATUS_USER == 0 {
            return None;
        }
        // SAFETY: the bytes are within the mapping, and the kernel leaves a block alone until it is
        // released, which takes the ring mutably and so ends this borrow.
        Some(unsafe { slice::from_raw_parts(start.as_ptr(), self.block_bytes) })
    }

    /// Gives a block back to the kernel.
    pub(super) fn release(&mut self, index: usize) {
        if let Some(status) = self.status(index) {
            status.store(libc::TP_STATUS_KERNEL, Ordering::Release);
        }
    }

    fn start(&self, index: usize) -> Option<NonNull<u8>> {
        if index >= self.blocks {
            return None;
        }
        // SAFETY: the block is one of those in the mapping.
        Some(unsafe { self.base.add(index * self.block_bytes) })
    }

    fn status(&self, index: usize) -> Option<&AtomicU32> {
        let block = self.start(index)?;
        // SAFETY: a block is longer than its header.
        let status = unsafe { block.add(STATUS_AT) }.cast::<AtomicU32>();
        // SAFETY: the word is in the mapping, aligned as blocks are to pages, and both sides use it
        // atomically.
        Some(unsafe { status.as_ref() })
    }
}

impl Drop for Ring {
    fn drop(&mut self) {
        let bytes = self.block_bytes.saturating_mul(self.blocks);
        // SAFETY: this is the mapping that was made, and no borrow of it is left.
        unsafe { libc::munmap(self.base.as_ptr().cast(), bytes) };
    }
}
