//! Sockets asked for one by one or all at once: `NETLINK_SOCK_DIAG`.
//!
//! A descriptor belongs to the network namespace in which it was opened, whatever the thread does later.

mod message;

use std::io;
use std::os::fd::{AsRawFd, OwnedFd};

use flow::{FiveTuple, TransportProtocol};
use nix::sys::socket::{
    AddressFamily, MsgFlags, NetlinkAddr, SockFlag, SockProtocol, SockType, recv, sendto,
    setsockopt, socket, sockopt,
};
use nix::sys::time::TimeVal;

use super::row::Row;
pub(super) use message::Family;
use message::{Answer, Question};

/// The kernel fills at most this much at once.
const DATAGRAM: usize = 64 << 10;
/// Sockets that one dump gives.
const MAX_SOCKETS: usize = 1 << 20;
/// The kernel answers at once; this only keeps a fault from hanging the agent.
const PATIENCE_SECONDS: i64 = 1;
/// The sockets with a peer: all states but LISTEN and those that are no sockets of a process.
pub(super) const CONNECTED: u32 = 0xfff & !(1 << 10) & !(1 << 6) & !(1 << 7) & !(1 << 3);
pub(super) const LISTENING: u32 = 1 << 10;
pub(super) const ANY: u32 = u32::MAX;

/// A descriptor to ask with.
#[derive(Debug)]
pub(super) struct Diag {
    fd: OwnedFd,
    sequence: u32,
    buffer: Vec<u8>,
}

impl Diag {
    /// Opens one in the network namespace of this thread.
    pub(super) fn open() -> io::Result<Self> {
        let fd = socket(
            AddressFamily::Netlink,
            SockType::Raw,
            SockFlag::SOCK_CLOEXEC,
            SockProtocol::NetlinkSockDiag,
        )?;
        setsockopt(
            &fd,
            sockopt::ReceiveTimeout,
            &TimeVal::new(PATIENCE_SECONDS, 0),
        )?;
        Ok(Self {
            fd,
            sequence: 0,
            buffer: vec![0; DATAGRAM],
        })
    }

    /// Finds the socket that a flow's originator has, if it has one here.
    pub(super) fn find(&mut self, tuple: &FiveTuple) -> io::Result<Option<Row>> {
        let mut found = None;
        let outcome = self.ask(Question::One(tuple), tuple.transport, &mut |row| {
            found = Some(row).filter(|row| row.carries(tuple));
            false
        });
        match outcome {
            Err(error) if error.raw_os_error() == Some(libc::ENOENT) => Ok(None),
            Err(error) => Err(error),
            Ok(()) => Ok(found),
        }
    }

    /// All sockets of a transport and a family in some states; with a local port unless 0.
    pub(super) fn dump(
        &mut self,
        transport: TransportProtocol,
        family: Family,
        (states, port): (u32, u16),
        take: &mut dyn FnMut(Row),
    ) -> io::Result<()> {
        let question = Question::All {
            transport,
            family,
            states,
            port,
        };
        let mut left = MAX_SOCKETS;
        self.ask(question, transport, &mut |row| {
            take(row);
            left = left.saturating_sub(1);
            left > 0
        })
    }

    /// Asks, and hands the sockets out as long as more are wanted.
    fn ask(
        &mut self,
        question: Question<'_>,
        transport: TransportProtocol,
        take: &mut dyn FnMut(Row) -> bool,
    ) -> io::Result<()> {
        self.sequence = self.sequence.wrapping_add(1);
        let request = message::request(question, self.sequence);
        sendto(
            self.fd.as_raw_fd(),
            &request,
            &NetlinkAddr::new(0, 0),
            MsgFlags::empty(),
        )?;
        let single = matches!(question, Question::One(_));
        let mut wanted = true;
        loop {
            let length = recv(self.fd.as_raw_fd(), &mut self.buffer, MsgFlags::empty())?;
            let mut datagram = self.buffer.get(..length).unwrap_or_default();
            while let Some(answer) = message::next(&mut datagram, self.sequence, transport) {
                match answer {
                    Answer::Socket(row) => {
                        wanted = wanted && take(row);
                        if single {
                            return Ok(());
                        }
                    }
                    Answer::End(0) => return Ok(()),
                    Answer::End(error) => {
                        return Err(io::Error::from_raw_os_error(error.saturating_neg()));
                    }
                    Answer::Other => {}
                }
            }
        }
    }
}
