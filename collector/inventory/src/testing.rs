//! Made-up sightings for tests of this crate and of stores: the same seed gives the same, few
//! enough values that keys meet, and the content of a key and revision is always the same.

use std::net::{IpAddr, Ipv4Addr};
use std::time::Duration;

use crate::{
    Attribute, Attribution, Client, ClientClass, Confidence, ConfidenceLevel, CoverageWindow,
    DeviceIdentity, Epoch, Evidence, MatchQuality, Package, ParentProcess, ProcessIdentity,
    SensorId, Sighting, SightingKey, Specificity, Stage, StageLimit, Timestamp,
};

/// Start of the first window of everything made here: 2026-01-01T00:00:00Z.
pub const START: Timestamp = Timestamp::from_nanos(1_767_225_600_000_000_000);
/// Length of every window made here.
pub const WINDOW: Duration = Duration::from_secs(3600);
/// Services of the sightings made here.
pub const SERVICES: [&str; 4] = ["anthropic-api", "azure-openai", "chatgpt", "openai-api"];

/// Sensors of everything made here.
#[must_use]
pub fn sensors() -> [SensorId; 3] {
    ["s-anna", "s-ben", "s-tap"].map(SensorId::new)
}

/// Splitmix64: small, and good enough to choose test data.
#[derive(Clone, Debug)]
pub struct Random(u64);

