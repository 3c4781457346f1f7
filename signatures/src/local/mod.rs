//! Model servers on the device or in the local network, recognised by an HTTP request line and where it goes.
//!
//! The rules stand with [`LocalRequest`].

use std::collections::BTreeMap;

use crate::compiled::Owner;
use crate::name::{MAX_NAME, normalise};
use crate::services::Services;

/// Most segments of a path that are looked at for rules with `/*`.
const MAX_SEGMENTS: usize = 16;

/// One HTTP request line to a server that may be a model server on the device or in the local network.
///
/// A request says who answers only together with its place. The rules of all services are asked in this order:
///
/// 1. the request's host says so (its first label is a name of the rule, for example `ollama` or `ollama.corp.example`)
///    or the client does (its User-Agent starts with a product of the rule, or the rule is one for the Model Context
///    Protocol and a header of the request is of that protocol);
/// 2. the port is one of the rule's;
/// 3. the rule holds for any port: the generic `openai-compatible-server`, at low confidence.
///
/// In each case method and whole path must be the rule's; `/*` at the end of a path stands for one or more further
/// segments. A part of a path never decides, and neither does a port alone. Among several rules the whole path goes
/// before `/*`. A request whose host is a name of the catalogue is no local one.
#[derive(Clone, Copy, Debug, Default)]
pub struct LocalRequest<'a> {
    /// Host header or authority, with or without a port.
    pub host: Option<&'a [u8]>,
    /// Request method.
    pub method: &'a [u8],
    /// Request target in origin form, with or without a query.
    pub path: &'a [u8],
    /// Port of the responder.
    pub port: u16,
    /// User-Agent header.
    pub user_agent: Option<&'a [u8]>,
    /// Whether a header is there that only the Model Context Protocol has: `Mcp-Session-Id` or `MCP-Protocol-Version`.
    pub mcp: bool,
}

/// Requests that show one service, and the places where they do.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct LocalRule {
    pub(crate) ports: Vec<u16>,
    pub(crate) hosts: Vec<Box<str>>,
    pub(crate) user_agents: Vec<Box<str>>,
    pub(crate) any_port: bool,
    /// Whether a request of the Model Context Protocol is meant.
    pub(crate) mcp: bool,
    /// Each request line with the number of its indicator in the service.
    pub(crate) requests: Vec<(RequestLine, usize)>,
}

/// Method and path of a request.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct RequestLine {
    pub(crate) method: Box<str>,
    /// Whole path; for one with `/*` what stands before it.
    pub(crate) path: Box<str>,
    pub(crate) below: bool,
}

impl RequestLine {
    /// Reads `METHOD /path` or `METHOD /path/*`.
    ///
    /// # Errors
    /// What is wrong with it, in words.
    pub(crate) fn parse(text: &str) -> Result<Self, &'static str> {
        let Some((method, path)) = text.split_once(' ') else {
            return Err("must be a method, a space and a path");
        };
        if method.is_empty() || !method.bytes().all(|byte| byte.is_ascii_uppercase()) {
            return Err("must start with a method in upper case");
        }
        let (path, below) = path
            .strip_suffix("/*")
            .map_or((path, false), |path| (path, true));
        let plain = |byte: u8| byte.is_ascii_graphic() && !matches!(byte, b'*' | b'?' | b'#');
        if !path.starts_with('/') || path.len() < 2 || !path.bytes().all(plain) {
            return Err("must name a path below '/', plain, or ending in '/*'");
        }
        Ok(Self {
            method: method.into(),
            path: path.into(),
            below,
        })
    }
}

/// The local rules of all services, by whole path.
#[derive(Debug, Default)]
pub(crate) struct LocalIndex {
    whole: BTreeMap<Box<[u8]>, Vec<Entry>>,
    below: BTreeMap<Box<[u8]>, Vec<Entry>>,
}

/// One request of one rule.
#[derive(Clone, Debug)]
struct Entry {
    method: Box<[u8]>,
    owner: Owner,
    /// Number of the rule in the service.
    rule: usize,
}

