//! Errors as problem details (RFC 9457): what is wrong, and what to do about it.

use axum::Json;
use axum::response::{IntoResponse, Response};
use http::{HeaderValue, StatusCode, header};
use serde::{Deserialize, Serialize};
use store::Error;

/// One thing wrong with a request.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Detail {
    /// The parameter, the field, or `line N` of a file.
    pub at: String,
    /// What is wrong with it.
    pub message: String,
}

/// An answer that says why there is no other.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Problem {
    /// `urn:gnomon:problem:` and a word for programs.
    #[serde(rename = "type")]
    pub kind: String,
    /// The same in a few words for people.
    pub title: String,
    /// Status code of the answer.
    pub status: u16,
    /// What happened here, and what to do.
    pub detail: String,
    /// Everything wrong with the request, where it is more than one thing.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub errors: Vec<Detail>,
}

impl Problem {
    pub(super) fn new(
        status: StatusCode,
        kind: &str,
        title: &str,
        detail: impl Into<String>,
    ) -> Self {
        Self {
            kind: format!("urn:gnomon:problem:{kind}"),
            title: title.to_owned(),
            status: status.as_u16(),
            detail: detail.into(),
            errors: Vec::new(),
        }
    }

    /// The request says something that cannot be meant.
    pub(super) fn invalid(errors: Vec<Detail>) -> Self {
        let detail = errors
            .iter()
            .map(|error| format!("{}: {}", error.at, error.message))
            .collect::<Vec<_>>()
            .join("; ");
        let title = "The request is not valid";
        Self {
            errors,
            ..Self::new(StatusCode::BAD_REQUEST, "invalid-request", title, detail)
        }
    }

    /// The same for one thing.
    pub(super) fn invalid_one(at: &str, message: impl Into<String>) -> Self {
        Self::invalid(vec![Detail {
            at: at.to_owned(),
            message: message.into(),
        }])
    }

    pub(super) fn not_found(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::NOT_FOUND, "not-found", "There is none", detail)
    }

    pub(super) fn unavailable(detail: impl Into<String>) -> Self {
        let title = "The collector cannot do it now";
        Self::new(
            StatusCode::SERVICE_UNAVAILABLE,
            "unavailable",
            title,
            detail,
        )
    }

    pub(super) fn internal(detail: impl Into<String>) -> Self {
        let title = "The collector failed";
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, "internal", title, detail)
    }
}

impl From<Error> for Problem {
    fn from(error: Error) -> Self {
        match &error {
            Error::BadCursor => Self::invalid_one("next", error.to_string()),
            Error::Exists { .. } => {
                let title = "It is there already";
                Self::new(StatusCode::CONFLICT, "exists", title, error.to_string())
            }
            Error::Busy(_) => Self::unavailable("the inventory is busy; try again"),
            Error::Full(_) => Self::unavailable("the collector's disk is full; make room there"),
            Error::Unwritable { .. } => {
                tracing::error!(%error, "the inventory cannot be written");
                Self::unavailable("the collector cannot write its inventory; its log says why")
            }
            Error::Corrupt { .. }
            | Error::TooNew { .. }
            | Error::UnknownSensor(_)
            | Error::Revoked(_)
            | Error::Invalid(_)
            | Error::Database(_)
            | Error::Io { .. } => {
                tracing::error!(
                    error = &error as &dyn std::error::Error,
                    "the inventory failed"
                );
                Self::internal("the inventory could not be read; the collector's log says why")
            }
        }
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let mut response = (status, Json(self)).into_response();
        let kind = HeaderValue::from_static("application/problem+json");
        response.headers_mut().insert(header::CONTENT_TYPE, kind);
        if status == StatusCode::UNAUTHORIZED {
            let scheme = HeaderValue::from_static("Bearer");
            response
                .headers_mut()
                .insert(header::WWW_AUTHENTICATE, scheme);
        }
        response
    }
}