impl Random {
    /// Begins at a seed.
    #[must_use]
    pub const fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// The next number.
    pub fn number(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A number below `bound`.
    pub fn below(&mut self, bound: u64) -> u64 {
        self.number() % bound.max(1)
    }

    /// An index below `bound`.
    pub fn index(&mut self, bound: usize) -> usize {
        let bound = u64::try_from(bound).unwrap_or(u64::MAX);
        usize::try_from(self.below(bound)).unwrap_or(0)
    }

    fn pick<T: Clone>(&mut self, from: &[T]) -> Option<T> {
        from.get(self.index(from.len())).cloned()
    }

    fn maybe(&mut self, text: &str) -> Option<String> {
        (self.below(2) == 0).then(|| text.to_owned())
    }
}

/// Sightings of the three sensors, over `windows` hours.
#[must_use]
pub fn sightings(seed: u64, count: usize, windows: u64) -> Vec<(SensorId, Sighting)> {
    let mut random = Random::new(seed);
    (0..count).map(|_| sighting(&mut random, windows)).collect()
}

fn sighting(random: &mut Random, windows: u64) -> (SensorId, Sighting) {
    let [anna, ben, tap] = sensors();
    let vlan = (random.below(2) == 0).then_some(12);
    let address = IpAddr::V4(Ipv4Addr::new(10, 0, 0, low_byte(random.below(3))));
    let mac = [2, 0, 0, 0, 0, low_byte(random.below(3))];
    let (sensor, device) = match random.below(4) {
        0 => (anna, DeviceIdentity::Enrolled),
        1 => (ben, DeviceIdentity::Enrolled),
        2 => (tap, DeviceIdentity::Mac { mac, vlan }),
        _ => (tap, DeviceIdentity::Address { address, vlan }),
    };
    let window_start = START.saturating_add(WINDOW * small(random.below(windows)));
    let key = SightingKey {
        epoch: Epoch([low_byte(random.below(2)); 16]),
        device,
        window_start,
        service: random.pick(&SERVICES).unwrap_or_default().to_owned(),
        surface: random.pick(&["api", "web"]).unwrap_or_default().to_owned(),
        tenant: random.maybe("contoso-prod"),
        process: random.maybe("curl"),
        user: random.maybe("u-7f3a"),
    };
    let revision = small(random.below(4)).saturating_add(1);
    let sighting = content(key, revision);
    (sensor, sighting)
}

/// The one content of a key and revision.
#[must_use]
pub fn content(key: SightingKey, revision: u32) -> Sighting {
    let seed = format!("{key:?} {revision}");
    let seed = seed.bytes().fold(7u64, |hash, byte| {
        hash.wrapping_mul(31).wrapping_add(byte.into())
    });
    let mut random = Random::new(seed);
    let first_seen = key
        .window_start
        .saturating_add(Duration::from_secs(random.below(1800)));
    let last_seen = first_seen.saturating_add(Duration::from_secs(random.below(1800)));
    let items = random.below(4);
    let evidence = (0..items).map(|item| evidence(&mut random, item, first_seen, last_seen));
    let evidence = evidence.collect();
    let exact = key.process.is_some();
    let observed = matches!(key.device, DeviceIdentity::Mac { .. });
    let mut sighting = Sighting {
        revision,
        stage: random.pick(Stage::ALL).unwrap_or(Stage::Used),
        stage_limit: (random.below(3) == 0).then_some(StageLimit::OneDirection),
        first_seen,
        last_seen,
        flow_count: random.below(100),
        bytes_out: random.below(1 << 30),
        bytes_in: random.below(1 << 30),
        evidence,
        confidence: Confidence {
            level: random
                .pick(ConfidenceLevel::ALL)
                .unwrap_or(ConfidenceLevel::Low),
            factors: vec!["name seen in clear".to_owned()],
            does_not_prove: vec!["that a prompt was sent".to_owned()],
        },
        attribution: Attribution {
            quality: if exact {
                MatchQuality::Exact
            } else {
                MatchQuality::Unknown
            },
            reason: if exact {
                String::new()
            } else {
                "seen from the network".to_owned()
            },
            process: exact.then(|| ProcessIdentity {
                pid: small(random.below(1000)),
                start_time: Some(key.window_start),
                executable: "/usr/bin/curl".to_owned(),
                name: "curl".to_owned(),
                ..ProcessIdentity::default()
            }),
            client: Client::default(),
            later_user: None,
        },
        sealed_user: Vec::new(),
        catalogue_version: "2026.11.20+ab12cd34".to_owned(),
        specificity: random
            .pick(&[Specificity::Exclusive, Specificity::Shared])
            .unwrap_or(Specificity::Shared),
        device_names: random.maybe("Printer-2").into_iter().collect(),
        device_address: observed.then_some(IpAddr::V4(Ipv4Addr::new(10, 0, 9, 9))),
        key,
    };
    on_the_endpoint(&mut sighting, &mut random);
    sighting
}

/// What only an agent on the device itself knows. Drawn last, so that the rest is what it was before there was any.
fn on_the_endpoint(sighting: &mut Sighting, random: &mut Random) {
    if let Some(user) = &sighting.key.user {
        sighting.sealed_user = format!("sealed name of {user}").into_bytes();
    }
    for item in &mut sighting.evidence {
        let transport = random.pick(&["stdio", "http"]).unwrap_or_default();
        item.attributes = (random.maybe(transport).into_iter())
            .map(|value| Attribute {
                name: "transport".to_owned(),
                value,
            })
            .collect();
    }
    let Some(process) = &mut sighting.attribution.process else {
        return;
    };
    process.command = random.maybe("python -m aider");
    process.sha256 = random.maybe(&"5a".repeat(32));
    process.container = random.maybe("4f1c20");
    process.package = random.maybe("curl").map(|name| Package {
        kind: "deb".to_owned(),
        name,
    });
    process.parents = (0..random.below(3))
        .map(|pid| ParentProcess {
            pid: small(pid),
            name: "bash".to_owned(),
        })
        .collect();
    sighting.attribution.later_user = random.maybe("nc");
    sighting.attribution.client = Client {
        class: random
            .pick(&[ClientClass::CliAgent, ClientClass::SdkScript])
            .unwrap_or_default(),
        reason: "by its program file".to_owned(),
    };
}

/// The sighting as a collector kept it that knew nothing of endpoints.
#[must_use]
pub fn from_the_network(mut sighting: Sighting) -> Sighting {
    sighting.sealed_user.clear();
    for item in &mut sighting.evidence {
        item.attributes.clear();
    }
    let attribution = &mut sighting.attribution;
    attribution.client = Client::default();
    attribution.later_user = None;
    if let Some(process) = &mut attribution.process {
        *process = ProcessIdentity {
            pid: process.pid,
            start_time: process.start_time,
            executable: std::mem::take(&mut process.executable),
            name: std::mem::take(&mut process.name),
            ..ProcessIdentity::default()
        };
    }
    sighting
}

fn evidence(random: &mut Random, item: u64, first: Timestamp, last: Timestamp) -> Evidence {
    Evidence {
        kind: random
            .pick(&["tls_sni", "dns_query"])
            .unwrap_or_default()
            .to_owned(),
        value: format!("host{item}.example"),
        indicator: "suffix:example".to_owned(),
        catalogue_version: "2026.11.20+ab12cd34".to_owned(),
        count: random.below(50),
        first_seen: first,
        last_seen: last,
        attributes: Vec::new(),
    }
}

/// One window of coverage for the `window`-th hour.
#[must_use]
pub fn window(epoch: u8, window: u32, revision: u32) -> CoverageWindow {
    let window_start = START.saturating_add(WINDOW * window);
    let number = u64::from(revision);
    CoverageWindow {
        epoch: Epoch([epoch; 16]),
        window_start,
        window_length: WINDOW,
        revision,
        first_seen: window_start,
        last_seen: window_start.saturating_add(Duration::from_secs(number.saturating_mul(600))),
        closed: false,
        replay: false,
        frames: number.saturating_mul(1000),
        bytes: number.saturating_mul(700_000),
        frames_dropped: number,
        flows: number.saturating_mul(100),
        flows_named: number.saturating_mul(90),
        flows_hidden: number.saturating_mul(4),
        flows_unnamed: number.saturating_mul(6),
        flows_mid_stream: number,
        flows_evicted: 0,
        flows_encrypted_dns: number,
        flows_tunnelled: 0,
        rejects: vec![("decode_truncated".to_owned(), number)],
    }
}

fn small(number: u64) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

fn low_byte(number: u64) -> u8 {
    u8::try_from(number).unwrap_or(u8::MAX)
}
