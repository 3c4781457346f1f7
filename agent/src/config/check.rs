//! From settings as they were typed to settings as they are meant; each check adds its problem.

use std::fmt::Display;
use std::ops::RangeInclusive;
use std::time::Duration;

use super::checker::Checker;
use super::problem::Problem;
use super::raw::{self, Raw};
use super::walk::At;
use super::{Backend, Capture, Catalogue, Config, Filter, LogFormat, Mode, Proxy};

/// Capture threads that one interface may have.
const QUEUES: RangeInclusive<i64> = 1..=64;
/// Interfaces that one agent may capture on.
const MAX_INTERFACES: usize = 64;
/// Longest name of a network interface on any of our systems, in bytes.
const MAX_INTERFACE_NAME: usize = 255;
/// Flows that one queue may track.
const FLOWS: RangeInclusive<i64> = 256..=4_194_304;
/// Bytes of kernel buffer of one queue.
const RING_BYTES: RangeInclusive<u64> = 1 << 20..=1 << 30;
/// Bytes of the spool.
const SPOOL_BYTES: RangeInclusive<u64> = 1 << 20..=1 << 40;
/// Time between reports.
const REPORT_INTERVAL: RangeInclusive<Duration> =
    Duration::from_secs(1)..=Duration::from_secs(3600);
/// Length of a window.
const WINDOW: RangeInclusive<Duration> = Duration::from_secs(60)..=Duration::from_secs(86_400);

/// Makes settings from `raw`. What is wrong has its default and a problem.
pub(super) fn check(raw: Raw, problems: &mut Vec<Problem>) -> Config {
    let mut checker = Checker::new(problems);
    let default = Config::default();
    let mode = checker
        .one_of("mode", raw.mode, &MODES)
        .unwrap_or(default.mode);
    let state_dir = checker
        .path("state_dir", raw.state_dir)
        .unwrap_or(default.state_dir);
    let capture = checker.capture(raw.capture, mode);
    let collector = checker.address("collector.address", raw.collector.address);
    let proxy = checker.proxy(raw.proxy);
    let catalogue = Catalogue {
        public_key: checker.path("catalogue.public_key", raw.catalogue.public_key),
        local: checker.path("catalogue.local", raw.catalogue.local),
    };
    let attribution = checker.attribution(raw.attribution);
    let presence = checker.presence(raw.presence);
    let limits = checker.limits(raw.limits);
    let contact = checker.contact(raw.privacy.contact);
    let spool_bytes = checker
        .size("spool.max_size", raw.spool.max_size, SPOOL_BYTES)
        .unwrap_or(default.spool_bytes);
    let report_interval = checker
        .duration("report.interval", raw.report.interval, REPORT_INTERVAL)
        .unwrap_or(default.report_interval);
    let window = checker
        .duration("report.window", raw.report.window, WINDOW)
        .unwrap_or(default.window);
    let log_level = checker
        .log_level(raw.log.level)
        .unwrap_or(default.log_level);
    let log_format = checker
        .one_of("log.format", raw.log.format, &LOG_FORMATS)
        .unwrap_or(default.log_format);
    Config {
        mode,
        state_dir,
        capture,
        collector,
        proxy,
        catalogue,
        attribution,
        presence,
        limits,
        contact,
        spool_bytes,
        report_interval,
        window,
        log_level,
        log_format,
    }
}

const MODES: [(&str, Mode); 2] = [("endpoint", Mode::Endpoint), ("tap", Mode::Tap)];
const BACKENDS: [(&str, Backend); 3] = [
    ("auto", Backend::Auto),
    ("af_packet", Backend::AfPacket),
    ("pcap", Backend::Pcap),
];
const FILTERS: [(&str, Filter); 4] = [
    ("auto", Filter::Auto),
    ("ebpf", Filter::Ebpf),
    ("classic", Filter::Classic),
    ("off", Filter::Off),
];
const LOG_FORMATS: [(&str, LogFormat); 2] = [("text", LogFormat::Text), ("json", LogFormat::Json)];

