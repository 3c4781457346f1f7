//! The table against a small model that keeps everything, and the cases that matter one by one.

use proptest::prelude::*;

use super::*;
use crate::key::TransportProtocol;

const SECOND: i64 = 1_000_000_000;

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_nanos(seconds * SECOND)
}

fn tuple(orig: &str, resp: &str) -> FiveTuple {
    FiveTuple {
        orig: orig.parse().unwrap(),
        resp: resp.parse().unwrap(),
        transport: TransportProtocol::Tcp,
    }
}

fn owner(pid: u32) -> SocketOwner {
    SocketOwner {
        process: Arc::new(ProcessIdentity {
            pid,
            name: format!("program {pid}"),
            ..ProcessIdentity::default()
        }),
        login: None,
        quality: MatchQuality::Exact,
        reason: "",
    }
}

fn opened(table: &mut SocketTable, seconds: i64, tuple: FiveTuple, pid: u32) {
    table.handle_event(SocketEvent::Opened {
        at: at(seconds),
        tuple,
        owner: owner(pid),
    });
}

fn closed(table: &mut SocketTable, seconds: i64, tuple: FiveTuple) {
    table.handle_event(SocketEvent::Counted {
        at: at(seconds),
        tuple,
        counters: SocketCounters::default(),
        closed: true,
    });
}

fn pid_of(table: &mut SocketTable, tuple: &FiveTuple, seconds: i64) -> Result<u32, &'static str> {
    table
        .owner(tuple, at(seconds))
        .map(|owned| owned.owner.process.pid)
}

const LOCAL: &str = "192.0.2.7:40000";
const REMOTE: &str = "198.51.100.1:443";

#[test]
fn a_port_that_is_used_again_belongs_to_whoever_had_it_when_the_flow_began() {
    let mut table = SocketTable::new();
    let tuple = tuple(LOCAL, REMOTE);
    opened(&mut table, 10, tuple, 1);
    closed(&mut table, 20, tuple);
    opened(&mut table, 30, tuple, 2);
    assert_eq!(pid_of(&mut table, &tuple, 10), Ok(1));
    assert_eq!(pid_of(&mut table, &tuple, 15), Ok(1));
    assert_eq!(pid_of(&mut table, &tuple, 30), Ok(2));
    assert!(pid_of(&mut table, &tuple, 25).is_err());
    assert!(pid_of(&mut table, &tuple, 5).is_err());
}

#[test]
fn two_programs_within_a_moment_are_nobody() {
    let mut table = SocketTable::new();
    let tuple = tuple(LOCAL, REMOTE);
    opened(&mut table, 10, tuple, 1);
    opened(&mut table, 20, tuple, 2);
    assert!(pid_of(&mut table, &tuple, 20).is_err());
    assert_eq!(pid_of(&mut table, &tuple, 21), Ok(2));
    opened(&mut table, 30, tuple, 3);
    opened(&mut table, 30, tuple, 4);
    assert!(pid_of(&mut table, &tuple, 30).is_err());
    assert_eq!(pid_of(&mut table, &tuple, 31), Ok(4));
}

#[test]
fn a_closed_socket_is_kept_for_a_while_and_an_open_one_for_long() {
    let mut table = SocketTable::new();
    let (first, second) = (tuple(LOCAL, REMOTE), tuple("192.0.2.7:40001", REMOTE));
    opened(&mut table, 10, first, 1);
    opened(&mut table, 10, second, 2);
    closed(&mut table, 11, first);
    table.handle_timeout(at(11).saturating_add(CLOSED_KEPT));
    assert_eq!(pid_of(&mut table, &first, 10), Ok(1));
    table.handle_timeout(at(12).saturating_add(CLOSED_KEPT));
    assert_eq!(pid_of(&mut table, &first, 10), Err(REASON_NOT_SEEN));
    assert_eq!(pid_of(&mut table, &second, 10), Ok(2));
    table.handle_timeout(at(11).saturating_add(OPEN_KEPT));
    assert!(table.is_empty());
}

#[test]
fn a_later_user_stands_beside_the_owner() {
    let mut table = SocketTable::new();
    let tuple = tuple(LOCAL, REMOTE);
    opened(&mut table, 10, tuple, 1);
    for pid in [1, 2] {
        table.handle_event(SocketEvent::UsedBy {
            at: at(12),
            tuple,
            process: owner(pid).process,
        });
    }
    let owned = table.owner(&tuple, at(10)).unwrap();
    assert_eq!(owned.owner.process.pid, 1);
    assert_eq!(owned.later_user.as_deref(), Some("program 2"));
}

#[test]
fn the_other_end_on_loopback_is_another_socket() {
    let mut table = SocketTable::new();
    let client = tuple("127.0.0.1:40000", "127.0.0.1:11434");
    opened(&mut table, 10, client, 1);
    opened(&mut table, 10, client.reversed(), 2);
    assert_eq!(pid_of(&mut table, &client, 10), Ok(1));
    assert_eq!(pid_of(&mut table, &client.reversed(), 10), Ok(2));
}

