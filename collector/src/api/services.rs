//! `GET /services` and `GET /services/{id}`: which AI services are in use.

use std::collections::BTreeMap;

use axum::extract::{Path, State};
use http::Uri;
use inventory::{PageRequest, Query, ServiceRollup, ServiceUse, Subject};
use signatures::{DataUse, EnterpriseTier, Service};

use super::access::Viewer;
use super::answer::{Answer, Desk, Site};
use super::cursor;
use super::params::{self, Params};
use super::problem::Problem;
use super::views::{
    CatalogueView, ConfidenceView, EvidenceView, Provenance, ReEvaluatedUseView, RiskView,
    ServiceView, StatusCountsView, VerdictView,
};
use crate::privacy;

pub(super) const PATH: &str = "/services";
pub(super) const PARAMS: &[&[&str]] = &[params::RANGE, params::FILTERS, params::PAGE];
pub(super) const ONE_PATH: &str = "/services/{id}";
pub(super) const ONE_PARAMS: &[&[&str]] = &[params::RANGE];

pub(super) async fn list(
    _: Viewer,
    State(site): State<Site>,
    uri: Uri,
) -> Result<Answer<ServiceView>, Problem> {
    let work = site.work(move |desk| {
        let mut params = Params::read(PATH, &uri, PARAMS);
        let query = params.query(desk)?;
        let page = params.page();
        params.check()?;
        let found = desk.store.services(&query, &page, desk.now)?;
        let fingerprint = params.fingerprint();
        Ok(Answer {
            items: found
                .items
                .iter()
                .map(|service| row(desk, service))
                .collect(),
            coverage: desk.coverage(query.range)?,
            next: found.next.map(|next| cursor::encode(&fingerprint, &next)),
        })
    });
    work.await
}

pub(super) async fn one(
    _: Viewer,
    State(site): State<Site>,
    uri: Uri,
    Path(id): Path<String>,
) -> Result<Answer<ServiceView>, Problem> {
    let work = site.work(move |desk| {
        let mut params = Params::read(ONE_PATH, &uri, ONE_PARAMS);
        let range = params.range();
        params.check()?;
        if let Some(message) = desk.unknown_service(&id)? {
            return Err(Problem::not_found(message));
        }
        let query = Query {
            range,
            services: vec![id.clone()],
            ..Query::default()
        };
        let found = desk
            .store
            .services(&query, &PageRequest::first(1), desk.now)?;
        let service = match found.items.into_iter().next() {
            Some(service) => service,
            // In the catalogue, and not sighted in the range: that is an answer too.
            None => {
                let verdict = desk
                    .store
                    .policy()?
                    .verdict(&Subject::everybody(&id), desk.now);
                ServiceRollup::new(id.clone()).finish(verdict, None, Vec::new())
            }
        };
        let mut view = row(desk, &service);
        view.catalogue = desk.catalogue.service(&id).map(|service| CatalogueView {
            version: desk.catalogue.version().to_owned(),
            last_checked: service.last_checked.clone(),
            sources: service.sources.clone(),
        });
        Ok(Answer {
            items: vec![view],
            coverage: desk.coverage(range)?,
            next: None,
        })
    });
    work.await
}

fn row(desk: &Desk, service: &ServiceUse) -> ServiceView {
    let known = desk.catalogue.service(&service.service);
    let name = desk.service_name(&service.service);
    let totals = service.totals.as_ref();
    let data_use = known
        .map(|known| known.data_use)
        .filter(|word| *word != DataUse::Unknown);
    let tier = known
        .map(|known| known.enterprise_tier)
        .filter(|word| *word != EnterpriseTier::Unknown);
    ServiceView {
        verdict: VerdictView::new(&service.verdict, &name, desk.now),
        risk: RiskView::from(&desk.risk.risk(known, service)),
        provenance: provenance(known, service),
        id: name.id,
        name: name.name,
        vendor: name.vendor,
        category: name.category,
        country: name.country,
        data_use: data_use.map(|word| word.to_string()),
        enterprise_tier: tier.map(|word| word.to_string()),
        stage: totals.map(|totals| totals.stage.to_string()),
        first_seen: totals.map(|totals| totals.first_seen),
        last_seen: totals.map(|totals| totals.last_seen),
        flow_count: totals.map_or(0, |totals| totals.flow_count),
        bytes_out: totals.map_or(0, |totals| totals.bytes_out),
        bytes_in: totals.map_or(0, |totals| totals.bytes_in),
        devices: service.devices,
        users: privacy::people(service.users),
        surfaces: service.surfaces.clone(),
        tenants: service.tenants.clone(),
        tenants_total: service.tenants_total,
        statuses: StatusCountsView::from(&service.statuses),
        confidence: service.confidence.as_ref().map(ConfidenceView::from),
        evidence: service.evidence.iter().map(EvidenceView::from).collect(),
        re_evaluated: service.re_evaluated.as_ref().map(ReEvaluatedUseView::from),
        catalogue: None,
    }
}

fn provenance(known: Option<&Service>, service: &ServiceUse) -> BTreeMap<String, Provenance> {
    use Provenance::{Catalogue, Declared, Observed, Unknown};
    let if_so = |so: bool, provenance| if so { provenance } else { Unknown };
    let catalogue = if_so(known.is_some(), Catalogue);
    let country = known.is_some_and(|known| known.country.is_some());
    let data_use = known.is_some_and(|known| known.data_use != DataUse::Unknown);
    let tier = known.is_some_and(|known| known.enterprise_tier != EnterpriseTier::Unknown);
    let observed = if_so(service.totals.is_some(), Observed);
    let fields = [
        ("name", catalogue),
        ("vendor", catalogue),
        ("category", catalogue),
        ("country", if_so(country, Catalogue)),
        ("data_use", if_so(data_use, Catalogue)),
        ("enterprise_tier", if_so(tier, Catalogue)),
        ("use", observed),
        ("evidence", observed),
        (
            "verdict",
            if_so(service.verdict.decision.is_some(), Declared),
        ),
    ];
    fields
        .into_iter()
        .map(|(field, from)| (field.to_owned(), from))
        .collect()
}
