//! One flow's way from its first report to its attribution, with a host that is made up.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::*;
use crate::attribution::ClientClass;
use crate::device::Device;
use crate::finding::Specificity;
use crate::key::{FiveTuple, TransportProtocol};
use crate::report::FlowIdentity;

const SECOND: i64 = 1_000_000_000;

fn at(milliseconds: i64) -> Timestamp {
    Timestamp::from_nanos(1_000 * SECOND + milliseconds * 1_000_000)
}

fn process(pid: u32, executable: &str) -> Arc<ProcessIdentity> {
    Arc::new(ProcessIdentity {
        pid,
        executable: executable.to_owned(),
        ..ProcessIdentity::default()
    })
}

fn owner(pid: u32, quality: MatchQuality) -> SocketOwner {
    SocketOwner {
        process: process(pid, "/usr/bin/curl"),
        login: Some("alice".into()),
        quality,
        reason: "",
    }
}

fn socket(port: u16) -> ClientSocket {
    ClientSocket {
        tuple: FiveTuple {
            orig: ([192, 0, 2, 7], port).into(),
            resp: ([198, 51, 100, 1], 443).into(),
            transport: TransportProtocol::Tcp,
        },
        started: at(0),
    }
}

fn report(port: u16, bytes: u64) -> FlowReport {
    let socket = socket(port);
    FlowReport {
        source: 0,
        number: u64::from(port),
        flow: Some(FlowIdentity {
            community_id: socket.tuple.community_id(),
            tuple: socket.tuple,
            started: socket.started,
        }),
        socket: Some(socket),
        ja4: None,
        at: at(0),
        window_start: Timestamp::default(),
        device: Device::Enrolled,
        device_names: Vec::new(),
        service: "openai-api".parse().unwrap(),
        surface: signatures::Surface::Api,
        tenant: None,
        specificity: Specificity::Exclusive,
        stands_alone: true,
        stage: Stage::Contacted,
        stage_limit: None,
        first_seen: at(0),
        last_seen: at(0),
        bytes_out: bytes,
        bytes_in: 0,
        evidence: Vec::new(),
        catalogue_version: "1".into(),
        attribution: Attribution::unknown("not asked yet"),
        ended: false,
    }
}

/// A host whose tables of sockets are made up.
#[derive(Default)]
struct Host {
    owners: BTreeMap<u16, SocketOwner>,
    asked: usize,
}

impl Owners for Host {
    fn owner(&mut self, socket: &ClientSocket) -> Result<SocketOwner, &'static str> {
        self.asked += 1;
        let port = socket.tuple.orig.port();
        self.owners.get(&port).cloned().ok_or("no socket is there")
    }

    fn user(&mut self, login: &str) -> Result<User, &'static str> {
        if login == "nobody" {
            return Err("users are not reported");
        }
        Ok(User {
            label: format!("p-{login}"),
            sealed: Arc::default(),
        })
    }

    fn client(&mut self, _process: &ProcessIdentity, _ja4: Option<Ja4>) -> Client {
        Client {
            class: ClientClass::SdkScript,
            reason: "".into(),
        }
    }
}

/// An attributor, its host, and what came out.
struct Bench {
    attributor: Attributor,
    host: Host,
    out: Vec<FlowReport>,
}

impl Bench {
    fn new(events: bool) -> Self {
        Self {
            attributor: Attributor::new(AttributorConfig {
                events_since: events.then(|| at(-1_000)),
            }),
            host: Host::default(),
            out: Vec::new(),
        }
    }

    fn record(&mut self, report: FlowReport, milliseconds: i64) {
        let out = &mut self.out;
        self.attributor
            .record(report, at(milliseconds), &mut self.host, &mut |report| {
                out.push(report);
            });
    }

    fn pass(&mut self, milliseconds: i64) {
        let out = &mut self.out;
        self.attributor
            .handle_timeout(at(milliseconds), &mut self.host, &mut |report| {
                out.push(report);
            });
    }

    fn opened(&mut self, port: u16, owner: SocketOwner) {
        self.attributor.handle_event(SocketEvent::Opened {
            at: at(0),
            tuple: socket(port).tuple,
            owner,
        });
    }

    fn pids(&self) -> Vec<Option<u32>> {
        let pid = |report: &FlowReport| Some(report.attribution.process.as_ref()?.pid);
        self.out.iter().map(pid).collect()
    }
}

#[test]
fn what_the_kernel_told_is_exact_and_nobody_is_asked() {
    let mut bench = Bench::new(true);
    bench.opened(1, owner(7, MatchQuality::Exact));
    bench.record(report(1, 10), 5);
    assert_eq!(bench.pids(), [Some(7)]);
    let attribution = &bench.out[0].attribution;
    assert_eq!(attribution.quality, MatchQuality::Exact);
    assert_eq!(attribution.user.as_ref().unwrap().label, "p-alice");
    assert_eq!(attribution.client.class, ClientClass::SdkScript);
    assert_eq!(bench.host.asked, 0);
}

