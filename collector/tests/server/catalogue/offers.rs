//! What sensors hear of published bundles, and local files of the collector.

use std::fs;
use std::time::Duration;

use proto::v1;
use proto::v1::ingest_client::IngestClient;
use store::Store;
use tonic::Code;
use tonic::transport::Channel;

use super::{Place, on, service};
use crate::client::{channel, enrol};
use crate::process::stdout;
use crate::site::Site;

async fn watch(channel: &Channel, version: u64) -> tonic::Streaming<v1::CatalogueNotice> {
    let request = v1::WatchCatalogueRequest { version };
    let mut client = IngestClient::new(channel.clone());
    client.watch_catalogue(request).await.unwrap().into_inner()
}

async fn next(notices: &mut tonic::Streaming<v1::CatalogueNotice>) -> u64 {
    let notice = tokio::time::timeout(Duration::from_secs(20), notices.message());
    notice.await.unwrap().unwrap().unwrap().version
}

async fn fetched(channel: &Channel, version: u64) -> Result<Vec<u8>, tonic::Status> {
    let request = v1::FetchCatalogueRequest { version };
    let mut client = IngestClient::new(channel.clone());
    let answer = client.fetch_catalogue(request).await?;
    let mut pieces = answer.into_inner();
    let mut bytes = Vec::new();
    while let Some(piece) = pieces.message().await? {
        bytes.extend_from_slice(&piece.data);
    }
    Ok(bytes)
}

#[tokio::test]
async fn sensors_hear_of_a_published_bundle_at_once_and_get_all_of_it() {
    let (site, place) = (Site::start().await, Place::new());
    let identity = enrol(&site).await;
    let channel = channel(&site, Some(&identity)).await;
    let mut notices = watch(&channel, 0).await;
    stdout(&on(site.folder(), &["trust", &place.path("key.pub")]));
    let first = place.bundle(5, "one.example", "key");
    stdout(&on(site.folder(), &["publish", &first]));
    assert_eq!(next(&mut notices).await, 5);
    assert_eq!(
        fetched(&channel, 5).await.unwrap(),
        fs::read(&first).unwrap()
    );
    assert_eq!(
        fetched(&channel, 4).await.unwrap_err().code(),
        Code::NotFound
    );

    // What somebody puts there without the key is not offered; the next good one is.
    let published = site.folder().join("catalogue/published.gnomcat");
    stdout(&place.run(&["keygen", &place.path("theirs")]));
    let theirs = place.bundle(9, "evil.example", "theirs");
    fs::copy(theirs, &published).unwrap();
    tokio::time::sleep(Duration::from_secs(1)).await;
    assert_eq!(
        fetched(&channel, 5).await.unwrap(),
        fs::read(&first).unwrap()
    );
    let second = place.bundle(7, "two.example", "key");
    stdout(&on(site.folder(), &["publish", &second]));
    assert_eq!(next(&mut notices).await, 7);
    assert_eq!(next(&mut watch(&channel, 7).await).await, 7, "said at once");
}

#[tokio::test]
async fn who_is_not_welcome_gets_no_bundle() {
    let (site, place) = (Site::start().await, Place::new());
    stdout(&on(site.folder(), &["trust", &place.path("key.pub")]));
    let bundle = place.bundle(5, "one.example", "key");
    stdout(&on(site.folder(), &["publish", &bundle]));
    let anonymous = fetched(&channel(&site, None).await, 5).await.unwrap_err();
    assert_eq!(anonymous.code(), Code::Unauthenticated);
    let identity = enrol(&site).await;
    let channel = channel(&site, Some(&identity)).await;
    let sensor = inventory::SensorId::new(identity.sensor.clone());
    site.store()
        .revoke_sensor(&sensor, "test", collector::clock::now())
        .unwrap();
    let revoked = fetched(&channel, 5).await.unwrap_err();
    assert_eq!(revoked.code(), Code::PermissionDenied);
}

#[tokio::test]
async fn the_key_comes_with_the_enrolment() {
    let (site, place) = (Site::start().await, Place::new());
    let key = |answer: &v1::EnrolResponse| answer.catalogue_public_key.clone();
    let enrolled = async || {
        let (_, csr) = crate::client::csr(&rcgen::CertificateParams::default());
        let channel = channel(&site, None).await;
        crate::client::enrol_with(channel, &site.token(), csr)
            .await
            .unwrap()
    };
    assert_eq!(key(&enrolled().await), "");
    stdout(&on(site.folder(), &["trust", &place.path("key.pub")]));
    let file = fs::read_to_string(place.path("key.pub")).unwrap();
    assert_eq!(key(&enrolled().await), file.lines().nth(1).unwrap());
}

#[test]
fn local_files_are_taken_in_while_the_collector_looks_and_bad_ones_leave_those_before() {
    use collector::catalogue::{Live, Shelf};
    let folder = tempfile::tempdir().unwrap();
    let local = folder.path().join("local");
    fs::create_dir(&local).unwrap();
    fs::write(
        local.join("own.toml"),
        service("gateway", "llm.corp.example"),
    )
    .unwrap();
    let live = Live::open(Shelf::new(folder.path()), Some(&local));
    let knows = |name: &str| {
        let catalogue = live.catalogue();
        catalogue.matcher().match_name(name.as_bytes()).is_some()
    };
    assert!(knows("llm.corp.example") && knows("api.openai.com"));
    fs::write(
        local.join("bad.toml"),
        "\n[[exception]]\nservice = \"nobody\"\naction = \"silence\"\n",
    )
    .unwrap();
    live.reload();
    assert!(knows("llm.corp.example"));
    let problems = live.problems().join("\n");
    assert!(
        problems.contains("bad.toml:2: there is no service nobody"),
        "{problems}"
    );
    fs::remove_file(local.join("bad.toml")).unwrap();
    fs::remove_file(local.join("own.toml")).unwrap();
    live.reload();
    assert!(!knows("llm.corp.example") && live.problems().is_empty());
}
