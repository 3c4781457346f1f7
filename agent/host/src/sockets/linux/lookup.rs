//! The owner of one flow, looked up in the tables of sockets. Right or a reason, never a guess.

use flow::{FiveTuple, MatchQuality, SocketOwner, TransportProtocol};
use wire::Timestamp;

use super::holders::{Held, Holders};
use super::row::{Row, state};
use super::spaces::Spaces;
use crate::process::{Known, Processes};

/// Why a polled owner is not exact.
const POLLED: &str = "the one process that holds the socket, read from a table while it was open";

pub(super) const GONE: &str = "no socket has these ends any more";
const AMBIGUOUS: &str = "several sockets share this port";
const SHARED: &str =
    "the socket is shared by several processes, and it was not seen which one opened it";
const UNHELD: &str = "no process has the socket open any more";
const UNREADABLE: &str =
    "the process that holds the socket may not be read: the agent lacks CAP_SYS_PTRACE";
const UNCERTAIN: &str = "too many processes to say that no other one holds the socket";
const NOT_YET: &str = "processes were searched a moment ago; they are not searched more often";
const VANISHED: &str = "the process ended while it was looked at";
const YOUNGER: &str = "the process that holds the socket did not surely begin before the flow: it may have been given it";
const FAILED: &str = "the table of sockets could not be read";

/// Looks a flow up: in one's own network namespace first, then in those of containers.
pub(super) fn owner(
    spaces: &mut Spaces,
    holders: &mut Holders,
    processes: &mut Processes,
    tuple: &FiveTuple,
    started: Timestamp,
) -> Result<SocketOwner, &'static str> {
    let row = find(spaces, tuple)?;
    if row.state == state::TIME_WAIT || row.inode == 0 {
        return Err(UNHELD);
    }
    let holder = match holders.of(row.inode) {
        Held::By(holder) => holder,
        Held::Shared => return Err(SHARED),
        Held::Nobody if holders.denied() => return Err(UNREADABLE),
        Held::Nobody => return Err(UNHELD),
        Held::Uncertain => return Err(UNCERTAIN),
        Held::NotYet => return Err(NOT_YET),
    };
    let Known { identity, login } = processes.identify(holder.pid).ok_or(VANISHED)?;
    if identity.start_time != processes.at_ticks(holder.start_ticks) {
        return Err(VANISHED);
    }
    if processes.began_after(identity.start_time, started) {
        return Err(YOUNGER);
    }
    // While the process was looked at, the flow's ends may have become another socket's.
    if find(spaces, tuple)?.inode != row.inode {
        return Err(GONE);
    }
    Ok(SocketOwner {
        process: identity,
        login,
        quality: MatchQuality::Polled,
        reason: POLLED,
    })
}

fn find(spaces: &mut Spaces, tuple: &FiveTuple) -> Result<Row, &'static str> {
    let home = spaces.home().ok_or(FAILED)?;
    if let Some(row) = only(home.carriers(tuple).map_err(|_| FAILED)?)? {
        return Ok(row);
    }
    // What is on the loopback of another namespace cannot be seen in this one.
    if tuple.orig.ip().is_loopback() || tuple.resp.ip().is_loopback() {
        return Err(GONE);
    }
    let mut rows = Vec::new();
    for space in spaces.others() {
        rows.extend(space.carriers(tuple).unwrap_or_default());
    }
    // A wildcard in some container says nothing of addresses that it may not have.
    rows.retain(|row| row.transport == TransportProtocol::Tcp || row.is_connected());
    only(rows)?.ok_or(GONE)
}

fn only(rows: Vec<Row>) -> Result<Option<Row>, &'static str> {
    match rows.as_slice() {
        [] => Ok(None),
        [row] => Ok(Some(*row)),
        _ => Err(AMBIGUOUS),
    }
}
