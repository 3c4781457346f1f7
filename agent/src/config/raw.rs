//! The configuration file as it was typed: every key it may hold, with its line.

use super::problem::Problem;
use super::walk::{At, Document, Section};

/// All settings; what is absent has its default later.
#[derive(Default, Debug)]
pub(super) struct Raw {
    pub(super) mode: Option<At<String>>,
    pub(super) state_dir: Option<At<String>>,
    pub(super) capture: Capture,
    pub(super) collector: Collector,
    pub(super) proxy: Proxy,
    pub(super) catalogue: Catalogue,
    pub(super) attribution: Attribution,
    pub(super) presence: Presence,
    pub(super) limits: Limits,
    pub(super) privacy: Privacy,
    pub(super) spool: Spool,
    pub(super) report: Report,
    pub(super) log: Log,
}

/// `[capture]`
#[derive(Default, Debug)]
pub(super) struct Capture {
    pub(super) interfaces: Option<At<Vec<At<String>>>>,
    pub(super) backend: Option<At<String>>,
    pub(super) queues: Option<At<i64>>,
    pub(super) ring_size: Option<At<String>>,
    pub(super) filter: Option<At<String>>,
    pub(super) max_flows: Option<At<i64>>,
}

/// `[collector]`
#[derive(Default, Debug)]
pub(super) struct Collector {
    pub(super) address: Option<At<String>>,
}

/// `[proxy]`
#[derive(Default, Debug)]
pub(super) struct Proxy {
    pub(super) url: Option<At<String>>,
    pub(super) user: Option<At<String>>,
    pub(super) password_file: Option<At<String>>,
    pub(super) no_proxy: Option<At<Vec<At<String>>>>,
}

/// `[catalogue]`
#[derive(Default, Debug)]
pub(super) struct Catalogue {
    pub(super) public_key: Option<At<String>>,
    pub(super) local: Option<At<String>>,
}

/// `[attribution]`
#[derive(Default, Debug)]
pub(super) struct Attribution {
    pub(super) backend: Option<At<String>>,
}

/// `[presence]`
#[derive(Default, Debug)]
pub(super) struct Presence {
    pub(super) enabled: Option<At<bool>>,
    pub(super) interval: Option<At<String>>,
    pub(super) parts: Option<At<Vec<At<String>>>>,
}

/// `[limits]`
#[derive(Default, Debug)]
pub(super) struct Limits {
    pub(super) cpu_percent: Option<At<i64>>,
    pub(super) memory: Option<At<String>>,
}

/// `[privacy]`
#[derive(Default, Debug)]
pub(super) struct Privacy {
    pub(super) contact: Option<At<String>>,
}

/// `[spool]`
#[derive(Default, Debug)]
pub(super) struct Spool {
    pub(super) max_size: Option<At<String>>,
}

/// `[report]`
#[derive(Default, Debug)]
pub(super) struct Report {
    pub(super) interval: Option<At<String>>,
    pub(super) window: Option<At<String>>,
}

/// `[log]`
#[derive(Default, Debug)]
pub(super) struct Log {
    pub(super) level: Option<At<String>>,
    pub(super) format: Option<At<String>>,
}

/// Reads `text`; what does not fit is in the second value, by line.
pub(super) fn read(text: &str) -> (Raw, Vec<Problem>) {
    let mut document = Document::new(text);
    let table = document.parse();
    let mut root = Section::root(&mut document, table.get_ref());
    let raw = Raw {
        mode: root.string("mode"),
        state_dir: root.string("state_dir"),
        capture: root.section("capture", |section| Capture {
            interfaces: section.strings("interfaces"),
            backend: section.string("backend"),
            queues: section.integer("queues"),
            ring_size: section.quantity("ring_size"),
            filter: section.string("filter"),
            max_flows: section.integer("max_flows"),
        }),
        collector: root.section("collector", |section| Collector {
            address: section.string("address"),
        }),
        proxy: root.section("proxy", |section| Proxy {
            url: section.string("url"),
            user: section.string("user"),
            password_file: section.string("password_file"),
            no_proxy: section.strings("no_proxy"),
        }),
        catalogue: root.section("catalogue", |section| Catalogue {
            public_key: section.string("public_key"),
            local: section.string("local"),
        }),
        attribution: root.section("attribution", |section| Attribution {
            backend: section.string("backend"),
        }),
        presence: root.section("presence", |section| Presence {
            enabled: section.flag("enabled"),
            interval: section.quantity("interval"),
            parts: section.strings("parts"),
        }),
        limits: root.section("limits", |section| Limits {
            cpu_percent: section.integer("cpu_percent"),
            memory: section.quantity("memory"),
        }),
        privacy: root.section("privacy", |section| Privacy {
            contact: section.string("contact"),
        }),
        spool: root.section("spool", |section| Spool {
            max_size: section.quantity("max_size"),
        }),
        report: root.section("report", |section| Report {
            interval: section.quantity("interval"),
            window: section.quantity("window"),
        }),
        log: root.section("log", |section| Log {
            level: section.string("level"),
            format: section.string("format"),
        }),
    };
    root.end();
    (raw, document.problems)
}
