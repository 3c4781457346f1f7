//! Query parameters, checked as a whole: everything wrong is said at once, nothing is ignored.

use std::collections::BTreeMap;
use std::str::FromStr;

use axum::extract::Query as UrlQuery;
use http::Uri;
use inventory::{ClientClass, PageRequest, Query, Range, Status, StatusFilter, Timestamp};

use super::answer::Desk;
use super::cursor;
use super::problem::{Detail, Problem};

/// Rows of a page when nothing is said.
pub(super) const DEFAULT_LIMIT: u32 = 100;
/// Rows of the longest page.
pub(super) const MAX_LIMIT: u32 = 1000;
/// Values of one parameter that may be repeated.
const MAX_VALUES: usize = 100;
/// Bytes of one value.
const MAX_VALUE: usize = 1024;

/// Parameters that may be given several times, and then keep what fits any of them.
const REPEATED: [&str; 6] = ["service", "device", "user", "process", "class", "status"];

pub(super) const RANGE: &[&str] = &["since", "until"];
pub(super) const PAGE: &[&str] = &["limit", "next"];
pub(super) const FILTERS: &[&str] = &[
    "service",
    "device",
    "user",
    "process",
    "class",
    "status",
    "unsanctioned",
];

/// The parameters of one request.
#[derive(Debug)]
pub(super) struct Params {
    path: &'static str,
    values: BTreeMap<String, Vec<String>>,
    problems: Vec<Detail>,
}

impl Params {
    /// Reads what the URL holds; only the names in `known` are.
    pub(super) fn read(path: &'static str, uri: &Uri, known: &[&[&str]]) -> Self {
        let mut params = Self {
            path,
            values: BTreeMap::new(),
            problems: Vec::new(),
        };
        let known: Vec<&str> = known
            .iter()
            .flat_map(|names| names.iter().copied())
            .collect();
        match UrlQuery::<Vec<(String, String)>>::try_from_uri(uri) {
            Ok(UrlQuery(pairs)) => {
                for (name, value) in pairs {
                    params.take(&known, name, value);
                }
            }
            Err(_) => params.problem("query", "is not percent-encoded UTF-8"),
        }
        params
    }

    fn take(&mut self, known: &[&str], name: String, value: String) {
        if !known.contains(&name.as_str()) {
            let name: String = name.chars().take(64).collect();
            let known = if known.is_empty() {
                "none".to_owned()
            } else {
                known.join(", ")
            };
            return self.problem(&name, format!("is no parameter here; known are: {known}"));
        }
        if value.len() > MAX_VALUE {
            return self.problem(&name, format!("is longer than {MAX_VALUE} bytes"));
        }
        let values = self.values.entry(name.clone()).or_default();
        values.push(value);
        if values.len() > 1 && !REPEATED.contains(&name.as_str()) {
            self.problem(&name, "is given more than once");
        } else if values.len() > MAX_VALUES {
            self.problem(&name, format!("is given more than {MAX_VALUES} times"));
        }
    }

    pub(super) fn problem(&mut self, at: &str, message: impl Into<String>) {
        let problem = Detail {
            at: at.to_owned(),
            message: message.into(),
        };
        if !self.problems.contains(&problem) {
            self.problems.push(problem);
        }
    }

    fn all(&self, name: &str) -> &[String] {
        self.values.get(name).map_or(&[], Vec::as_slice)
    }

    /// The one value of a parameter.
    pub(super) fn one(&self, name: &str) -> Option<&str> {
        self.all(name).first().map(String::as_str)
    }

    fn parsed<T: FromStr>(&mut self, name: &str, wanted: &str) -> Option<T> {
        let value = self.one(name)?;
        let parsed = value.parse().ok();
        if parsed.is_none() {
            self.problem(name, format!("must be {wanted}"));
        }
        parsed
    }