/// How strongly the place of a request speaks for a rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Place {
    AnyPort,
    Port,
    Named,
}

impl LocalIndex {
    pub(crate) fn new(services: &Services) -> Self {
        let mut index = Self::default();
        for number in services.compiled().local() {
            let rules = services.get(number).map(|service| &service.local_rules);
            for (rule, local) in rules.into_iter().flatten().enumerate() {
                for (request, indicator) in &local.requests {
                    let owner = Owner {
                        service: number,
                        indicator: *indicator,
                    };
                    index.add(request, owner, rule);
                }
            }
        }
        index
    }

    fn add(&mut self, request: &RequestLine, owner: Owner, rule: usize) {
        let paths = if request.below {
            &mut self.below
        } else {
            &mut self.whole
        };
        let entries = paths.entry(request.path.as_bytes().into()).or_default();
        entries.push(Entry {
            method: request.method.as_bytes().into(),
            owner,
            rule,
        });
    }

    /// Finds whose a request is.
    pub(crate) fn find(&self, services: &Services, request: &LocalRequest<'_>) -> Option<Owner> {
        let path = request
            .path
            .split(|byte| matches!(byte, b'?' | b'#'))
            .next()?;
        let mut buffer = [0; MAX_NAME];
        let host = request
            .host
            .and_then(|host| normalise(without_port(host), &mut buffer));
        let host = host.and_then(|host| host.split(|byte| *byte == b'.').next());
        let mut best: Option<(Place, &Entry)> = None;
        for entry in self
            .candidates(path)
            .filter(|entry| *entry.method == *request.method)
        {
            let service = services.get(entry.owner.service)?;
            let rule = service.local_rules.get(entry.rule)?;
            let place = rule.place(host, request);
            if place > best.map(|(place, _)| place) {
                best = place.map(|place| (place, entry));
            }
        }
        best.map(|(_, entry)| entry.owner)
    }

    /// Lists the entries of the whole path, then those of the paths above it, nearest first.
    fn candidates<'i>(&'i self, path: &'i [u8]) -> impl Iterator<Item = &'i Entry> {
        let slashes = path
            .iter()
            .enumerate()
            .rev()
            .filter(|(_, byte)| **byte == b'/');
        let above = slashes
            .take(MAX_SEGMENTS)
            .filter_map(|(end, _)| path.get(..end))
            .filter_map(|above| self.below.get(above));
        self.whole.get(path).into_iter().chain(above).flatten()
    }
}

impl LocalRule {
    /// Tells how strongly the place of a request speaks for this rule; `host` is the first label of its host.
    fn place(&self, host: Option<&[u8]>, request: &LocalRequest<'_>) -> Option<Place> {
        let named = host.is_some_and(|host| self.hosts.iter().any(|name| name.as_bytes() == host));
        let client = request.user_agent.is_some_and(|agent| {
            self.user_agents
                .iter()
                .any(|product| starts_with_ignoring_case(agent, product))
        });
        if named || client || (self.mcp && request.mcp) {
            Some(Place::Named)
        } else if self.ports.contains(&request.port) {
            Some(Place::Port)
        } else {
            self.any_port.then_some(Place::AnyPort)
        }
    }
}

fn starts_with_ignoring_case(text: &[u8], start: &str) -> bool {
    text.get(..start.len())
        .is_some_and(|text| text.eq_ignore_ascii_case(start.as_bytes()))
}

/// Cuts the port of an authority; an IPv6 literal comes back without its brackets' end and is no name anyway.
pub(crate) fn without_port(authority: &[u8]) -> &[u8] {
    let mut parts = authority.rsplitn(2, |byte| *byte == b':');
    match (parts.next(), parts.next()) {
        (Some(port), Some(host)) if port.iter().all(u8::is_ascii_digit) => host,
        _ => authority,
    }
}

#[cfg(test)]
mod tests;
