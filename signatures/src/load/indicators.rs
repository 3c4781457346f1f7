//! Reads the groups of a service: names, local requests, processes, artefacts.

use std::sync::Arc;

use super::section::{File, Section, Text, shown};
use crate::local::{LocalRule, RequestLine};
use crate::model::{Artefact, Indicator, IndicatorKind, Process, Provenance, Service};
use crate::name;
use crate::pattern::Pattern;
use crate::public_suffix::{Zone, zone_of};
use crate::vocabulary::{Basis, Platform, Specificity, Surface};

/// Literal bytes that a pattern directly under a hosting zone must have left of it.
const MIN_LITERAL_UNDER_HOSTING: usize = 4;

/// What a group says once for all its entries.
struct Group {
    surface: Surface,
    specificity: Specificity,
    basis: Basis,
    sources: Arc<[String]>,
    file: Arc<str>,
}

impl Group {
    fn read(
        file: &mut File<'_>,
        section: &mut Section<'_>,
        surface: Option<Surface>,
    ) -> Option<Self> {
        let surface = match surface {
            Some(usual) => Some(section.word(file, "surface").unwrap_or(usual)),
            None => section.required_word(file, "surface"),
        };
        let specificity = section
            .word(file, "specificity")
            .unwrap_or(Specificity::Exclusive);
        let basis = section.required_word(file, "confidence");
        let sources = section.required_texts(file, "sources");
        let sources = sources
            .into_iter()
            .map(|source| source.text.into())
            .collect();
        Some(Self {
            surface: surface?,
            specificity,
            basis: basis?,
            sources,
            file: file.name.clone(),
        })
    }

    fn provenance(&self, line: u32) -> Provenance {
        Provenance {
            basis: self.basis,
            sources: Arc::clone(&self.sources),
            file: Arc::clone(&self.file),
            line,
        }
    }

    fn indicator(&self, kind: IndicatorKind, value: &str, line: u32) -> Indicator {
        Indicator {
            kind,
            value: value.into(),
            surface: self.surface,
            specificity: self.specificity,
            provenance: self.provenance(line),
        }
    }
}

pub(super) fn read_names(file: &mut File<'_>, mut section: Section<'_>, service: &mut Service) {
    let group = Group::read(file, &mut section, None);
    let own_zone = section.flag(file, "tenant_zone");
    let mut entries = Vec::new();
    for (key, kind) in [
        ("exact", IndicatorKind::Exact),
        ("suffix", IndicatorKind::Suffix),
        ("pattern", IndicatorKind::Pattern),
    ] {
        entries.extend(
            section
                .texts(file, key)
                .into_iter()
                .map(|text| (kind, text)),
        );
    }
    if entries.is_empty() {
        file.problem(
            section.line,
            "service.names needs names under `exact`, `suffix` or `pattern`",
        );
    }
    section.finish(file);
    for (kind, text) in entries {
        let checked = match kind {
            IndicatorKind::Pattern => check_pattern(text.text, own_zone),
            IndicatorKind::Exact | IndicatorKind::Suffix | IndicatorKind::Local => {
                check_name(text.text, own_zone)
            }
        };
        if let Err(message) = checked {
            file.problem(text.line, format!("{} {message}", quoted(text)));
        } else if let Some(group) = &group {
            service
                .indicators
                .push(group.indicator(kind, text.text, text.line));
        }
    }
}

fn quoted(text: Text<'_>) -> String {
    format!("{:?}", shown(text.text))
}

fn check_name(text: &str, own_zone: bool) -> Result<(), String> {
    name::check(text)?;
    match (zone_of(text), own_zone) {
        (Some(Zone::Registry), _) => Err("is a public suffix: anybody can get a name there".into()),
        (Some(Zone::Hosting), false) => {
            Err("is a hosting zone, its names belong to many customers: \
             only its owner may list it, in a group with `tenant_zone = true`"
                .into())
        }
        (None, true) => {
            Err("is no hosting zone that this program knows, so `tenant_zone` does not fit".into())
        }
        (Some(Zone::Hosting), true) | (None, false) => Ok(()),
    }
}

