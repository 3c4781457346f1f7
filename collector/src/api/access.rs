//! Who may ask: a bearer token (RFC 6750) that belongs to a user, and the role of that user.

use axum::extract::FromRequestParts;
use http::StatusCode;
use http::header;
use http::request::Parts;
use store::{Role, SecretHash, User};

use super::answer::Site;
use super::problem::Problem;

/// Longest token that is looked up.
const MAX_TOKEN: usize = 256;

/// Somebody who may read: every user may.
pub(super) struct Viewer(pub(super) User);

/// Somebody who may decide.
pub(super) struct Analyst(pub(super) User);

impl FromRequestParts<Site> for Viewer {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, site: &Site) -> Result<Self, Problem> {
        user(parts, site).await.map(Self)
    }
}

impl FromRequestParts<Site> for Analyst {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, site: &Site) -> Result<Self, Problem> {
        let user = user(parts, site).await?;
        if user.role >= Role::Analyst {
            return Ok(Self(user));
        }
        let detail = format!(
            "{} has the role {}; to decide takes {} or {}. Ask the collector's administrator.",
            user.name,
            user.role,
            Role::Analyst,
            Role::Admin
        );
        let title = "This user may only read";
        Err(Problem::new(
            StatusCode::FORBIDDEN,
            "forbidden",
            title,
            detail,
        ))
    }
}

async fn user(parts: &Parts, site: &Site) -> Result<User, Problem> {
    let token = bearer(parts)?;
    let hash = SecretHash::of(token.as_bytes());
    let user = site
        .work(move |desk| Ok(desk.store.user_by_token(&hash)?))
        .await?;
    user.ok_or_else(|| unauthorized("the token belongs to no user; it may have been removed"))
}

fn bearer(parts: &Parts) -> Result<&str, Problem> {
    let missing = || unauthorized("send an API token: `Authorization: Bearer gnu1_...`");
    let value = parts
        .headers
        .get(header::AUTHORIZATION)
        .ok_or_else(missing)?;
    let (scheme, token) = value
        .to_str()
        .ok()
        .and_then(|v| v.split_once(' '))
        .ok_or_else(missing)?;
    if scheme.eq_ignore_ascii_case("bearer") && !token.is_empty() && token.len() <= MAX_TOKEN {
        Ok(token.trim())
    } else {
        Err(missing())
    }
}

fn unauthorized(detail: &str) -> Problem {
    let title = "No valid API token";
    Problem::new(StatusCode::UNAUTHORIZED, "unauthorized", title, detail)
}
