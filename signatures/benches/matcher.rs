//! How long one look-up takes, over the catalogue of the program and over a synthetic one of 5,000 names.
//!
//! `cargo bench -p signatures`. Every time is for a batch of names; criterion's throughput line gives names a second.
//! What catalogues take in memory is printed first, where `/proc` tells it.

use std::hint::black_box;
use std::sync::Arc;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use signatures::Catalogue;

/// Services of the synthetic catalogue, five names each.
const SERVICES: usize = 1_000;

/// Names that a browser asks for all day and that are in no catalogue of AI services.
const STRANGERS: &[&str] = &[
    "www.google.com",
    "fonts.gstatic.com",
    "www.youtube.com",
    "i.ytimg.com",
    "static.xx.fbcdn.net",
    "outlook.office365.com",
    "teams.microsoft.com",
    "safebrowsing.googleapis.com",
    "e1234.dscb.akamaiedge.net",
    "ocsp.digicert.com",
    "d2wy8f7a9ursnm.cloudfront.net",
    "update.code.visualstudio.com",
    "s3.eu-central-1.amazonaws.com",
    "de.wikipedia.org",
    "news.ycombinator.com",
    "printer.corp.example",
];

fn synthetic() -> Result<Catalogue, signatures::LoadError> {
    let files = (0..SERVICES).map(|number| {
        let text = format!(
            "[[service]]\nid = \"service-{number}\"\nname = \"Service {number}\"\n\
             vendor = \"Vendor {number}\"\ncategory = \"other\"\nlast_checked = \"2026-11-20\"\n\
             sources = [\"bench\"]\n[service.examples]\nmatch = [\"x\"]\nnear_miss = [\"y\"]\n\
             [[service.names]]\nsurface = \"web\"\nconfidence = \"vendor-doc\"\n\
             sources = [\"bench\"]\nexact = [\"app.service{number}.com\", \"api.service{number}.com\"]\n\
             suffix = [\"service{number}.com\", \"cdn-{number}.net\", \"eu.deep.name{number}.io\"]\n"
        );
        (format!("{number}.toml"), text)
    });
    Catalogue::load(&files.collect::<Vec<_>>())
}

/// Names that the synthetic catalogue lists, spread over all of it.
fn listed() -> Vec<String> {
    (0..SERVICES)
        .step_by(7)
        .flat_map(|number| {
            [
                format!("api.service{number}.com"),
                format!("WWW.Service{number}.com"),
                format!("a.b.c.cdn-{number}.net"),
                format!("x.eu.deep.name{number}.io."),
            ]
        })
        .collect()
}

/// Strangers that differ, so that the cache does not answer for the table.
fn many_strangers() -> Vec<String> {
    (0..2_000)
        .map(|number| format!("host-{number}.site{}.com", number * 7_919 % 10_007))
        .collect()
}

/// Resident memory of this process in bytes, where the system tells.
#[expect(clippy::disallowed_methods, reason = "a measurement of this process")]
fn resident() -> Option<usize> {
    let text = std::fs::read_to_string("/proc/self/statm").ok()?;
    let pages: usize = text.split(' ').nth(1)?.parse().ok()?;
    Some(pages * 4_096)
}

/// Runs something and prints how much more memory it left in use.
#[expect(clippy::print_stderr, reason = "a measurement is printed")]
fn measured<T>(label: &str, run: impl FnOnce() -> T) -> T {
    let before = resident();
    let result = run();
    if let (Some(before), Some(after)) = (before, resident()) {
        let more = after.saturating_sub(before) / 1_024;
        eprintln!("{label}: {more} KiB resident more");
    }
    result
}

/// The catalogue of the program, first as it starts, then with every service read.
fn measured_builtin() -> Arc<Catalogue> {
    let names = owned(&["api.openai.com", "x.openai.azure.com", "host.example"]);
    let catalogue = measured("builtin, as a program starts with it", || {
        let catalogue = Arc::clone(Catalogue::builtin());
        for name in &names {
            black_box(catalogue.matcher().match_name(name.as_bytes()));
        }
        catalogue
    });
    let bytes = catalogue.compiled_bytes() / 1_024;
    measured(
        &format!("builtin, all services read, {bytes} KiB compiled"),
        || {
            black_box(catalogue.services().count());
        },
    );
    catalogue
}

fn bench(criterion: &mut Criterion, label: &str, catalogue: &Catalogue, names: &[String]) {
    let mut group = criterion.benchmark_group("match_name");
    group.throughput(Throughput::Elements(
        u64::try_from(names.len()).unwrap_or(u64::MAX),
    ));
    group.bench_function(label, |bencher| {
        bencher.iter(|| {
            let found = names.iter().filter(|name| {
                catalogue
                    .matcher()
                    .match_name(black_box(name.as_bytes()))
                    .is_some()
            });
            black_box(found.count())
        });
    });
    group.finish();
}

fn owned(names: &[&str]) -> Vec<String> {
    names.iter().map(|name| (*name).into()).collect()
}

fn all(criterion: &mut Criterion) {
    let builtin = measured_builtin();
    let Ok(large) = measured("5,000 names, loaded from TOML", synthetic) else {
        return;
    };
    bench(criterion, "large/strangers", &large, &owned(STRANGERS));
    bench(criterion, "large/many strangers", &large, &many_strangers());
    bench(criterion, "large/listed", &large, &listed());
    bench(criterion, "builtin/strangers", &builtin, &owned(STRANGERS));
    let hits = [
        "api.openai.com",
        "www.claude.ai",
        "gateway.ai.cloudflare.com",
        "www.bing.com",
    ];
    bench(criterion, "builtin/listed", &builtin, &owned(&hits));
    let captures = [
        "contoso-prod.openai.azure.com",
        "bedrock-runtime.us-east-1.amazonaws.com",
    ];
    bench(criterion, "builtin/captures", &builtin, &owned(&captures));
}

criterion_group!(matcher, all);
criterion_main!(matcher);
