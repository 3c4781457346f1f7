//! Which frames the kernel writes to the ring: chooses a program and gives it to the socket.

mod all;
mod assembler;
mod classic;
mod ebpf;
#[cfg(test)]
mod tests;

use std::io;
use std::net::SocketAddr;

use super::sys::{Socket, give_back_memory};
use crate::live::{Filter, NamesFilter};
pub(super) use assembler::Instruction;
use ebpf::EbpfFilter;

/// The program that was given to a socket.
#[derive(Debug)]
pub(super) struct Installed {
    program: Program,
    /// Why it is no better one.
    reason: Option<String>,
}

#[derive(Debug)]
enum Program {
    All,
    Classic,
    Ebpf(Box<EbpfFilter>),
}

/// Gives `socket` the program for `filter`; what passes is cut to `snaplen` bytes.
pub(super) fn install(socket: &Socket, filter: Filter, snaplen: u32) -> io::Result<Installed> {
    let mut reason = None;
    if let Filter::Names(wanted) = filter {
        if wanted != NamesFilter::Classic {
            let attached = EbpfFilter::attach(socket.fd(), snaplen);
            give_back_memory();
            match attached {
                Ok(filter) => {
                    return Ok(Installed {
                        program: Program::Ebpf(Box::new(filter)),
                        reason: None,
                    });
                }
                Err(why) => reason = Some(format!("eBPF is refused: {why}")),
            }
        }
        if wanted != NamesFilter::Ebpf {
            let program = classic::program(snaplen).ok_or(io::ErrorKind::InvalidInput)?;
            match socket.attach_filter(&program) {
                Ok(()) => {
                    return Ok(Installed {
                        program: Program::Classic,
                        reason,
                    });
                }
                Err(error) => {
                    let before = reason.map(|reason| reason + "; ").unwrap_or_default();
                    reason = Some(format!("{before}classic BPF is refused: {error}"));
                }
            }
        }
    }
    socket.attach_filter(&all::program(snaplen))?;
    Ok(Installed {
        program: Program::All,
        reason,
    })
}

impl Installed {
    /// The kind of program, for display.
    pub(super) const fn name(&self) -> &'static str {
        match self.program {
            Program::All => "off",
            Program::Classic => "classic",
            Program::Ebpf(_) => "ebpf",
        }
    }

    /// Whether the bulk of flows does not reach the ring.
    pub(super) const fn keeps_bulk_back(&self) -> bool {
        !matches!(self.program, Program::All)
    }

    pub(super) fn reason(&self) -> Option<&str> {
        self.reason.as_deref()
    }

    /// Frames and bytes that the program dropped, as far as it counts.
    pub(super) fn dropped(&self) -> (u64, u64) {
        match &self.program {
            Program::All | Program::Classic => (0, 0),
            Program::Ebpf(filter) => filter.dropped(),
        }
    }

    pub(super) fn datagram_bytes(&self, a: SocketAddr, b: SocketAddr) -> Option<[u64; 2]> {
        match &self.program {
            Program::All | Program::Classic => None,
            Program::Ebpf(filter) => filter.datagram_bytes(a, b),
        }
    }
}
