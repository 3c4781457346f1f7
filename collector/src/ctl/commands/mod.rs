//! The commands: what each asks the collector, and how its rows look.

mod coverage;
mod devices;
mod findings;
mod look;
mod policy;
mod program;
mod sensors;
mod service;
mod services;
mod show;
pub(super) mod unmask;
mod usage;

use inventory::Timestamp;

use super::args::{Ask, AskCoverage, AskSensors, AskServices, Output, Place, Span};
use super::client::{Client, Params};
use super::config::Config;
use super::failure::Failure;
use crate::api::views::{
    DeviceView, FindingView, SensorCoverageView, SensorView, ServiceView, UsageView,
};
use crate::clock;

pub(super) use policy::policy;
use show::{show, show_one};

/// One run of the program: whom it asks, and when.
pub(super) struct Session {
    client: Client,
    now: Timestamp,
}

impl Session {
    pub(super) fn open(place: &Place) -> Result<Self, Failure> {
        Ok(Self {
            client: Client::new(Config::load(place)?)?,
            now: clock::now(),
        })
    }
}

pub(super) fn services(session: &Session, wanted: &AskServices) -> Result<(), Failure> {
    let ask = &wanted.ask;
    if let Some(id) = &wanted.id {
        let mut params = Params::new();
        range(session, &ask.span, &mut params);
        return show_one(session, id, &params, ask.output.format);
    }
    show::<ServiceView>(session, filters(session, ask), &ask.output)
}

pub(super) fn devices(session: &Session, ask: &Ask) -> Result<(), Failure> {
    show::<DeviceView>(session, filters(session, ask), &ask.output)
}

pub(super) fn usage(session: &Session, ask: &Ask) -> Result<(), Failure> {
    show::<UsageView>(session, filters(session, ask), &ask.output)
}

pub(super) fn findings(session: &Session, ask: &Ask) -> Result<(), Failure> {
    show::<FindingView>(session, filters(session, ask), &ask.output)
}

pub(super) fn coverage(session: &Session, ask: &AskCoverage) -> Result<(), Failure> {
    let mut params = Params::new();
    range(session, &ask.span, &mut params);
    show::<SensorCoverageView>(session, params, &ask.output)
}

pub(super) fn sensors(session: &Session, ask: &AskSensors) -> Result<(), Failure> {
    show::<SensorView>(session, Params::new(), &ask.output)
}

fn range(session: &Session, span: &Span, params: &mut Params) {
    for (name, when) in [("since", span.since), ("until", span.until)] {
        if let Some(when) = when {
            params.push((name, when.resolve(session.now).to_string()));
        }
    }
}

fn filters(session: &Session, ask: &Ask) -> Params {
    let mut params = Params::new();
    range(session, &ask.span, &mut params);
    for (name, values) in [
        ("service", &ask.service),
        ("device", &ask.device),
        ("user", &ask.user),
        ("process", &ask.process),
    ] {
        params.extend(values.iter().map(|value| (name, value.clone())));
    }
    params.extend(ask.class.iter().map(|class| ("class", class.to_string())));
    params.extend(
        ask.status
            .iter()
            .map(|status| ("status", status.to_string())),
    );
    if ask.unsanctioned {
        params.push(("unsanctioned", "true".to_owned()));
    }
    params
}
