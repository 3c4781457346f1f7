//! Batches: recorded once, acknowledged when durable, refused where they must
//! be.

use collector::clock;
use inventory::SensorId;
use proto::v1;
use proto::v1::ingest_client::IngestClient;
use proto::v1::record::Body;
use store::Store;
use tonic::Code;

use crate::client::{self, channel, enrol, reporting};
use crate::messages::{START, batch, finding};
use crate::site::Site;

#[tokio::test]
async fn repeats_and_disorder_change_nothing() {
    let site = Site::start().await;
    let identity = enrol(&site).await;
    let batches = [
        batch(1, vec![finding(1, 1), finding(2, 1)]),
        batch(3, vec![finding(1, 2), finding(1, 3)]),
        batch(5, vec![finding(2, 2), finding(3, 1)]),
    ];
    let mut stream = reporting(&site, &identity).await;
    for index in [2, 0, 1, 1, 0, 2, 0] {
        let batch = batches[index].clone();
        let last = batch.last_sequence;
        let ack = stream.report(batch).await.unwrap();
        assert_eq!((ack.acknowledged_sequence, ack.recorded), (last, 2));
        assert!(ack.refusals.is_empty());
    }
    let sightings = site.sightings();
    let seen: Vec<_> = sightings
        .iter()
        .map(|sighting| {
            (
                sighting.key.service.as_str(),
                sighting.revision,
                sighting.bytes_out,
            )
        })
        .collect();
    let expected = [
        ("service-000001", 3, 3000),
        ("service-000002", 2, 2000),
        ("service-000003", 1, 1000),
    ];
    assert_eq!(seen, expected);
}

#[tokio::test]
async fn batches_in_flight_are_acknowledged_in_order() {
    let site = Site::start().await;
    let mut stream = reporting(&site, &enrol(&site).await).await;
    for number in 1..=20 {
        stream.send(batch(number, vec![finding(number, 1)])).await;
    }
    for number in 1..=20 {
        assert_eq!(stream.ack().await.unwrap().acknowledged_sequence, number);
    }
    assert_eq!(site.sightings().len(), 20);
}

#[tokio::test]
async fn a_record_that_is_refused_is_kept_aside_and_the_others_stand() {
    let site = Site::start().await;
    let mut stream = reporting(&site, &enrol(&site).await).await;
    let mut unknown_stage = finding(2, 1);
    unknown_stage.stage = 9;
    let mut unknown_service = finding(3, 1);
    unknown_service.key.as_mut().unwrap().service_id = "of-a-newer-catalogue".to_owned();
    let mut batch = batch(1, vec![finding(1, 1), unknown_stage, unknown_service]);
    batch.records.push(v1::Record {
        sequence: 4,
        body: None,
    });
    batch.last_sequence = 4;
    let ack = stream.report(batch.clone()).await.unwrap();
    assert_eq!((ack.acknowledged_sequence, ack.recorded), (4, 2));
    let refused: Vec<_> = ack
        .refusals
        .iter()
        .map(|r| (r.sequence, r.reason.contains("upgrade")))
        .collect();
    assert_eq!(refused, [(2, true), (4, true)]);
    let aside = std::fs::read_to_string(site.folder().join("refused.jsonl")).unwrap();
    assert_eq!(aside.lines().count(), 2);
    assert!(aside.contains("stage 9"), "{aside}");
    let services: Vec<_> = site
        .sightings()
        .into_iter()
        .map(|sighting| sighting.key.service)
        .collect();
    assert_eq!(services, ["of-a-newer-catalogue", "service-000001"]);
    assert_eq!(site.counters.records_refused.get(), 2);
}

#[tokio::test]
async fn a_batch_that_breaks_the_protocol_ends_the_stream_and_records_nothing() {
    let site = Site::start_with(tempfile::tempdir().unwrap(), |config| config.max_batch = 2).await;
    let identity = enrol(&site).await;
    let too_many = batch(1, (1..=3).map(|number| finding(number, 1)).collect());
    let mut lying = batch(5, vec![finding(1, 1)]);
    lying.last_sequence = 4;
    for batch in [too_many, lying] {
        let mut stream = reporting(&site, &identity).await;
        let status = stream.report(batch).await.unwrap_err();
        assert_eq!(status.code(), Code::InvalidArgument, "{status}");
    }
    assert!(site.sightings().is_empty());
}

#[tokio::test]
async fn a_sensor_is_refused_in_the_middle_of_a_stream_once_it_is_revoked() {
    let site = Site::start().await;
    let (revoked, other) = (enrol(&site).await, enrol(&site).await);
    let mut stream = reporting(&site, &revoked).await;
    stream.report(batch(1, vec![finding(1, 1)])).await.unwrap();
    let id = SensorId::new(revoked.sensor.clone());
    assert!(
        site.store()
            .revoke_sensor(&id, "test", clock::now())
            .unwrap()
    );
    let status = stream
        .report(batch(2, vec![finding(2, 1)]))
        .await
        .unwrap_err();
    assert_eq!(status.code(), Code::PermissionDenied);
    assert!(status.message().contains("revoked"), "{status}");
    let again = channel(&site, Some(&revoked)).await;
    let opened = client::Reporting::open(again.clone()).await;
    assert_eq!(opened.err().unwrap().code(), Code::PermissionDenied);
    let beat = IngestClient::new(again)
        .heartbeat(v1::HeartbeatRequest::default())
        .await;
    assert_eq!(beat.unwrap_err().code(), Code::PermissionDenied);
    assert_eq!(site.sightings().len(), 1);
    let mut stream = reporting(&site, &other).await;
    stream.report(batch(1, vec![finding(1, 1)])).await.unwrap();
}

