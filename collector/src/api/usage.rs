//! `GET /usage`: who uses which service, how far it got, how much, since when, and is it allowed.

use axum::extract::State;
use http::Uri;
use inventory::Usage;

use super::access::Viewer;
use super::answer::{Answer, Desk, Site};
use super::cursor;
use super::params::{self, Params};
use super::problem::Problem;
use super::views::{
    AttributionView, ConfidenceView, DeviceName, EvidenceView, ReEvaluatedUseView, UsageView,
    VerdictView,
};

pub(super) const PATH: &str = "/usage";
pub(super) const PARAMS: &[&[&str]] = &[params::RANGE, params::FILTERS, params::PAGE];

pub(super) async fn list(
    _: Viewer,
    State(site): State<Site>,
    uri: Uri,
) -> Result<Answer<UsageView>, Problem> {
    let work = site.work(move |desk| {
        let mut params = Params::read(PATH, &uri, PARAMS);
        let query = params.query(desk)?;
        let page = params.page();
        params.check()?;
        let found = desk.store.usage(&query, &page, desk.now)?;
        let fingerprint = params.fingerprint();
        Ok(Answer {
            items: found.items.iter().map(|usage| row(desk, usage)).collect(),
            coverage: desk.coverage(query.range)?,
            next: found.next.map(|next| cursor::encode(&fingerprint, &next)),
        })
    });
    work.await
}

fn row(desk: &Desk, usage: &Usage) -> UsageView {
    let service = desk.service_name(&usage.key.service);
    UsageView {
        verdict: VerdictView::new(&usage.verdict, &service, desk.now),
        service,
        device: DeviceName::from(&usage.device),
        user: usage.key.user.clone(),
        process: usage.key.process.clone(),
        class: usage.key.class.to_string(),
        surface: usage.key.surface.clone(),
        tenant: usage.key.tenant.clone(),
        stage: usage.totals.stage.to_string(),
        stage_limit: usage.stage_limit.map(|limit| limit.to_string()),
        first_seen: usage.totals.first_seen,
        last_seen: usage.totals.last_seen,
        flow_count: usage.totals.flow_count,
        bytes_out: usage.totals.bytes_out,
        bytes_in: usage.totals.bytes_in,
        sightings: usage.totals.sightings,
        status_then: usage.status_then.to_string(),
        confidence: ConfidenceView::from(&usage.confidence),
        attribution: AttributionView::from(&usage.attribution),
        specificity: usage.specificity.to_string(),
        evidence: usage.evidence.iter().map(EvidenceView::from).collect(),
        re_evaluated: usage.re_evaluated.as_ref().map(ReEvaluatedUseView::from),
    }
}
