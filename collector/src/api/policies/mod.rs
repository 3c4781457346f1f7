//! `/policies`: what was decided about services, and deciding it.

mod decide;
mod files;

use axum::extract::State;
use http::Uri;
use inventory::{Cursor, Decision, DeviceId, Range, Scope};

pub(super) use decide::{remove, set};
pub(super) use files::{export, import};

use super::access::Viewer;
use super::answer::{Answer, Desk, Site};
use super::cursor;
use super::params::{self, Params};
use super::problem::Problem;
use super::views::DecisionView;

pub(super) const PATH: &str = "/policies";
pub(super) const PARAMS: &[&[&str]] = &[params::PAGE];
pub(super) const ONE_PATH: &str = "/policies/{service}";
pub(super) const SET_PARAMS: &[&[&str]] = &[];
pub(super) const REMOVE_PARAMS: &[&[&str]] = &[&["device", "user", "tenant"]];
pub(super) const EXPORT_PATH: &str = "/policies/export";
pub(super) const EXPORT_PARAMS: &[&[&str]] = &[];
pub(super) const IMPORT_PATH: &str = "/policies/import";
pub(super) const IMPORT_PARAMS: &[&[&str]] = &[&["mode"]];

pub(super) async fn list(
    _: Viewer,
    State(site): State<Site>,
    uri: Uri,
) -> Result<Answer<DecisionView>, Problem> {
    let work = site.work(move |desk| {
        let mut params = Params::read(PATH, &uri, PARAMS);
        let page = params.page();
        params.check()?;
        let policy = desk.store.policy()?;
        let key = |decision: &Decision| (decision.service.clone(), decision.scope.clone());
        let after = page.after.as_ref().and_then(after);
        let limit = usize::try_from(page.limit).unwrap_or(usize::MAX);
        let mut rest = policy
            .in_force()
            .skip_while(|one| after.as_ref().is_some_and(|after| key(one) <= *after));
        let cut: Vec<&Decision> = rest.by_ref().take(limit).collect();
        let next = rest.next().and(cut.last()).map(|last| cursor_of(last));
        let fingerprint = params.fingerprint();
        Ok(Answer {
            items: cut
                .into_iter()
                .map(|decision| view(desk, decision))
                .collect(),
            coverage: desk.coverage(Range::ALL)?,
            next: next.map(|next| cursor::encode(&fingerprint, &next)),
        })
    });
    work.await
}

fn cursor_of(decision: &Decision) -> Cursor {
    let scope = &decision.scope;
    let text = |text: Option<&str>| text.unwrap_or_default().to_owned();
    Cursor(vec![
        decision.service.clone(),
        text(scope.device.as_ref().map(DeviceId::as_str)),
        text(scope.user.as_deref()),
        text(scope.tenant.as_deref()),
    ])
}

fn after(Cursor(parts): &Cursor) -> Option<(String, Scope)> {
    let [service, device, user, tenant]: [String; 4] = parts.clone().try_into().ok()?;
    let part = |text: String| (!text.is_empty()).then_some(text);
    let device = part(device).map(DeviceId::from_stored);
    Some((
        service,
        Scope {
            device,
            user: part(user),
            tenant: part(tenant),
        },
    ))
}

fn view(desk: &Desk, decision: &Decision) -> DecisionView {
    DecisionView::new(decision, desk.service_name(&decision.service), desk.now)
}

/// Who decides, for the log.
fn actor(user: &store::User) -> String {
    format!("user {}", user.name)
}
