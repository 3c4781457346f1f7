//! `/unmask`: hands out a sealed name, and hears that an officer opened a layer of one. Both are logged before they are
//! answered. The collector has no key and never sees a name.

use axum::body::Bytes;
use axum::extract::State;
use data_encoding::BASE64;
use http::Uri;
use inventory::{MAX_TEXT, MAX_USER, Range};
use store::{AuditAction, AuditEntry, User};

use super::access::{Analyst, Viewer};
use super::answer::{Answer, Desk, Site};
use super::params::Params;
use super::problem::Problem;
use super::views::{OpenedView, SealedNameView, UnmaskView};
use crate::ingest::text::clean;

pub(super) const PATH: &str = "/unmask";
pub(super) const PARAMS: &[&[&str]] = &[];
pub(super) const OPENED_PATH: &str = "/unmask/opened";
pub(super) const OPENED_PARAMS: &[&[&str]] = &[];

pub(super) async fn ask(
    Analyst(user): Analyst,
    State(site): State<Site>,
    uri: Uri,
    body: Bytes,
) -> Result<Answer<SealedNameView>, Problem> {
    let work = site.work(move |desk| {
        let mut params = Params::read(PATH, &uri, PARAMS);
        let wanted: UnmaskView = read(&body)?;
        text(&mut params, "label", &wanted.label, MAX_USER);
        text(&mut params, "reason", &wanted.reason, MAX_TEXT);
        params.check()?;
        let found = desk.store.sealed_users(&wanted.label)?;
        if found.is_empty() {
            return Err(Problem::not_found(format!(
                "no name is sealed for {:?}: the label is unknown, or there were no officers' keys when it was reported",
                wanted.label
            )));
        }
        log(desk, &user, AuditAction::UnmaskAsked, &wanted.label, wanted.reason)?;
        let items = found.into_iter().map(|sealed| SealedNameView {
            label: wanted.label.clone(),
            sensor: sealed.sensor.to_string(),
            last_seen: sealed.last_seen,
            sealed: BASE64.encode(&sealed.sealed),
        });
        answer(desk, items.collect())
    });
    work.await
}

pub(super) async fn opened(
    Viewer(user): Viewer,
    State(site): State<Site>,
    uri: Uri,
    body: Bytes,
) -> Result<Answer<OpenedView>, Problem> {
    let work = site.work(move |desk| {
        let mut params = Params::read(OPENED_PATH, &uri, OPENED_PARAMS);
        let opened: OpenedView = read(&body)?;
        text(&mut params, "label", &opened.label, MAX_USER);
        text(&mut params, "reason", &opened.reason, MAX_TEXT);
        params.check()?;
        let detail = format!("{} layer: {}", opened.layer.as_str(), opened.reason);
        log(
            desk,
            &user,
            AuditAction::UnmaskOpened,
            &opened.label,
            detail,
        )?;
        answer(desk, vec![opened])
    });
    work.await
}

fn read<T: serde::de::DeserializeOwned>(body: &[u8]) -> Result<T, Problem> {
    serde_json::from_slice(body)
        .map_err(|error| Problem::invalid_one("body", format!("is not what is wanted: {error}")))
}

fn text(params: &mut Params, name: &str, value: &str, most: usize) {
    if value.trim().is_empty() {
        params.problem(name, "is empty");
    } else if value.len() > most {
        params.problem(name, format!("is longer than {most} bytes"));
    }
}

fn log(
    desk: &Desk,
    user: &User,
    action: AuditAction,
    label: &str,
    detail: String,
) -> Result<(), Problem> {
    let entry = AuditEntry {
        actor: format!("user {}", user.name),
        action,
        target: clean(label.to_owned()),
        detail: clean(detail),
    };
    Ok(desk.store.audit(&entry, desk.now)?)
}

fn answer<T>(desk: &Desk, items: Vec<T>) -> Result<Answer<T>, Problem> {
    Ok(Answer {
        items,
        coverage: desk.coverage(Range::ALL)?,
        next: None,
    })
}