#[tokio::test]
async fn the_same_key_of_two_sensors_is_two_sightings() {
    let site = Site::start().await;
    for identity in [enrol(&site).await, enrol(&site).await] {
        let mut stream = reporting(&site, &identity).await;
        stream.report(batch(1, vec![finding(1, 1)])).await.unwrap();
    }
    assert_eq!(site.sightings().len(), 2);
}

#[tokio::test]
async fn a_restart_keeps_everything_and_agents_just_connect_again() {
    let site = Site::start().await;
    let identity = enrol(&site).await;
    let mut stream = reporting(&site, &identity).await;
    stream.report(batch(1, vec![finding(1, 1)])).await.unwrap();
    let before = site.sightings();
    let folder = site.stop().await;
    let status = stream.ack().await.unwrap_err();
    assert_eq!(status.code(), Code::Unavailable, "{status}");
    let site = Site::start_with(folder, |_| {}).await;
    assert_eq!(site.sightings(), before);
    let mut stream = reporting(&site, &identity).await;
    stream.report(batch(1, vec![finding(1, 1)])).await.unwrap();
    assert_eq!(site.sightings(), before);
}

#[tokio::test]
async fn a_heartbeat_tells_health_and_how_wrong_a_clock_is() {
    let site = Site::start().await;
    let identity = enrol(&site).await;
    let mut client = IngestClient::new(channel(&site, Some(&identity)).await);
    let request = v1::HeartbeatRequest {
        agent_time_ns: START,
        agent_version: "0.2.0".to_owned(),
        mode: "tap".to_owned(),
        epoch: vec![3; 16],
        ..v1::HeartbeatRequest::default()
    };
    let answer = client.heartbeat(request).await.unwrap().into_inner();
    let id = SensorId::new(identity.sensor);
    let sensor = site.store().sensor(&id).unwrap().unwrap();
    let (at, heartbeat) = sensor.heartbeat.clone().unwrap();
    assert_eq!(sensor.mode(), "tap");
    assert_eq!(at.as_nanos(), answer.collector_time_ns);
    assert_eq!(heartbeat.clock_offset_ns, START - answer.collector_time_ns);
}

#[tokio::test]
async fn coverage_is_recorded_beside_findings() {
    let site = Site::start().await;
    let mut stream = reporting(&site, &enrol(&site).await).await;
    let window = v1::CoverageWindow {
        epoch: vec![7; 16],
        window_start_ns: START,
        window_length_ns: 3_600_000_000_000,
        revision: 1,
        first_seen_ns: START,
        last_seen_ns: START + 5,
        frames: 99,
        flows: 3,
        closed: true,
        ..v1::CoverageWindow::default()
    };
    let record = v1::Record {
        sequence: 1,
        body: Some(Body::Coverage(window)),
    };
    let batch = v1::FindingBatch {
        last_sequence: 1,
        records: vec![record],
    };
    assert_eq!(stream.report(batch).await.unwrap().recorded, 1);
    let coverage = site
        .store()
        .coverage(inventory::Range::ALL, clock::now())
        .unwrap();
    assert_eq!(coverage.counters.frames, 99);
}

#[tokio::test]
async fn a_message_that_is_too_large_is_refused_and_the_connection_lives_on() {
    let site = Site::start().await;
    let channel = channel(&site, Some(&enrol(&site).await)).await;
    let mut large = finding(1, 1);
    large.evidence[0].value = "x".repeat(17 << 20);
    let mut stream = client::Reporting::open(channel.clone()).await.unwrap();
    let status = stream.report(batch(1, vec![large])).await.unwrap_err();
    assert_eq!(status.code(), Code::OutOfRange, "{status}");
    let mut stream = client::Reporting::open(channel).await.unwrap();
    stream.report(batch(1, vec![finding(1, 1)])).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn many_agents_and_an_administrator_do_not_get_in_each_others_way() {
    const AGENTS: usize = 8;
    const BATCHES: u64 = 10;
    let site = Site::start().await;
    let mut agents = tokio::task::JoinSet::new();
    for _ in 0..AGENTS {
        let mut stream = reporting(&site, &enrol(&site).await).await;
        agents.spawn(async move {
            for number in 0..BATCHES {
                let findings = (0..50).map(|n| finding(number * 50 + n, 1)).collect();
                stream
                    .report(batch(number * 50 + 1, findings))
                    .await
                    .unwrap();
            }
        });
    }
    let store = site.store();
    let administrator = tokio::task::spawn_blocking(move || {
        for number in 0..20u8 {
            let user = store::NewUser {
                name: format!("user-{number}"),
                role: store::Role::Viewer,
                token: store::SecretHash::of(&[number]),
            };
            store.add_user(&user, "test", clock::now()).unwrap();
        }
    });
    agents.join_all().await;
    administrator.await.unwrap();
    assert_eq!(site.sightings().len(), AGENTS * 500);
    assert_eq!(site.store().users().unwrap().len(), 20);
    assert_eq!(site.counters.batches_failed.get(), 0);
}
