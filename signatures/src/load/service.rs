//! Turns the tree of a file into services.

use toml::de::DeTable;

use super::exceptions::{Exception, read_exception};
use super::indicators::{read_artefacts, read_local, read_names, read_processes};
use super::section::{File, Section, Text, shown};
use crate::id::ServiceId;
use crate::model::{Examples, Service};
use crate::vocabulary::{Category, DataUse, EnterpriseTier};

/// What a file says once for all its services.
#[derive(Clone, Copy, Debug, Default)]
struct Defaults<'t> {
    vendor: Option<Text<'t>>,
    country: Option<Text<'t>>,
    last_checked: Option<Text<'t>>,
}

/// Reads every service of a file; a service with a problem is left out, its problems are reported. Only a local file
/// has a place for exceptions.
pub(super) fn read_file(
    file: &mut File<'_>,
    text: &str,
    services: &mut Vec<Service>,
    exceptions: Option<&mut Vec<Exception>>,
) {
    let (document, errors) = DeTable::parse_recoverable(text);
    let failed = !errors.is_empty();
    for error in errors {
        let line = error.span().map_or(0, |span| file.line_of(&span));
        file.problem(line, format!("not TOML: {}", error.message()));
    }
    if failed {
        return;
    }
    let mut root = Section::new(file, document.get_ref(), &(0..0), "the file");
    let mut defaults = Defaults {
        last_checked: root.text(file, "last_checked"),
        ..Defaults::default()
    };
    if let Some(mut vendor) = root.section(file, "vendor", "vendor") {
        defaults.vendor = vendor.required(file, "name");
        defaults.country = vendor.text(file, "country");
        vendor.finish(file);
    }
    let sections = root.sections(file, "service", "service");
    if let Some(exceptions) = exceptions {
        for section in root.sections(file, "exception", "exception") {
            read_exception(file, section, exceptions);
        }
    } else if sections.is_empty() {
        file.problem(0, "the file holds no [[service]]");
    }
    for section in sections {
        services.extend(read_service(file, section, defaults));
    }
    root.finish(file);
}

fn read_service<'t>(
    file: &mut File<'_>,
    mut section: Section<'t>,
    defaults: Defaults<'t>,
) -> Option<Service> {
    let id = section.required_word::<ServiceId>(file, "id");
    let name = section.required(file, "name");
    let category = section.required_word::<Category>(file, "category");
    let vendor = inherited(file, &mut section, "vendor", defaults.vendor);
    let country = section.text(file, "country").or(defaults.country);
    let data_use = section.word(file, "data_use").unwrap_or(DataUse::Unknown);
    let enterprise_tier = section
        .word(file, "enterprise_tier")
        .unwrap_or(EnterpriseTier::Unknown);
    let last_checked = inherited(file, &mut section, "last_checked", defaults.last_checked);
    let sources = section.required_texts(file, "sources");
    let mut service = Service {
        id: id?,
        name: name?.text.into(),
        vendor: vendor?.text.into(),
        category: category?,
        country: check_country(file, country),
        data_use,
        enterprise_tier,
        sources: sources.iter().map(|source| source.text.into()).collect(),
        last_checked: check_day(file, last_checked?),
        file: file.name.clone(),
        line: section.line,
        indicators: Vec::new(),
        local_rules: Vec::new(),
        processes: Vec::new(),
        artefacts: Vec::new(),
        examples: Examples::default(),
    };
    for group in section.sections(file, "names", "service.names") {
        read_names(file, group, &mut service);
    }
    for group in section.sections(file, "local", "service.local") {
        read_local(file, group, &mut service);
    }
    for group in section.sections(file, "process", "service.process") {
        read_processes(file, group, &mut service);
    }
    for group in section.sections(file, "artefact", "service.artefact") {
        read_artefacts(file, group, &mut service);
    }
    read_examples(file, &mut section, &mut service);
    let line = section.line;
    section.finish(file);
    if service.indicators.is_empty() && service.processes.is_empty() && service.artefacts.is_empty()
    {
        file.problem(
            line,
            format!("service {} has nothing to be recognised by", service.id),
        );
    }
    Some(service)
}

fn inherited<'t>(
    file: &mut File<'_>,
    section: &mut Section<'t>,
    key: &'static str,
    default: Option<Text<'t>>,
) -> Option<Text<'t>> {
    if default.is_some() {
        section.text(file, key).or(default)
    } else {
        section.required(file, key)
    }
}

fn check_country(file: &mut File<'_>, country: Option<Text<'_>>) -> Option<String> {
    let country = country?;
    if country.text.len() != 2 || !country.text.bytes().all(|byte| byte.is_ascii_uppercase()) {
        let found = shown(country.text);
        file.problem(
            country.line,
            format!("`country` must be an ISO 3166-1 alpha-2 code in upper case, found {found:?}"),
        );
    }
    Some(country.text.into())
}

fn check_day(file: &mut File<'_>, day: Text<'_>) -> String {
    if !is_day(day.text) {
        let found = shown(day.text);
        file.problem(
            day.line,
            format!("`last_checked` must be a day as YYYY-MM-DD, found {found:?}"),
        );
    }
    day.text.into()
}

fn is_day(text: &str) -> bool {
    let mut parts = text.split('-');
    let (Some(year), Some(month), Some(day), None) =
        (parts.next(), parts.next(), parts.next(), parts.next())
    else {
        return false;
    };
    let number = |text: &str, length: usize| {
        let digits = text.len() == length && text.bytes().all(|byte| byte.is_ascii_digit());
        text.parse::<u16>().ok().filter(|_| digits)
    };
    number(year, 4).is_some_and(|year| (2000..=2199).contains(&year))
        && number(month, 2).is_some_and(|month| (1..=12).contains(&month))
        && number(day, 2).is_some_and(|day| (1..=31).contains(&day))
}

fn read_examples(file: &mut File<'_>, section: &mut Section<'_>, service: &mut Service) {
    let line = section.line;
    let Some(mut examples) = section.section(file, "examples", "service.examples") else {
        if !service.indicators.is_empty() {
            file.problem(line, format!("service {} has no `examples`", service.id));
        }
        return;
    };
    let owned = |texts: Vec<Text<'_>>| texts.into_iter().map(|text| text.text.into()).collect();
    service.examples.matches = owned(examples.required_texts(file, "match"));
    service.examples.near_misses = owned(examples.required_texts(file, "near_miss"));
    examples.finish(file);
}