impl Checker<'_> {
    fn capture(&mut self, raw: raw::Capture, mode: Mode) -> Capture {
        let default = Capture::default_for(mode);
        let interfaces = raw.interfaces.and_then(|typed| self.interfaces(typed));
        let backend = self
            .one_of("capture.backend", raw.backend, &BACKENDS)
            .unwrap_or(default.backend);
        let queues = raw
            .queues
            .and_then(|typed| self.within("capture.queues", typed, QUEUES, number))
            .and_then(|queues| u16::try_from(queues).ok())
            .unwrap_or(default.queues);
        let ring_bytes = self
            .size("capture.ring_size", raw.ring_size, RING_BYTES)
            .unwrap_or(default.ring_bytes);
        let max_flows = raw
            .max_flows
            .and_then(|typed| self.within("capture.max_flows", typed, FLOWS, number))
            .and_then(|flows| usize::try_from(flows).ok())
            .unwrap_or(default.max_flows);
        let filter = self.filter(raw.filter, mode).unwrap_or(default.filter);
        Capture {
            interfaces,
            backend,
            queues,
            ring_bytes,
            filter,
            max_flows,
        }
    }

    /// A tap sees the flows of others, of which the kernel knows no sockets: it reads every packet.
    fn filter(&mut self, typed: Option<At<String>>, mode: Mode) -> Option<Filter> {
        let line = typed.as_ref()?.line;
        let filter = self.one_of("capture.filter", typed, &FILTERS)?;
        if mode == Mode::Tap && filter != Filter::Off {
            self.add(
                line,
                "`capture.filter` has no effect on a tap, which reads every packet".to_owned(),
            );
            return None;
        }
        Some(filter)
    }

    fn interfaces(&mut self, typed: At<Vec<At<String>>>) -> Option<Vec<String>> {
        if typed.value.is_empty() {
            self.add(
                typed.line,
                "`capture.interfaces` is empty; leave it out to capture where the default route \
                 is"
                .to_owned(),
            );
            return None;
        }
        if typed.value.len() > MAX_INTERFACES {
            self.add(
                typed.line,
                format!("`capture.interfaces` may name {MAX_INTERFACES} interfaces at most"),
            );
        }
        let mut names: Vec<String> = Vec::new();
        for name in typed.value {
            let fits = !name.value.is_empty()
                && name.value.len() <= MAX_INTERFACE_NAME
                && !name.value.contains(|c: char| c.is_whitespace() || c == '/');
            if !fits {
                self.add(
                    name.line,
                    format!("{:?} is no name of an interface", name.value),
                );
            } else if names.contains(&name.value) {
                self.add(
                    name.line,
                    format!("`capture.interfaces` names {:?} more than once", name.value),
                );
            } else {
                names.push(name.value);
            }
        }
        Some(names)
    }

    fn proxy(&mut self, raw: raw::Proxy) -> Option<Proxy> {
        let password_file = self.path("proxy.password_file", raw.password_file.clone());
        let Some(url) = raw.url else {
            let orphans = [
                ("user", raw.user.map(|typed| typed.line)),
                ("password_file", raw.password_file.map(|typed| typed.line)),
                ("no_proxy", raw.no_proxy.map(|typed| typed.line)),
            ];
            for (key, line) in orphans {
                if let Some(line) = line {
                    self.add(
                        line,
                        format!("`proxy.{key}` has no effect without `proxy.url`"),
                    );
                }
            }
            return None;
        };
        if let (Some(typed), None) = (&raw.password_file, &raw.user) {
            self.add(
                typed.line,
                "`proxy.password_file` has no effect without `proxy.user`".to_owned(),
            );
        }
        match crate::ship::proxy::address(&url.value) {
            Ok((host, port)) => Some(Proxy {
                host,
                port,
                user: raw.user.map(|typed| typed.value),
                password_file,
                no_proxy: raw
                    .no_proxy
                    .map(|typed| typed.value.into_iter().map(|item| item.value).collect())
                    .unwrap_or_default(),
            }),
            Err(reason) => {
                self.add(url.line, format!("`proxy.url` {reason}"));
                None
            }
        }
    }

    fn log_level(&mut self, typed: Option<At<String>>) -> Option<String> {
        let typed = typed?;
        if crate::logging::is_filter(&typed.value) {
            return Some(typed.value);
        }
        self.add(
            typed.line,
            format!(
                "`log.level` must be \"error\", \"warn\", \"info\", \"debug\" or \"trace\" (or a \
             filter such as \"info,agent::ship=debug\"), but is {:?}",
                typed.value
            ),
        );
        None
    }
}

fn number(value: &impl Display) -> String {
    value.to_string()
}
