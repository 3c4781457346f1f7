//! What the port endures: those who speak something else, or too slowly, or
//! fail too often.

use std::net::SocketAddr;
use std::time::Duration;

use proto::v1::ingest_client::IngestClient;
use rustls::ClientConfig;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tonic::Code;

use crate::client::{self, channel, enrol, reporting};
use crate::messages::{batch, finding};
use crate::site::Site;

async fn answer_to(address: SocketAddr, bytes: &[u8]) -> Vec<u8> {
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(bytes).await.unwrap();
    let mut answer = Vec::new();
    // Being cut off is an answer, too.
    let _end = stream.read_to_end(&mut answer).await;
    answer
}

fn http1(site: &Site) -> ClientConfig {
    let mut config = client::tls(&site.authority(), None);
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    config
}

async fn get(site: &Site, path: &str) -> String {
    let mut stream = client::connect(site.address, http1(site)).await.unwrap();
    let request = format!("GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    let _end = stream.read_to_end(&mut answer).await;
    String::from_utf8(answer).unwrap()
}

#[tokio::test]
async fn health_needs_no_token_and_tells_nothing() {
    let site = Site::start().await;
    let answer = get(&site, "/healthz").await;
    assert!(answer.starts_with("HTTP/1.1 200 OK"), "{answer}");
    assert!(answer.ends_with("\r\n\r\nok\n"), "{answer}");
    assert!(
        get(&site, "/no/such/place")
            .await
            .starts_with("HTTP/1.1 404")
    );
}

#[tokio::test]
async fn who_forgets_the_s_of_https_is_told() {
    let site = Site::start().await;
    let answer = answer_to(site.address, b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n").await;
    let answer = String::from_utf8(answer).unwrap();
    assert!(
        answer.starts_with("HTTP/1.1 400") && answer.contains("https"),
        "{answer}"
    );
    let prior_knowledge = answer_to(site.address, b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n").await;
    assert!(prior_knowledge.starts_with(b"HTTP/1.1 400"));
    assert_eq!(site.counters.plain_http.get(), 2);
}

#[tokio::test]
async fn noise_is_cut_off_and_counted() {
    let site = Site::start().await;
    assert!(
        answer_to(site.address, b"\x00\x01\x02\x03")
            .await
            .is_empty()
    );
    assert!(
        answer_to(site.address, b"\x80\x2e\x01\x00\x02")
            .await
            .is_empty()
    );
    let broken = answer_to(site.address, b"\x16\x03\x01\x00\x05\xff\x00\x00\x01\x00").await;
    assert_eq!(broken.first(), Some(&21), "an alert");
    assert_eq!(site.counters.not_tls.get(), 2);
    assert_eq!(site.counters.handshake_failed.get(), 1);
}

/// A ClientHello of TLS 1.0 (RFC 2246, 7.4.1.2) with one cipher suite and no
/// extensions.
fn old_hello() -> Vec<u8> {
    let mut body = vec![3, 1];
    body.extend([7; 32]);
    body.extend([0, 0, 2, 0, 0x35, 1, 0]);
    let length = u8::try_from(body.len()).unwrap();
    let mut record = vec![22, 3, 1, 0, length + 4, 1, 0, 0, length];
    record.extend(body);
    record
}

#[tokio::test]
async fn a_client_of_the_last_century_gets_an_alert() {
    let site = Site::start().await;
    let answer = answer_to(site.address, &old_hello()).await;
    assert_eq!(answer.first(), Some(&21), "an alert: {answer:?}");
    assert_eq!(site.counters.handshake_incompatible.get(), 1);
}

#[tokio::test]
async fn who_says_nothing_is_cut_off() {
    let site = Site::start().await;
    let wait = tokio::time::timeout(Duration::from_secs(20), answer_to(site.address, b""));
    assert!(wait.await.unwrap().is_empty());
    assert_eq!(site.counters.handshake_timeout.get(), 1);
}

#[tokio::test]
async fn who_fails_too_often_is_not_listened_to_for_a_while() {
    let site = Site::start().await;
    let identity = enrol(&site).await;
    let mut before = reporting(&site, &identity).await;
    for _ in 0..80 {
        answer_to(site.address, b"\x00").await;
    }
    assert!(site.counters.refused_for_failures.get() > 0);
    let count = site.counters.not_tls.get();
    assert!((60..75).contains(&count), "{count}");
    // Who is in stays in.
    before.report(batch(1, vec![finding(1, 1)])).await.unwrap();
    tokio::time::sleep(Duration::from_millis(600)).await;
    let mut after = reporting(&site, &identity).await;
    after.report(batch(2, vec![finding(2, 1)])).await.unwrap();
}

#[tokio::test]
async fn there_is_room_for_so_many_sensors_and_no_more() {
    let site = Site::start_with(tempfile::tempdir().unwrap(), |config| {
        config.max_connections = 1
    })
    .await;
    let identity = enrol(&site).await;
    let mut first = reporting(&site, &identity).await;
    let config = client::tls(&site.authority(), Some(&identity));
    let refused = match client::channel_to(site.address, config).await {
        Ok(channel) => client::Reporting::open(channel).await.is_err(),
        Err(_) => true,
    };
    assert!(refused);
    assert_eq!(site.counters.refused_connections_full.get(), 1);
    first.report(batch(1, vec![finding(1, 1)])).await.unwrap();
    assert!(get(&site, "/healthz").await.starts_with("HTTP/1.1 200"));
}

#[tokio::test]
async fn a_call_that_does_not_exist_is_unimplemented() {
    let site = Site::start().await;
    let channel = channel(&site, Some(&enrol(&site).await)).await;
    let mut grpc = tonic::client::Grpc::new(channel.clone());
    grpc.ready().await.unwrap();
    let path = http::uri::PathAndQuery::from_static("/gnomon.v9.Ingest/Guess");
    let codec = tonic_prost_codec();
    let status = grpc
        .unary(tonic::Request::new(()), path, codec)
        .await
        .unwrap_err();
    assert_eq!(status.code(), Code::Unimplemented);
    let beat = IngestClient::new(channel)
        .heartbeat(proto::v1::HeartbeatRequest::default())
        .await;
    assert!(beat.is_ok());
}

fn tonic_prost_codec() -> tonic_prost::ProstCodec<(), ()> {
    tonic_prost::ProstCodec::default()
}
