//! One service as bytes: writing and reading, side by side.
//!
//! Numbers take seven bits a byte, the low ones first, the eighth bit set on all but the last byte. A text stands as its
//! number, and so does a word of a closed list; one that may be missing as its number from 1, 0 for none. A list starts
//! with how many items it has.
//!
//! ```text
//! service     id, name, vendor, category, country?, data_use, enterprise_tier, sources, last_checked, file, line,
//!             [indicator], [local rule], [process], [artefact], [example that matches], [near miss]
//! indicator   kind, value, surface, specificity, provenance
//! local rule  [port], [host], [user agent], any_port as 0 or 1, mcp likewise, [number of the request's indicator in the service]
//! process     name, requires?, platform, surface, provenance
//! artefact    kind, value, platform, surface, provenance
//! provenance  basis, sources, line; the file is the service's
//! sources     number of a list of texts, which stands among the records too
//! ```

use std::sync::Arc;

use super::cursor::Cursor;
use super::write::Writer;
use crate::id::ServiceId;
use crate::local::{LocalRule, RequestLine};
use crate::model::{Artefact, Examples, Indicator, IndicatorKind, Process, Provenance, Service};

pub(super) fn write_service<'s>(writer: &mut Writer<'s>, service: &'s Service) {
    for text in [service.id.as_str(), &service.name, &service.vendor] {
        writer.text(text);
    }
    writer.text(service.category.as_str());
    writer.optional(service.country.as_deref());
    writer.text(service.data_use.as_str());
    writer.text(service.enterprise_tier.as_str());
    writer.list(&service.sources);
    writer.text(&service.last_checked);
    writer.text(&service.file);
    writer.number(service.line);
    writer.many(&service.indicators, |writer, one| {
        writer.text(one.kind.as_str());
        writer.text(&one.value);
        writer.text(one.surface.as_str());
        writer.text(one.specificity.as_str());
        write_provenance(writer, &one.provenance);
    });
    writer.many(&service.local_rules, write_rule);
    writer.many(&service.processes, |writer, one| {
        writer.text(&one.name);
        writer.optional(one.requires.as_deref());
        writer.text(one.platform.as_str());
        writer.text(one.surface.as_str());
        write_provenance(writer, &one.provenance);
    });
    writer.many(&service.artefacts, |writer, one| {
        writer.text(&one.kind);
        writer.text(&one.value);
        writer.text(one.platform.as_str());
        writer.text(one.surface.as_str());
        write_provenance(writer, &one.provenance);
    });
    writer.many(&service.examples.matches, |writer, text| writer.text(text));
    writer.many(&service.examples.near_misses, |writer, text| {
        writer.text(text)
    });
}

pub(super) fn read_service(mut cursor: Cursor<'_>) -> Option<Service> {
    let cursor = &mut cursor;
    let id = ServiceId::new(cursor.text()?).ok()?;
    let (name, vendor) = (cursor.text()?.into(), cursor.text()?.into());
    let category = cursor.word()?;
    let country = cursor.optional()?.map(Into::into);
    let (data_use, enterprise_tier) = (cursor.word()?, cursor.word()?);
    let sources = cursor.list()?;
    let last_checked = cursor.text()?.into();
    let file: Arc<str> = cursor.text()?.into();
    let line = cursor.number()?;
    let indicators = cursor.many(|cursor| read_indicator(cursor, &file))?;
    let local_rules = cursor.many(|cursor| read_rule(cursor, &indicators))?;
    let processes = cursor.many(|cursor| {
        Some(Process {
            name: cursor.text()?.into(),
            requires: cursor.optional()?.map(Into::into),
            platform: cursor.word()?,
            surface: cursor.word()?,
            provenance: read_provenance(cursor, &file)?,
        })
    })?;
    let artefacts = cursor.many(|cursor| {
        Some(Artefact {
            kind: cursor.text()?.into(),
            value: cursor.text()?.into(),
            platform: cursor.word()?,
            surface: cursor.word()?,
            provenance: read_provenance(cursor, &file)?,
        })
    })?;
    let examples = Examples {
        matches: cursor.texts()?,
        near_misses: cursor.texts()?,
    };
    Some(Service {
        id,
        name,
        vendor,
        category,
        country,
        data_use,
        enterprise_tier,
        sources: sources.to_vec(),
        last_checked,
        file,
        line,
        indicators,
        local_rules,
        processes,
        artefacts,
        examples,
    })
}

fn read_indicator(cursor: &mut Cursor<'_>, file: &Arc<str>) -> Option<Indicator> {
    Some(Indicator {
        kind: kind_of(cursor.text()?)?,
        value: cursor.text()?.into(),
        surface: cursor.word()?,
        specificity: cursor.word()?,
        provenance: read_provenance(cursor, file)?,
    })
}

fn kind_of(word: &str) -> Option<IndicatorKind> {
    let mut kinds = IndicatorKind::ALL.iter().copied();
    kinds.find(|kind| kind.as_str() == word)
}

fn write_provenance<'s>(writer: &mut Writer<'s>, provenance: &'s Provenance) {
    writer.text(provenance.basis.as_str());
    writer.list(&provenance.sources);
    writer.number(provenance.line);
}

fn read_provenance(cursor: &mut Cursor<'_>, file: &Arc<str>) -> Option<Provenance> {
    Some(Provenance {
        basis: cursor.word()?,
        sources: cursor.list()?,
        file: Arc::clone(file),
        line: cursor.number()?,
    })
}

fn write_rule<'s>(writer: &mut Writer<'s>, rule: &'s LocalRule) {
    writer.many(&rule.ports, |writer, port| writer.number(u32::from(*port)));
    writer.many(&rule.hosts, |writer, host| writer.text(host));
    writer.many(&rule.user_agents, |writer, agent| writer.text(agent));
    writer.number(u32::from(rule.any_port));
    writer.number(u32::from(rule.mcp));
    writer.many(&rule.requests, |writer, (_, indicator)| {
        writer.size(*indicator)
    });
}

fn read_rule(cursor: &mut Cursor<'_>, indicators: &[Indicator]) -> Option<LocalRule> {
    Some(LocalRule {
        ports: cursor.many(|cursor| u16::try_from(cursor.number()?).ok())?,
        hosts: cursor.texts()?,
        user_agents: cursor.texts()?,
        any_port: cursor.flag()?,
        mcp: cursor.flag()?,
        requests: cursor.many(|cursor| {
            let indicator = cursor.size()?;
            let line = RequestLine::parse(indicators.get(indicator)?.value()).ok()?;
            Some((line, indicator))
        })?,
    })
}