    /// `since` and `until`.
    pub(super) fn range(&mut self) -> Range {
        let wanted = "a date (2026-01-31) or RFC 3339 (2026-01-31T14:00:00Z, a `+` written %2B)";
        let since: Option<Timestamp> = self.parsed("since", wanted);
        let until: Option<Timestamp> = self.parsed("until", wanted);
        if let (Some(since), Some(until)) = (since, until)
            && since >= until
        {
            self.problem("until", "must be later than `since`");
        }
        Range { since, until }
    }

    /// `limit` and `next`.
    pub(super) fn page(&mut self) -> PageRequest {
        let wanted = format!("a number from 1 to {MAX_LIMIT}");
        let limit: Option<u32> = self.parsed("limit", &wanted);
        let limit = limit.unwrap_or(DEFAULT_LIMIT);
        if !(1..=MAX_LIMIT).contains(&limit) {
            self.problem("limit", format!("must be {wanted}"));
        }
        let mut page = PageRequest::first(limit);
        if let Some(marker) = self.one("next") {
            match cursor::decode(&self.fingerprint(), marker) {
                Ok(cursor) => page.after = Some(cursor),
                Err(problem) => self.problems.extend(problem.errors),
            }
        }
        page
    }

    /// What a page marker of this question is good for.
    pub(super) fn fingerprint(&self) -> String {
        let mut question = self.path.to_owned();
        for (name, values) in &self.values {
            if PAGE.contains(&name.as_str()) {
                continue;
            }
            let mut values = values.clone();
            values.sort();
            for value in values {
                question.push_str(&format!("&{name}={}:{value}", value.len()));
            }
        }
        cursor::fingerprint(&question)
    }

    /// A parameter that is `true` or `false`.
    fn flag(&mut self, name: &str) -> bool {
        self.parsed(name, "true or false").unwrap_or(false)
    }

    fn statuses(&mut self) -> StatusFilter {
        let mut statuses: Vec<Status> = Vec::new();
        let words: Vec<String> = self
            .all("status")
            .iter()
            .flat_map(|v| v.split(','))
            .map(str::to_owned)
            .collect();
        for word in words {
            match word.parse() {
                Ok(status) => statuses.push(status),
                Err(error) => self.problem("status", format!("{error}")),
            }
        }
        let unsanctioned = self.flag("unsanctioned");
        match (unsanctioned, statuses.is_empty()) {
            (true, true) => StatusFilter::Unsanctioned,
            (true, false) => {
                self.problem("unsanctioned", "and `status` exclude each other; give one");
                StatusFilter::Unsanctioned
            }
            (false, true) => StatusFilter::Any,
            (false, false) => StatusFilter::Only(statuses),
        }
    }

    /// `class`.
    fn classes(&mut self) -> Vec<ClientClass> {
        let mut classes = Vec::new();
        for word in self.all("class").to_vec() {
            match word.parse::<ClientClass>() {
                Ok(class) => classes.push(class),
                Err(error) => self.problem("class", error.to_string()),
            }
        }
        classes
    }

    /// The whole question, names of services and devices looked up: a name that means nothing is
    /// a mistake to be told, because an empty answer would read as "nobody uses it".
    pub(super) fn query(&mut self, desk: &Desk) -> Result<Query, Problem> {
        let range = self.range();
        let classes = self.classes();
        let statuses = self.statuses();
        let services = self.all("service").to_vec();
        for service in &services {
            if let Some(message) = desk.unknown_service(service)? {
                self.problem("service", message);
            }
        }
        let names = self.all("device").to_vec();
        let mut devices = Vec::new();
        for name in &names {
            let found = desk.store.find_devices(name)?;
            if found.is_empty() {
                self.problem(
                    "device",
                    format!("no device is known as {name:?}; see /devices for those that are"),
                );
            }
            devices.extend(found);
        }
        Ok(Query {
            range,
            services,
            devices: (!names.is_empty()).then_some(devices),
            users: self.all("user").to_vec(),
            processes: self.all("process").to_vec(),
            classes,
            statuses,
        })
    }

    /// Everything that is wrong, if anything is.
    pub(super) fn check(&mut self) -> Result<(), Problem> {
        if self.problems.is_empty() {
            return Ok(());
        }
        Err(Problem::invalid(std::mem::take(&mut self.problems)))
    }
}