#[test]
fn mapped_addresses_and_sockets_on_no_address_are_found() {
    let mut table = SocketTable::new();
    let mapped = tuple("[::ffff:192.0.2.7]:40000", "[::ffff:198.51.100.1]:443");
    opened(&mut table, 10, mapped, 1);
    let plain = tuple(LOCAL, REMOTE);
    assert_eq!(pid_of(&mut table, &plain, 10), Ok(1));
    let other = tuple("192.0.2.7:40001", REMOTE);
    opened(&mut table, 10, tuple("0.0.0.0:40001", REMOTE), 2);
    assert_eq!(pid_of(&mut table, &other, 10), Ok(2));
}

#[test]
fn a_translated_address_is_matched_only_when_one_socket_fits() {
    let mut table = SocketTable::new();
    table.set_local_addresses(&["192.0.2.7".parse().unwrap(), "192.0.2.8".parse().unwrap()]);
    let outside = tuple(LOCAL, REMOTE);
    opened(&mut table, 10, tuple("172.17.0.2:40000", REMOTE), 1);
    opened(&mut table, 10, tuple("192.0.2.8:40000", REMOTE), 9);
    let owned = table.owner(&outside, at(11)).unwrap();
    assert_eq!(owned.owner.process.pid, 1);
    assert_eq!(owned.owner.quality, MatchQuality::Polled);
    assert!(!owned.owner.reason.is_empty());
    assert!(table.owner(&outside, at(60)).is_err());
    opened(&mut table, 11, tuple("172.17.0.3:40000", REMOTE), 2);
    assert!(table.owner(&outside, at(11)).is_err());
}

#[test]
fn the_cap_holds_and_what_it_costs_is_counted() {
    let mut table = SocketTable::new();
    let many = u32::try_from(MAX_SOCKETS).unwrap() + 100;
    let nth = |n: u32| {
        let local = std::net::SocketAddr::from((std::net::Ipv4Addr::from(0x0a00_0000 + n), 40_000));
        FiveTuple {
            orig: local,
            ..tuple(LOCAL, REMOTE)
        }
    };
    for n in 0..many {
        opened(&mut table, 10 + i64::from(n / 1_000), nth(n), n);
        if n % 2 == 0 && n < 120 {
            closed(&mut table, 10 + i64::from(n / 1_000), nth(n));
        }
    }
    assert_eq!(table.len(), MAX_SOCKETS);
    let counts = std::collections::BTreeMap::from(table.counters());
    assert_eq!(counts["sockets_evicted_closed"], 60);
    assert_eq!(counts["sockets_evicted_open"], 40);
    assert_eq!(pid_of(&mut table, &nth(many - 1), 100), Ok(many - 1));
}

/// A socket as the model keeps it.
#[derive(Clone, Debug)]
struct Known {
    tuple: FiveTuple,
    pid: u32,
    from: i64,
    to: Option<i64>,
}

/// What the table must say at most: whoever had the tuple at that time, when that is one program.
fn expected(model: &[Known], tuple: &FiveTuple, started: i64) -> Option<u32> {
    let skew = i64::try_from(SKEW.as_nanos()).unwrap();
    let mut fitting: Vec<u32> = model
        .iter()
        .filter(|known| known.tuple == *tuple && known.from <= started + skew)
        .filter(|known| known.to.is_none_or(|to| to + skew >= started))
        .map(|known| known.pid)
        .collect();
    fitting.sort_unstable();
    fitting.dedup();
    match fitting.as_slice() {
        [one] => Some(*one),
        _ => None,
    }
}

proptest! {
    /// Any order of opening, closing and asking gives what a model without bounds gives.
    #[test]
    fn the_table_says_what_the_model_says(
        steps in prop::collection::vec((0..3_u8, 0..4_u16, 1..5_u32, 0..200_i64), 1..120),
    ) {
        let mut table = SocketTable::new();
        let mut model: Vec<Known> = Vec::new();
        let mut now = 1_000 * SECOND;
        for (what, port, pid, wait) in steps {
            now += wait * 1_000_000;
            let tuple = FiveTuple {
                orig: ([192, 0, 2, 7], 40_000 + port).into(),
                ..tuple(LOCAL, REMOTE)
            };
            let open = model.iter().position(|known| known.tuple == tuple && known.to.is_none());
            match what {
                0 => {
                    table.handle_event(SocketEvent::Opened {
                        at: Timestamp::from_nanos(now), tuple, owner: owner(pid),
                    });
                    if open.is_none_or(|open| model[open].pid != pid) {
                        if let Some(open) = open {
                            model[open].to = Some(now);
                        }
                        model.push(Known { tuple, pid, from: now, to: None });
                    }
                }
                1 => {
                    table.handle_event(SocketEvent::Counted {
                        at: Timestamp::from_nanos(now), tuple,
                        counters: SocketCounters::default(), closed: true,
                    });
                    if let Some(open) = open {
                        model[open].to = Some(now);
                    }
                }
                _ => {
                    let started = now - wait * 500_000;
                    let said = table
                        .owner(&tuple, Timestamp::from_nanos(started))
                        .ok()
                        .map(|owned| owned.owner.process.pid);
                    prop_assert_eq!(said, expected(&model, &tuple, started));
                }
            }
            // Nothing here is as old as what the table forgets.
            prop_assert!(now < 1_000 * SECOND + i64::try_from(CLOSED_KEPT.as_nanos()).unwrap());
        }
    }
}
