//! `GET /findings`: single sightings with everything they rest on, latest window first.

use axum::extract::State;
use http::Uri;
use inventory::FoundSighting;

use super::access::Viewer;
use super::answer::{Answer, Desk, Site};
use super::cursor;
use super::params::{self, Params};
use super::problem::Problem;
use super::views::{
    AttributionView, ConfidenceView, DeviceName, EvidenceView, FindingView, ReEvaluatedView,
    VerdictView,
};

pub(super) const PATH: &str = "/findings";
pub(super) const PARAMS: &[&[&str]] = &[params::RANGE, params::FILTERS, params::PAGE];

pub(super) async fn list(
    _: Viewer,
    State(site): State<Site>,
    uri: Uri,
) -> Result<Answer<FindingView>, Problem> {
    let work = site.work(move |desk| {
        let mut params = Params::read(PATH, &uri, PARAMS);
        let query = params.query(desk)?;
        let page = params.page();
        params.check()?;
        let found = desk.store.findings(&query, &page, desk.now)?;
        let fingerprint = params.fingerprint();
        Ok(Answer {
            items: found.items.iter().map(|found| row(desk, found)).collect(),
            coverage: desk.coverage(query.range)?,
            next: found.next.map(|next| cursor::encode(&fingerprint, &next)),
        })
    });
    work.await
}

fn row(desk: &Desk, found: &FoundSighting) -> FindingView {
    let sighting = &found.sighting;
    let key = &sighting.key;
    let service = desk.service_name(&key.service);
    FindingView {
        sensor: found.sensor.to_string(),
        epoch: key.epoch.to_string(),
        window_start: key.window_start,
        revision: sighting.revision,
        verdict: VerdictView::new(&found.verdict, &service, desk.now),
        service,
        device: DeviceName::from(&found.device),
        user: key.user.clone(),
        process: key.process.clone(),
        class: sighting.attribution.client.class.to_string(),
        surface: key.surface.clone(),
        tenant: key.tenant.clone(),
        stage: sighting.stage.to_string(),
        stage_limit: sighting.stage_limit.map(|limit| limit.to_string()),
        first_seen: sighting.first_seen,
        last_seen: sighting.last_seen,
        flow_count: sighting.flow_count,
        bytes_out: sighting.bytes_out,
        bytes_in: sighting.bytes_in,
        status_then: found.status_then.to_string(),
        confidence: ConfidenceView::from(&sighting.confidence),
        attribution: AttributionView::from(&sighting.attribution),
        specificity: sighting.specificity.to_string(),
        catalogue_version: sighting.catalogue_version.clone(),
        evidence: sighting.evidence.iter().map(EvidenceView::from).collect(),
        re_evaluated: found.re_evaluated.as_ref().map(ReEvaluatedView::from),
    }
}
