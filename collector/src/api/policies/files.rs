//! Decisions as a file.

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::{Uri, header};
use inventory::{PolicyFile, Range};
use store::{AuditAction, AuditEntry, ImportMode};

use super::{EXPORT_PARAMS, EXPORT_PATH, IMPORT_PARAMS, IMPORT_PATH, actor};
use crate::api::access::{Analyst, Viewer};
use crate::api::answer::{Answer, Site};
use crate::api::params::Params;
use crate::api::problem::{Detail, Problem};
use crate::api::views::ImportView;

pub(in crate::api) async fn export(
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

pub(in crate::api) async fn import(
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
            coverage: desk.coverage(Range::ALL)?,
            next: None,
        })
    });
    work.await
}