#[test]
fn a_user_who_may_not_be_named_is_left_out_with_the_reason() {
    let mut bench = Bench::new(true);
    let mut unnamed = owner(7, MatchQuality::Exact);
    unnamed.login = Some("nobody".into());
    bench.opened(1, unnamed);
    bench.record(report(1, 10), 5);
    let attribution = &bench.out[0].attribution;
    assert_eq!(attribution.quality, MatchQuality::Exact);
    assert_eq!(attribution.user, None);
    assert_eq!(attribution.reason, "users are not reported");
}

#[test]
fn the_kernels_word_that_comes_late_goes_before_what_was_asked() {
    let mut bench = Bench::new(true);
    bench.host.owners.insert(1, owner(8, MatchQuality::Polled));
    bench.record(report(1, 10), 5);
    bench.record(report(1, 20), 6);
    assert!(bench.out.is_empty());
    bench.opened(1, owner(7, MatchQuality::Exact));
    bench.pass(7);
    assert_eq!(bench.pids(), [Some(7), Some(7)]);
    let bytes: Vec<u64> = bench.out.iter().map(|report| report.bytes_out).collect();
    assert_eq!(bytes, [10, 20]);
    assert_eq!(bench.host.asked, 1);
}

#[test]
fn after_the_hold_what_was_asked_is_taken_and_kept() {
    let mut bench = Bench::new(true);
    bench.host.owners.insert(1, owner(8, MatchQuality::Polled));
    bench.record(report(1, 10), 5);
    bench.record(report(2, 10), 5);
    assert_eq!(bench.attributor.poll_timeout(), Some(at(505)));
    bench.pass(505);
    assert_eq!(bench.pids(), [Some(8), None]);
    assert_eq!(bench.out[1].attribution.reason, "no socket is there");
    // What is learnt later changes nothing: the key of the finding holds the program.
    bench.opened(1, owner(7, MatchQuality::Exact));
    bench.record(report(1, 30), 900);
    bench.record(report(2, 30), 900);
    assert_eq!(bench.pids(), [Some(8), None, Some(8), None]);
    assert_eq!(bench.host.asked, 2);
}

#[test]
fn without_events_the_answer_is_taken_at_once() {
    let mut bench = Bench::new(false);
    bench.host.owners.insert(1, owner(8, MatchQuality::Polled));
    bench.record(report(1, 10), 5);
    bench.record(report(2, 10), 5);
    assert_eq!(bench.pids(), [Some(8), None]);
}

#[test]
fn a_holder_that_is_younger_than_the_flow_is_not_its_owner() {
    let mut bench = Bench::new(false);
    let mut young = owner(8, MatchQuality::Polled);
    young.process = Arc::new(ProcessIdentity {
        pid: 8,
        start_time: at(2_000),
        ..ProcessIdentity::default()
    });
    bench.host.owners.insert(1, young);
    bench.record(report(1, 10), 3_000);
    assert_eq!(bench.pids(), [None]);
    assert_eq!(bench.out[0].attribution.reason, REASON_TOO_YOUNG);
}

#[test]
fn a_look_up_by_the_resolver_of_the_system_names_no_program() {
    let mut bench = Bench::new(true);
    let mut resolver = owner(9, MatchQuality::Exact);
    resolver.process = process(9, "/usr/lib/systemd/systemd-resolved");
    bench.opened(1, resolver.clone());
    bench.opened(2, owner(7, MatchQuality::Exact));
    for port in [1, 2] {
        let mut look_up = report(port, 0);
        look_up.flow = None;
        look_up.stage = Stage::Resolved;
        look_up.ended = true;
        bench.record(look_up, 5);
    }
    assert_eq!(bench.pids(), [None, Some(7)]);
    assert!(bench.out[0].attribution.reason.contains("systemd-resolved"));
    // Its own connections are its own.
    bench.opened(3, resolver);
    bench.record(report(3, 10), 6);
    assert_eq!(bench.pids(), [None, Some(7), Some(9)]);
}

#[test]
fn reports_without_a_socket_pass_as_they_are() {
    let mut bench = Bench::new(true);
    let mut trace = report(1, 0);
    trace.socket = None;
    bench.record(trace.clone(), 5);
    assert_eq!(bench.out, [trace]);
}

#[test]
fn the_end_decides_everything_and_a_flood_does_not_wait() {
    let mut bench = Bench::new(true);
    let many = u16::try_from(MAX_WAITING).unwrap() + 10;
    for port in 0..many {
        bench.record(report(port, 1), 5);
    }
    assert_eq!(bench.out.len(), 10);
    let Bench {
        attributor,
        host,
        out,
    } = &mut bench;
    attributor.finish(host, &mut |report| out.push(report));
    assert_eq!(bench.out.len(), usize::from(many));
    let counts: BTreeMap<_, _> = bench.attributor.counters().collect();
    assert_eq!(counts["flows_not_held_over_cap"], 10);
}
