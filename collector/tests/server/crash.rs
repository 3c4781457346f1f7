//! What was acknowledged survives SIGKILL; what was not is sent again and counts
//! once.

use std::collections::BTreeMap;

use collector::clock;
use collector::enrol::{Authority, Token};
use rcgen::CertificateParams;
use store::Sqlite;

use crate::client::{Identity, Reporting, channel_to, csr, enrol_with, tls};
use crate::messages::{batch, finding};
use crate::process::{Process, run, stdout};
use crate::site::sightings;

const BATCHES: u64 = 40;
const PER_BATCH: u64 = 50;

fn findings(number: u64) -> Vec<proto::v1::Finding> {
    // Every third batch repeats keys of the one before in a higher revision.
    let (base, revision) = if number % 3 == 2 {
        (number - 1, 2)
    } else {
        (number, 1)
    };
    (0..PER_BATCH)
        .map(|n| finding(base * PER_BATCH + n, revision))
        .collect()
}

fn expected() -> BTreeMap<String, u32> {
    let mut expected = BTreeMap::new();
    for finding in (0..BATCHES).flat_map(findings) {
        let highest = expected.entry(finding.key.unwrap().service_id).or_insert(0);
        *highest = finding.revision.max(*highest);
    }
    expected
}

fn kept(store: &Sqlite) -> BTreeMap<String, u32> {
    let sightings = sightings(store);
    sightings
        .into_iter()
        .map(|sighting| (sighting.key.service, sighting.revision))
        .collect()
}

pub(crate) async fn enrolled(folder: &std::path::Path, process: &Process) -> (Authority, Identity) {
    let config = folder.join("collector.toml");
    let token = run(&["token", "create", "--config", config.to_str().unwrap()]);
    let token = Token::decode(&stdout(&token)).unwrap();
    let authority = Authority::open(&folder.join("data"), clock::now()).unwrap();
    let (key, csr) = csr(&CertificateParams::default());
    let channel = channel_to(process.address, tls(&authority, None))
        .await
        .unwrap();
    let answer = enrol_with(channel, &token, csr).await.unwrap();
    (authority, Identity::new(&answer, &key))
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_acknowledged_is_lost_and_nothing_counts_twice() {
    let folder = tempfile::tempdir().unwrap();
    let mut process = Process::start(folder.path());
    let (authority, identity) = enrolled(folder.path(), &process).await;
    let mut acknowledged = 0;
    // Killed with one batch in flight after 1, 2, 3 .. acknowledgements, so at
    // other points of a batch each time.
    for round in 1.. {
        let config = tls(&authority, Some(&identity));
        let channel = channel_to(process.address, config).await.unwrap();
        let mut stream = Reporting::open(channel).await.unwrap();
        for _ in 0..round {
            if acknowledged == BATCHES {
                break;
            }
            let ack = stream
                .report(batch(acknowledged + 1, findings(acknowledged)))
                .await;
            assert!(ack.unwrap().acknowledged_sequence > acknowledged);
            acknowledged += 1;
        }
        stream
            .send(batch(
                acknowledged + 1,
                findings(acknowledged.min(BATCHES - 1)),
            ))
            .await;
        tokio::time::sleep(std::time::Duration::from_micros(500 * round % 4000)).await;
        process.kill();
        let kept = kept(&Sqlite::open(&folder.path().join("data")).unwrap());
        for finding in (0..acknowledged).flat_map(findings) {
            let service = finding.key.unwrap().service_id;
            assert!(
                kept[&service] >= finding.revision,
                "{service} was acknowledged"
            );
        }
        process = Process::start(folder.path());
        if acknowledged == BATCHES {
            break;
        }
    }
    assert_eq!(
        kept(&Sqlite::open(&folder.path().join("data")).unwrap()),
        expected()
    );
    assert_eq!(process.terminate(), Some(0));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_signal_ends_it_in_order_while_agents_are_connected() {
    let folder = tempfile::tempdir().unwrap();
    let process = Process::start(folder.path());
    let (authority, identity) = enrolled(folder.path(), &process).await;
    let config = tls(&authority, Some(&identity));
    let channel = channel_to(process.address, config).await.unwrap();
    let mut stream = Reporting::open(channel).await.unwrap();
    stream.report(batch(1, findings(0))).await.unwrap();
    let begun = std::time::Instant::now();
    let ended = tokio::task::spawn_blocking(|| process.terminate());
    assert_eq!(
        stream.ack().await.unwrap_err().code(),
        tonic::Code::Unavailable
    );
    drop(stream);
    assert_eq!(ended.await.unwrap(), Some(0));
    assert!(begun.elapsed().as_secs() < 8, "{:?}", begun.elapsed());
}
