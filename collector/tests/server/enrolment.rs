//! From a token to a sensor, and to the next certificate.

use collector::clock;
use collector::enrol::{Authority, certificate};
use inventory::SensorId;
use proto::v1;
use proto::v1::enrolment_client::EnrolmentClient;
use proto::v1::ingest_client::IngestClient;
use rcgen::{CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, KeyPair};
use store::{Store, TokenState};
use tonic::Code;
use x509_parser::prelude::FromDer;

use crate::client::{self, Identity, channel, csr, enrol, enrol_with};
use crate::messages::{batch, finding};
use crate::site::{HOUR, Site};

#[tokio::test]
async fn a_token_makes_one_sensor_that_can_report() {
    let site = Site::start().await;
    let identity = enrol(&site).await;
    let sensor = site
        .store()
        .sensor(&SensorId::new(identity.sensor.clone()))
        .unwrap()
        .unwrap();
    assert_eq!(
        (sensor.hostname.as_str(), sensor.os.as_str()),
        ("laptop-7", "linux")
    );
    let certificates = site.store().certificates(&sensor.id).unwrap();
    let facts = certificate::read(identity.leaf()).unwrap();
    assert_eq!(certificates[0].serial, facts.serial);
    assert_eq!(facts.common_name, identity.sensor);
    let mut reporting = client::reporting(&site, &identity).await;
    assert_eq!(
        reporting
            .report(batch(1, vec![finding(1, 1)]))
            .await
            .unwrap()
            .recorded,
        1
    );
    assert_eq!(site.counters.enrolled.get(), 1);
}

#[tokio::test]
async fn a_token_works_once() {
    let site = Site::start().await;
    let token = site.token();
    let (_, request) = csr(&CertificateParams::default());
    enrol_with(channel(&site, None).await, &token, request.clone())
        .await
        .unwrap();
    let status = enrol_with(channel(&site, None).await, &token, request)
        .await
        .unwrap_err();
    assert_eq!(status.code(), Code::PermissionDenied);
    assert!(status.message().contains("used before"), "{status}");
    assert_eq!(site.store().sensors().unwrap().len(), 1);
}

#[tokio::test]
async fn of_two_that_race_for_a_token_one_wins() {
    let site = Site::start().await;
    let token = site.token();
    let (one, two) = (channel(&site, None).await, channel(&site, None).await);
    let params = CertificateParams::default();
    let (first, second) = tokio::join!(
        enrol_with(one, &token, csr(&params).1),
        enrol_with(two, &token, csr(&params).1),
    );
    assert!(first.is_ok() != second.is_ok());
    assert_eq!(site.store().sensors().unwrap().len(), 1);
    assert!(matches!(
        site.store().tokens().unwrap()[0].state,
        TokenState::Used { .. }
    ));
}

#[tokio::test]
async fn expired_revoked_and_unknown_tokens_admit_nobody_and_say_why() {
    let site = Site::start().await;
    let expired = site.token_until(clock::now().saturating_sub(HOUR));
    let revoked = site.token();
    let id = site.store().tokens().unwrap()[0].id;
    assert!(site.store().revoke_token(id, "test", clock::now()).unwrap());
    let mut tampered = site.token();
    tampered.secret.push('A');
    for (token, reason) in [
        (expired, "expired"),
        (revoked, "revoked"),
        (tampered, "no such token"),
    ] {
        let (_, request) = csr(&CertificateParams::default());
        let refused = enrol_with(channel(&site, None).await, &token, request)
            .await
            .unwrap_err();
        assert_eq!(refused.code(), Code::PermissionDenied);
        assert!(refused.message().contains(reason), "{refused}");
    }
    assert!(site.store().sensors().unwrap().is_empty());
}

#[tokio::test]
async fn a_bad_request_costs_no_token() {
    let site = Site::start().await;
    let token = site.token();
    let (_, mut request) = csr(&CertificateParams::default());
    let last = request.len() - 1;
    request[last] ^= 1;
    for bytes in [request, Vec::new(), vec![0x30; 9000]] {
        let refused = enrol_with(channel(&site, None).await, &token, bytes)
            .await
            .unwrap_err();
        assert_eq!(refused.code(), Code::InvalidArgument, "{refused}");
    }
    let (_, request) = csr(&CertificateParams::default());
    enrol_with(channel(&site, None).await, &token, request)
        .await
        .unwrap();
}

#[tokio::test]
async fn what_a_request_asks_for_besides_its_key_is_ignored() {
    let site = Site::start().await;
    let victim = enrol(&site).await;
    let mut params = CertificateParams::new(vec!["collector.example".to_owned()]).unwrap();
    params
        .distinguished_name
        .push(DnType::CommonName, victim.sensor.clone());
    params.is_ca = IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    let (key, request) = csr(&params);
    let answer = enrol_with(channel(&site, None).await, &site.token(), request)
        .await
        .unwrap();
    let identity = Identity::new(&answer, &key);
    assert_ne!(identity.sensor, victim.sensor);
    let (_, parsed) = x509_parser::certificate::X509Certificate::from_der(identity.leaf()).unwrap();
    assert!(!parsed.is_ca() && parsed.subject_alternative_name().unwrap().is_none());
    let usage = parsed.extended_key_usage().unwrap().unwrap().value;
    assert!(usage.client_auth && !usage.server_auth);
    assert_eq!(
        certificate::read(identity.leaf()).unwrap().common_name,
        identity.sensor
    );
}

