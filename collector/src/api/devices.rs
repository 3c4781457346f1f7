//! `GET /devices`: which devices use AI services.

use axum::extract::State;
use http::Uri;
use inventory::DeviceUse;

use super::access::Viewer;
use super::answer::{Answer, Desk, Site};
use super::cursor;
use super::params::{self, Params};
use super::problem::Problem;
use super::views::{DeviceName, DeviceView, StatusCountsView};
use crate::privacy;

pub(super) const PATH: &str = "/devices";
pub(super) const PARAMS: &[&[&str]] = &[params::RANGE, params::FILTERS, params::PAGE];

pub(super) async fn list(
    _: Viewer,
    State(site): State<Site>,
    uri: Uri,
) -> Result<Answer<DeviceView>, Problem> {
    let work = site.work(move |desk| {
        let mut params = Params::read(PATH, &uri, PARAMS);
        let query = params.query(desk)?;
        let page = params.page();
        params.check()?;
        let found = desk.store.devices(&query, &page, desk.now)?;
        let fingerprint = params.fingerprint();
        Ok(Answer {
            items: found.items.iter().map(|device| row(desk, device)).collect(),
            coverage: desk.coverage(query.range)?,
            next: found.next.map(|next| cursor::encode(&fingerprint, &next)),
        })
    });
    work.await
}

fn row(desk: &Desk, device: &DeviceUse) -> DeviceView {
    let totals = &device.totals;
    DeviceView {
        device: DeviceName::from(&device.device),
        stage: totals.stage.to_string(),
        first_seen: totals.first_seen,
        last_seen: totals.last_seen,
        flow_count: totals.flow_count,
        bytes_out: totals.bytes_out,
        bytes_in: totals.bytes_in,
        services: device
            .services
            .iter()
            .map(|id| desk.service_name(id))
            .collect(),
        services_total: device.services_total,
        users: privacy::people(device.users),
        statuses: StatusCountsView::from(&device.statuses),
    }
}
