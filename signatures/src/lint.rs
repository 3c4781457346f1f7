//! Everything that a curator wants to know before a file goes in: what refuses it, and examples that do not hold.

use crate::{Catalogue, LocalRequest, Match, Problem, Service};

/// Lists every problem of `files`: those that refuse them and, when there are none, each example that does not hold.
#[must_use]
pub fn lint(files: &[(String, String)]) -> Vec<Problem> {
    let catalogue = match Catalogue::load(files) {
        Ok(catalogue) => catalogue,
        Err(error) => return error.problems,
    };
    let services = catalogue.services();
    services
        .flat_map(|service| examples(&catalogue, service))
        .collect()
}

fn examples(catalogue: &Catalogue, service: &Service) -> Vec<Problem> {
    let mut problems = Vec::new();
    let mut problem = |message: String| {
        problems.push(Problem {
            file: service.file.as_ref().into(),
            line: service.line,
            message: format!("service {}: {message}", service.id),
        });
    };
    for example in &service.examples.matches {
        match look_up(catalogue, example) {
            Some(found) if found.service.id == service.id => {}
            Some(found) => problem(format!(
                "its example {example:?} is {} of service {}",
                found.indicator, found.service.id
            )),
            None => problem(format!("its example {example:?} matches nothing")),
        }
    }
    for example in &service.examples.near_misses {
        let found = look_up(catalogue, example);
        if let Some(found) = found.filter(|found| found.service.id == service.id) {
            problem(format!(
                "its near miss {example:?} matches {}",
                found.indicator
            ));
        }
    }
    problems
}

/// Looks an example up: a name, or a request as `METHOD host:port/path`, ` mcp` behind it where a header says so.
fn look_up<'c, 'n>(catalogue: &'c Catalogue, example: &'n str) -> Option<Match<'c, 'n>> {
    let Some((method, target)) = example.split_once(' ') else {
        return catalogue.matcher().match_name(example.as_bytes());
    };
    let (authority, path) = target.split_at_checked(target.find('/')?)?;
    let (path, mcp) = path
        .strip_suffix(" mcp")
        .map_or((path, false), |path| (path, true));
    let (_, port) = authority.rsplit_once(':')?;
    catalogue.matcher().match_local(&LocalRequest {
        host: Some(authority.as_bytes()),
        method: method.as_bytes(),
        path: path.as_bytes(),
        mcp,
        port: port.parse().ok()?,
        user_agent: None,
    })
}