fn check_pattern(text: &str, own_zone: bool) -> Result<(), String> {
    let pattern = Pattern::parse(text).map_err(|error| error.to_string())?;
    match zone_of(pattern.anchor()) {
        Some(Zone::Registry) => {
            Err("is anchored at a public suffix, so anybody could match it".into())
        }
        Some(Zone::Hosting) if !own_zone && pattern.literal_bytes() < MIN_LITERAL_UNDER_HOSTING => {
            Err("is anchored at a hosting zone and has too few fixed letters before it".into())
        }
        Some(Zone::Hosting) | None => Ok(()),
    }
}

pub(super) fn read_local(file: &mut File<'_>, mut section: Section<'_>, service: &mut Service) {
    let group = Group::read(file, &mut section, Some(Surface::LocalRuntime));
    let mut rule = LocalRule {
        ports: section.ports(file, "ports"),
        any_port: section.flag(file, "any_port"),
        mcp: section.flag(file, "mcp"),
        ..LocalRule::default()
    };
    for host in section.texts(file, "hosts") {
        match name::check(host.text) {
            Ok(()) if !host.text.contains('.') => rule.hosts.push(host.text.into()),
            _ => file.problem(
                host.line,
                format!("{} must be one lower-case label", quoted(host)),
            ),
        }
    }
    for agent in section.texts(file, "user_agents") {
        if agent.text.ends_with('/') {
            rule.user_agents.push(agent.text.into());
        } else {
            file.problem(
                agent.line,
                format!("{} must be a product name and end in '/'", quoted(agent)),
            );
        }
    }
    let line = section.line;
    let requests = section.required_texts(file, "requests");
    section.finish(file);
    let conditional = rule.mcp
        || !rule.ports.is_empty()
        || !rule.hosts.is_empty()
        || !rule.user_agents.is_empty();
    if conditional == rule.any_port {
        file.problem(
            line,
            "service.local needs `ports`, `hosts`, `user_agents` or `mcp = true`, or `any_port = true` alone",
        );
    }
    for text in requests {
        match RequestLine::parse(text.text) {
            Err(message) => file.problem(text.line, format!("{} {message}", quoted(text))),
            Ok(_) if rule.any_port && text.text.ends_with("/*") => {
                file.problem(
                    text.line,
                    "with `any_port` a request must name its whole path",
                );
            }
            Ok(request) => {
                let Some(group) = &group else { continue };
                rule.requests.push((request, service.indicators.len()));
                service.indicators.push(group.indicator(
                    IndicatorKind::Local,
                    text.text,
                    text.line,
                ));
            }
        }
    }
    service.local_rules.push(rule);
}

pub(super) fn read_processes(file: &mut File<'_>, mut section: Section<'_>, service: &mut Service) {
    let group = Group::read(file, &mut section, Some(Surface::App));
    let platform = section.word(file, "platform").unwrap_or(Platform::Any);
    let requires = section.text(file, "requires");
    let names = section.required_texts(file, "names");
    section.finish(file);
    let Some(group) = group else { return };
    service
        .processes
        .extend(names.into_iter().map(|name| Process {
            name: name.text.into(),
            requires: requires.map(|text| text.text.into()),
            platform,
            surface: group.surface,
            provenance: group.provenance(name.line),
        }));
}

pub(super) fn read_artefacts(file: &mut File<'_>, mut section: Section<'_>, service: &mut Service) {
    let group = Group::read(file, &mut section, Some(Surface::App));
    let platform = section.word(file, "platform").unwrap_or(Platform::Any);
    let kind = section.required(file, "kind");
    let values = section.required_texts(file, "values");
    section.finish(file);
    let (Some(group), Some(kind)) = (group, kind) else {
        return;
    };
    service
        .artefacts
        .extend(values.into_iter().map(|value| Artefact {
            kind: kind.text.into(),
            value: value.text.into(),
            platform,
            surface: group.surface,
            provenance: group.provenance(value.line),
        }));
}
