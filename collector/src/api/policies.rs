//! `/policies`: what was decided about services, and deciding it.

use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use http::{StatusCode, Uri, header};
use inventory::{
    Cursor, Decision, DeviceId, MAX_TEXT, NewDecision, PolicyFile, Scope, Status, Timestamp,
};
use store::{AuditAction, AuditEntry, ImportMode};

use super::access::{Analyst, Viewer};
use super::answer::{Answer, Desk, Site};
use super::cursor;
use super::params::{self, Params};
use super::problem::{Detail, Problem};
use super::views::{DecisionView, ImportView, NewDecisionView};

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
            coverage: None,
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

pub(super) async fn set(
    Analyst(user): Analyst,
    State(site): State<Site>,
    uri: Uri,
    Path(service): Path<String>,
    body: Bytes,
) -> Result<Answer<DecisionView>, Problem> {
    let work = site.work(move |desk| {
        let mut params = Params::read(ONE_PATH, &uri, SET_PARAMS);
        params.check()?;
        if let Some(message) = desk.unknown_service(&service)? {
            return Err(Problem::not_found(message));
        }
        let wanted: NewDecisionView = serde_json::from_slice(&body).map_err(|error| {
            Problem::invalid_one("body", format!("is no decision in JSON: {error}"))
        })?;
        let decision = decision(desk, &mut params, service, wanted)?;
        params.check()?;
        let decision = desk
            .store
            .set_decision(&decision, &actor(&user), desk.now)?;
        Ok(Answer {
            items: vec![view(desk, &decision)],
            coverage: None,
            next: None,
        })
    });
    work.await
}

fn decision(
    desk: &Desk,
    params: &mut Params,
    service: String,
    wanted: NewDecisionView,
) -> Result<NewDecision, Problem> {
    let status: Status = match wanted.status.parse() {
        Ok(Status::Discovered) => {
            params.problem(
                "status",
                "discovered is what holds without a decision: remove the decision instead",
            );
            Status::Discovered
        }
        Ok(status) => status,
        Err(error) => {
            params.problem("status", format!("{error}"));
            Status::Discovered
        }
    };
    let expires: Option<Timestamp> = match wanted.expires.as_deref().map(str::parse) {
        None => None,
        Some(Ok(expires)) if expires > desk.now => Some(expires),
        Some(Ok(expires)) => {
            params.problem("expires", format!("{expires} is past: it would not apply"));
            None
        }
        Some(Err(error)) => {
            params.problem("expires", error.to_string());
            None
        }
    };
    if wanted.reason.len() > MAX_TEXT {
        params.problem("reason", format!("is longer than {MAX_TEXT} bytes"));
    }
    let scope = scope(desk, params, wanted.device, wanted.user, wanted.tenant)?;
    Ok(NewDecision {
        service,
        scope,
        status,
        reason: wanted.reason,
        expires,
    })
}

/// The scope that is meant; a device may be named in any way that only one has.
fn scope(
    desk: &Desk,
    params: &mut Params,
    device: Option<String>,
    user: Option<String>,
    tenant: Option<String>,
) -> Result<Scope, Problem> {
    for (name, value) in [("device", &device), ("user", &user), ("tenant", &tenant)] {
        match value.as_deref() {
            Some("") => params.problem(name, "is empty; leave it out for everybody"),
            Some(value) if value.len() > MAX_TEXT => {
                params.problem(name, format!("is longer than {MAX_TEXT} bytes"));
            }
            _ => {}
        }
    }
    let mut scope = Scope {
        device: None,
        user,
        tenant,
    };
    if let Some(name) = device.filter(|name| !name.is_empty()) {
        let found = desk.store.find_devices(&name)?;
        match found.as_slice() {
            [one] => scope.device = Some(one.clone()),
            [] => params.problem(
                "device",
                format!("no device is known as {name:?}; see /devices for those that are"),
            ),
            several => {
                let ids: Vec<&str> = several.iter().take(5).map(DeviceId::as_str).collect();
                let message = format!(
                    "{} devices are known as {name:?}, name one by its id: {}",
                    several.len(),
                    ids.join(", ")
                );
                params.problem("device", message);
            }
        }
    }
    Ok(scope)
}

pub(super) async fn remove(
    Analyst(user): Analyst,
    State(site): State<Site>,
    uri: Uri,
    Path(service): Path<String>,
) -> Result<StatusCode, Problem> {
    let work = site.work(move |desk| {
        let mut params = Params::read(ONE_PATH, &uri, REMOVE_PARAMS);
        let part = |name: &str| params.one(name).map(str::to_owned);
        let (device, user_name, tenant) = (part("device"), part("user"), part("tenant"));
        // A device that is gone may still have a decision under its id.
        let decided = desk.store.policy()?;
        let exact = device.clone().map(DeviceId::from_stored);
        let scope = if exact.is_some() && decided.in_force().any(|one| one.scope.device == exact) {
            Scope {
                device: exact,
                user: user_name,
                tenant,
            }
        } else {
            scope(desk, &mut params, device, user_name, tenant)?
        };
        params.check()?;
        if desk
            .store
            .remove_decision(&service, &scope, &actor(&user), desk.now)?
        {
            return Ok(StatusCode::NO_CONTENT);
        }
        let message = format!("nothing is decided about {service} for {scope}");
        Err(Problem::not_found(message))
    });
    work.await
}

pub(super) async fn export(
    Viewer(user): Viewer,
    State(site): State<Site>,
    uri: Uri,
) -> Result<Response, Problem> {
    let work = site.work(move |desk| {
        Params::read(EXPORT_PATH, &uri, EXPORT_PARAMS).check()?;
        let policy = desk.store.policy()?;
        let text = PolicyFile::render(policy.in_force());
        let entry = AuditEntry {
            actor: actor(&user),
            action: AuditAction::Exported,
            target: "policies".to_owned(),
            detail: format!("{} decisions", policy.in_force().count()),
        };
        desk.store.audit(&entry, desk.now)?;
        Ok(([(header::CONTENT_TYPE, "application/toml")], text).into_response())
    });
    work.await
}

pub(super) async fn import(
    Analyst(user): Analyst,
    State(site): State<Site>,
    uri: Uri,
    body: String,
) -> Result<Answer<ImportView>, Problem> {
    let work = site.work(move |desk| {
        let mut params = Params::read(IMPORT_PATH, &uri, IMPORT_PARAMS);
        let mode = match params.one("mode") {
            None | Some("merge") => ImportMode::Merge,
            Some("replace") => ImportMode::Replace,
            Some(_) => {
                params.problem("mode", "must be merge or replace");
                ImportMode::Merge
            }
        };
        params.check()?;
        let policy = desk.store.policy()?;
        // What is decided about already may stay in a file when the catalogue loses it.
        let known = |id: &str| {
            desk.catalogue.service(id).is_some()
                || policy.in_force().any(|decision| decision.service == id)
                || desk.store.has_service(id).unwrap_or(false)
        };
        let file = PolicyFile::parse(&body, &known).map_err(|error| {
            let lines = error.problems.into_iter().map(|problem| Detail {
                at: format!("line {}", problem.line),
                message: problem.message,
            });
            Problem::invalid(lines.collect())
        })?;
        let imported =
            desk.store
                .import_decisions(&file.decisions, mode, &actor(&user), desk.now)?;
        Ok(Answer {
            items: vec![ImportView {
                set: imported.set,
                unchanged: imported.unchanged,
                removed: imported.removed,
            }],
            coverage: None,
            next: None,
        })
    });
    work.await
}

fn actor(user: &store::User) -> String {
    format!("user {}", user.name)
}
