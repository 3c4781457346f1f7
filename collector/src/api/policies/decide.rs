//! Decisions one by one.

use axum::body::Bytes;
use axum::extract::{Path, State};
use http::{StatusCode, Uri};
use inventory::{DeviceId, MAX_TEXT, NewDecision, Range, Scope, Status, Timestamp};

use super::{ONE_PATH, REMOVE_PARAMS, SET_PARAMS, actor, view};
use crate::api::access::Analyst;
use crate::api::answer::{Answer, Desk, Site};
use crate::api::params::Params;
use crate::api::problem::Problem;
use crate::api::views::{DecisionView, NewDecisionView};

pub(in crate::api) async fn set(
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
            coverage: desk.coverage(Range::ALL)?,
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

pub(in crate::api) async fn remove(
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
