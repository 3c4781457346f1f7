//! Finds the service of a host name, or of a request to a local model server.
//!
//! Every listed name and every name above one is in the hash table of the [compiled form](crate::compiled). A look-up walks
//! from the right, label by label, and stops at the first name that the table does not know, so most names cost one probe.
//! It allocates only where a service is met for the first time, and where something is captured of a name that is not in lower
//! case.

mod lookup;

use std::borrow::Cow;
use std::sync::OnceLock;

use crate::compiled::{Compiled, Owner};
use crate::id::ServiceId;
use crate::labels::has_upper_case;
use crate::local::{LocalIndex, LocalRequest, without_port};
use crate::model::Match;
use crate::name::MAX_NAME;
use crate::pattern::Place;
use crate::services::Services;
use crate::vocabulary::Specificity;
use lookup::Patterns;

/// Finds the service of a name or of a local request; built once with its catalogue, then only read.
///
/// Names are compared without regard to case and to one trailing dot, label by label, so `notopenai.com` and
/// `openai.com.evil.example` are strangers to `openai.com`. The order of look-up is
///
/// 1. exact name,
/// 2. longest exclusive suffix,
/// 3. pattern, the one with the longest anchor first, then the one with more fixed letters,
/// 4. longest suffix that is shared or a third-party dependency.
///
/// The rules for local requests stand with [`LocalRequest`].
#[derive(Debug, Default)]
pub struct Matcher {
    services: Services,
    patterns: Patterns,
    local: OnceLock<LocalIndex>,
    /// By the number of the service: a local file has it silenced. Empty when none is.
    silenced: Vec<bool>,
}

impl Matcher {
    /// `silenced` is ordered.
    pub(crate) fn new(compiled: Compiled, silenced: &[ServiceId]) -> Self {
        let is_silenced = |number| {
            let id = compiled.id(number);
            id.is_some_and(|id| {
                silenced
                    .binary_search_by(|one| one.as_str().cmp(id))
                    .is_ok()
            })
        };
        let silenced = if silenced.is_empty() {
            Vec::new()
        } else {
            (0..compiled.services()).map(is_silenced).collect()
        };
        Self {
            services: Services::new(compiled),
            patterns: Patterns::default(),
            local: OnceLock::new(),
            silenced,
        }
    }

    pub(crate) fn is_silenced(&self, id: &ServiceId) -> bool {
        let number = self.services.compiled().number_of(id.as_str());
        number.is_some_and(|number| self.silenced.get(number) == Some(&true))
    }

    pub(crate) const fn services(&self) -> &Services {
        &self.services
    }

    /// Finds the service that `name` belongs to.
    ///
    /// `name` is a host name in any case, with or without one trailing dot, without a port. A name that is empty, longer
    /// than 253 bytes or has an empty label belongs to no service. A [`Specificity::ThirdPartyDependency`] match says
    /// "known, and silent": it never makes a finding.
    #[must_use]
    pub fn match_name<'n>(&self, name: &'n [u8]) -> Option<Match<'_, 'n>> {
        let name = name.strip_suffix(b".").unwrap_or(name);
        if name.len() > MAX_NAME {
            return None;
        }
        let found = lookup::find(self.services.compiled(), &self.patterns, name)?;
        let mut matched = self.describe(found.owner)?;
        let captured = |place: Place| text(place.of(name)?);
        matched.tenant = captured(found.captures.tenant);
        matched.region = captured(found.captures.region);
        Some(matched)
    }

    /// Finds the model server on the device or in the local network that `request` speaks to.
    ///
    /// Call it for a request whose host is not a name of the catalogue; one that
    /// is gives `None` here.
    #[must_use]
    pub fn match_local(&self, request: &LocalRequest<'_>) -> Option<Match<'_, 'static>> {
        let index = self.local.get_or_init(|| LocalIndex::new(&self.services));
        let owner = index.find(&self.services, request)?;
        let host = request
            .host
            .and_then(|host| self.match_name(without_port(host)));
        if host.is_some_and(|host| host.specificity != Specificity::ThirdPartyDependency) {
            return None;
        }
        self.describe(owner)
    }

    fn describe<'n>(&self, owner: Owner) -> Option<Match<'_, 'n>> {
        let silenced = self.silenced.get(owner.service) == Some(&true);
        let service = self.services.get(owner.service)?;
        let indicator = service.indicators.get(owner.indicator)?;
        Some(Match {
            service,
            surface: indicator.surface,
            specificity: if silenced {
                Specificity::ThirdPartyDependency
            } else {
                indicator.specificity
            },
            indicator,
            tenant: None,
            region: None,
        })
    }
}

/// Makes a text in lower case of a capture, which is ASCII because captures take nothing else.
fn text(capture: &[u8]) -> Option<Cow<'_, str>> {
    let text = std::str::from_utf8(capture).ok()?;
    Some(if has_upper_case(capture) {
        Cow::Owned(text.to_ascii_lowercase())
    } else {
        Cow::Borrowed(text)
    })
}

#[cfg(test)]
mod tests;
