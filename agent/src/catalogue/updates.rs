//! Learns from the collector of new bundles, and fetches them.

use std::sync::Arc;
use std::time::Duration;

use proto::v1::ingest_client::IngestClient;
use proto::v1::{CatalogueNotice, FetchCatalogueRequest, WatchCatalogueRequest};
use signatures::bundle::{MAX_BUNDLE_BYTES, Refused};
use tonic::transport::Channel;
use tonic::{Code, Status};

use super::Running;

/// Wait after the collector has ended the stream of notices while the connection lives.
const AGAIN: Duration = Duration::from_secs(10);
/// Longest that fetching a bundle may take.
const FETCH_TIMEOUT: Duration = Duration::from_secs(120);

/// Follows what the collector publishes, as long as the connection lives. Nothing that goes wrong here concerns the
/// delivery of findings.
pub(crate) async fn follow(mut client: IngestClient<Channel>, running: Arc<Running>) {
    loop {
        match follow_once(&mut client, &running).await {
            Err(status) if status.code() == Code::Unimplemented => {
                tracing::debug!("the collector publishes no catalogues");
                return;
            }
            Err(error) => tracing::debug!(%error, "no news about catalogues for a while"),
            Ok(()) => {}
        }
        tokio::time::sleep(AGAIN).await;
    }
}

async fn follow_once(
    client: &mut IngestClient<Channel>,
    running: &Arc<Running>,
) -> Result<(), Status> {
    let request = WatchCatalogueRequest {
        version: running.newest(),
    };
    let mut notices = client.watch_catalogue(request).await?.into_inner();
    while let Some(notice) = notices.message().await? {
        if !running.wants(notice.version) {
            continue;
        }
        let fetched = tokio::time::timeout(FETCH_TIMEOUT, fetch(client, &notice)).await;
        let fetched = fetched.map_err(|_| Status::deadline_exceeded("it takes too long"))??;
        let Some(bytes) = fetched else {
            let problem = format!("a bundle from the collector: {}", Refused::TooLarge);
            running.refused(Some(problem));
            continue;
        };
        let running = Arc::clone(running);
        if tokio::task::spawn_blocking(move || running.take(&bytes))
            .await
            .is_err()
        {
            return Err(Status::internal("the bundle could not be looked at"));
        }
    }
    Ok(())
}

/// All of a bundle; `None` when it is larger than any may be.
async fn fetch(
    client: &mut IngestClient<Channel>,
    notice: &CatalogueNotice,
) -> Result<Option<Vec<u8>>, Status> {
    let request = FetchCatalogueRequest {
        version: notice.version,
    };
    let mut pieces = client.fetch_catalogue(request).await?.into_inner();
    let mut bytes = Vec::new();
    while let Some(piece) = pieces.message().await? {
        if bytes.len().saturating_add(piece.data.len()) > MAX_BUNDLE_BYTES {
            return Ok(None);
        }
        bytes.extend_from_slice(&piece.data);
    }
    Ok(Some(bytes))
}