async fn renew(site: &Site, identity: Option<&Identity>) -> Result<Identity, tonic::Status> {
    let (key, csr) = csr(&CertificateParams::default());
    let mut client = EnrolmentClient::new(channel(site, identity).await);
    let answer = client.renew(v1::RenewRequest { csr }).await?.into_inner();
    Ok(Identity::new(&answer, &key))
}

#[tokio::test]
async fn a_certificate_renews_itself_and_the_sensor_stays_the_same() {
    let site = Site::start().await;
    let first = enrol(&site).await;
    let second = renew(&site, Some(&first)).await.unwrap();
    assert_eq!(second.sensor, first.sensor);
    assert_ne!(second.leaf(), first.leaf());
    for identity in [&first, &second] {
        let mut reporting = client::reporting(&site, identity).await;
        reporting
            .report(batch(1, vec![finding(1, 1)]))
            .await
            .unwrap();
    }
    assert_eq!(site.sightings().len(), 1);
    assert_eq!(
        site.store()
            .certificates(&SensorId::new(first.sensor))
            .unwrap()
            .len(),
        2
    );
}

#[tokio::test]
async fn an_agent_that_never_stops_renewing_is_stopped() {
    let site = Site::start().await;
    let identity = enrol(&site).await;
    let mut renewed = 0;
    let status = loop {
        match renew(&site, Some(&identity)).await {
            Ok(_) => renewed += 1,
            Err(status) => break status,
        }
        assert!(renewed < 100);
    };
    assert_eq!((status.code(), renewed), (Code::ResourceExhausted, 19));
    assert!(status.message().contains("clock"), "{status}");
    let mut reporting = client::reporting(&site, &identity).await;
    reporting
        .report(batch(1, vec![finding(1, 1)]))
        .await
        .unwrap();
}

#[tokio::test]
async fn renewal_needs_a_certificate_of_a_sensor_that_is_welcome() {
    let site = Site::start().await;
    let anonymous = renew(&site, None).await.err().unwrap();
    assert_eq!(anonymous.code(), Code::Unauthenticated);
    let identity = enrol(&site).await;
    let id = SensorId::new(identity.sensor.clone());
    site.store()
        .revoke_sensor(&id, "test", clock::now())
        .unwrap();
    let revoked = renew(&site, Some(&identity)).await.err().unwrap();
    assert_eq!(revoked.code(), Code::PermissionDenied);
    assert!(revoked.message().contains("revoked"), "{revoked}");
}

#[tokio::test]
async fn nobody_reports_without_a_certificate_of_this_ca() {
    let site = Site::start().await;
    let mut client = IngestClient::new(channel(&site, None).await);
    let status = client
        .heartbeat(v1::HeartbeatRequest::default())
        .await
        .unwrap_err();
    assert_eq!(status.code(), Code::Unauthenticated);
    let elsewhere = tempfile::tempdir().unwrap();
    let other_ca = Authority::open(elsewhere.path(), clock::now()).unwrap();
    let sensor = enrol(&site).await.sensor;
    let forged = Identity::forged(&other_ca, &sensor);
    let config = client::tls(&site.authority(), Some(&forged));
    let refused = match client::channel_to(site.address, config).await {
        Ok(channel) => IngestClient::new(channel)
            .heartbeat(v1::HeartbeatRequest::default())
            .await
            .is_err(),
        Err(_) => true,
    };
    assert!(refused);
    assert_eq!(site.counters.handshake_bad_certificate.get(), 1);
    assert_eq!(site.counters.heartbeats.get(), 0);
}

#[tokio::test]
async fn a_sensor_that_the_store_does_not_know_is_refused() {
    let site = Site::start().await;
    let unknown = Identity::forged(&site.authority(), &uuid::Uuid::new_v4().to_string());
    let mut client = IngestClient::new(channel(&site, Some(&unknown)).await);
    let status = client
        .heartbeat(v1::HeartbeatRequest::default())
        .await
        .unwrap_err();
    assert_eq!(status.code(), Code::PermissionDenied);
    let nameless = Identity::forged(&site.authority(), "Gnomon collector");
    let mut client = IngestClient::new(channel(&site, Some(&nameless)).await);
    let status = client
        .heartbeat(v1::HeartbeatRequest::default())
        .await
        .unwrap_err();
    assert_eq!(status.code(), Code::Unauthenticated);
}

#[tokio::test]
async fn an_address_that_keeps_failing_is_slowed_down() {
    let site = Site::start().await;
    let good = site.token();
    let mut bad = good.clone();
    bad.secret = "wrong".to_owned();
    let channel = channel(&site, None).await;
    let request = csr(&CertificateParams::default()).1;
    let mut codes = Vec::new();
    for _ in 0..25 {
        let refused = enrol_with(channel.clone(), &bad, request.clone())
            .await
            .unwrap_err();
        codes.push(refused.code());
    }
    assert_eq!(codes[0], Code::PermissionDenied);
    assert_eq!(codes[24], Code::ResourceExhausted);
    let slowed = enrol_with(channel, &good, request).await.unwrap_err();
    assert!(slowed.message().contains("wait"), "{slowed}");
}

#[tokio::test]
async fn the_chain_leads_to_the_ca_that_the_token_names() {
    let site = Site::start().await;
    let stream = client::connect(site.address, client::tls(&site.authority(), None))
        .await
        .unwrap();
    let chain = stream.get_ref().1.peer_certificates().unwrap().to_vec();
    assert_eq!(chain[1], *site.authority().certificate());
    let key = KeyPair::generate().unwrap();
    assert_ne!(
        certificate::read(&chain[0]).unwrap().public_key,
        key.public_key_raw()
    );
}
