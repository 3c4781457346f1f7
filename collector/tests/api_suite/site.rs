//! A router over a store in a folder of its own, with made-up sightings and three users.

use std::path::Path;
use std::sync::Arc;

use axum::Router;
use axum::body::{Body, to_bytes};
use collector::api::{self, ApiState};
use collector::catalogue::Live;
use http::{Method, Request, StatusCode, header};
use inventory::testing::{self, START, WINDOW, window};
use inventory::{Heartbeat, Sighting, SpoolHealth, Timestamp};
use serde_json::Value;
use signatures::Catalogue;
use store::{NewSensor, NewUser, Role, SecretHash, Sqlite, Store};
use tempfile::TempDir;
use tower::ServiceExt as _;

pub(crate) const VIEWER: &str = "gnu1_viewer";
pub(crate) const ANALYST: &str = "gnu1_analyst";

/// Ten hours after the first window.
pub(crate) fn now() -> Timestamp {
    START.saturating_add(WINDOW * 10)
}

pub(crate) struct Site {
    pub(crate) router: Router,
    pub(crate) store: Arc<dyn Store>,
    _folder: TempDir,
}

/// What came back.
#[derive(Debug)]
pub(crate) struct Reply {
    pub(crate) status: StatusCode,
    pub(crate) kind: String,
    pub(crate) text: String,
}

impl Reply {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|error| panic!("{error}: {}", self.text))
    }

    pub(crate) fn items(&self) -> Vec<Value> {
        assert_eq!(self.status, StatusCode::OK, "{}", self.text);
        self.json()["items"].as_array().unwrap().clone()
    }
}

fn open(folder: &Path) -> Arc<dyn Store> {
    let store = Sqlite::open(folder).unwrap();
    for (name, role, token) in [
        ("vera", Role::Viewer, VIEWER),
        ("anna", Role::Analyst, ANALYST),
    ] {
        let user = NewUser {
            name: name.to_owned(),
            role,
            token: SecretHash::of(token.as_bytes()),
        };
        store.add_user(&user, "test", START).unwrap();
    }
    Arc::new(store)
}

impl Site {
    pub(crate) fn empty() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let store = open(folder.path());
        let state = ApiState {
            store: Arc::clone(&store),
            catalogue: Arc::new(Live::fixed(Arc::clone(Catalogue::builtin()))),
            risk: Arc::default(),
            now,
        };
        Self {
            router: api::router(state),
            store,
            _folder: folder,
        }
    }

    /// Three sensors, of which one is silent, and 300 sightings over six hours.
    pub(crate) fn filled() -> Self {
        let site = Self::empty();
        let [anna, ben, tap] = testing::sensors();
        for (id, mode) in [(&anna, "endpoint"), (&ben, "endpoint"), (&tap, "tap")] {
            let sensor = NewSensor {
                id: id.clone(),
                hostname: format!("host-{id}"),
                os: "linux".to_owned(),
                agent_version: "0.1.0".to_owned(),
            };
            site.store.add_sensor(&sensor, "test", START).unwrap();
            let at = if *id == ben { START } else { now() };
            site.store
                .heartbeat(id, &heartbeat(id.as_str(), mode), at)
                .unwrap();
            site.store.record(id, &[], &[window(1, 0, 2)], at).unwrap();
        }
        let reports = testing::sightings(5, 300, 6);
        for sensor in [anna, ben, tap] {
            let at = if sensor.as_str() == "s-ben" {
                START
            } else {
                now()
            };
            let own = reports.iter().filter(|(other, _)| *other == sensor);
            let own: Vec<Sighting> = own.map(|(_, sighting)| sighting.clone()).collect();
            site.store.record(&sensor, &own, &[], at).unwrap();
        }
        site
    }

    pub(crate) async fn send(&self, request: Request<Body>) -> Reply {
        let response = self.router.clone().oneshot(request).await.unwrap();
        let status = response.status();
        let kind = response.headers().get(header::CONTENT_TYPE);
        let kind = kind.map_or("", |kind| kind.to_str().unwrap()).to_owned();
        assert_eq!(response.headers()[header::CACHE_CONTROL], "no-store");
        let body = to_bytes(response.into_body(), usize::MAX).await.unwrap();
        Reply {
            status,
            kind,
            text: String::from_utf8(body.to_vec()).unwrap(),
        }
    }

    pub(crate) async fn ask(&self, method: Method, path: &str, token: &str, body: &str) -> Reply {
        let request = Request::builder()
            .method(method)
            .uri(format!("/api/v1{path}"))
            .header(header::AUTHORIZATION, format!("Bearer {token}"))
            .body(Body::from(body.to_owned()))
            .unwrap();
        self.send(request).await
    }

    pub(crate) async fn get(&self, path: &str) -> Reply {
        self.ask(Method::GET, path, VIEWER, "").await
    }
}

fn heartbeat(hostname: &str, mode: &str) -> Heartbeat {
    let interface = inventory::InterfaceHealth {
        name: "eth0".to_owned(),
        backend: "af_packet".to_owned(),
        capturing: true,
        problem: String::new(),
        frames: 10,
        frames_dropped: 1,
    };
    Heartbeat {
        agent_version: "0.1.0".to_owned(),
        catalogue_version: "c".to_owned(),
        epoch: None,
        mode: mode.to_owned(),
        os: "linux".to_owned(),
        hostname: format!("host-{hostname}"),
        interfaces: vec![interface],
        spool: SpoolHealth::default(),
        degradations: vec!["no process table".to_owned()],
        counters: vec![("frames".to_owned(), 10)],
        clock_offset_ns: 2_000_000,
    }
}
