//! What the catalogue says about a service id.

use signatures::Service;

use super::answer::Desk;
use super::problem::Problem;
use super::views::ServiceName;

/// Ids suggested for one that is not known.
const MAX_SUGGESTIONS: usize = 3;
/// An id this many changes away is no longer like another.
const MAX_DISTANCE: usize = 3;

impl Desk {
    /// Name and origin of a service; an id that only an older or newer catalogue knows stands for
    /// itself.
    pub(super) fn service_name(&self, id: &str) -> ServiceName {
        match self.catalogue.service(id) {
            Some(service) => ServiceName {
                id: id.to_owned(),
                name: service.name.clone(),
                vendor: Some(service.vendor.clone()),
                category: Some(service.category.to_string()),
                country: service.country.clone(),
            },
            None => ServiceName {
                id: id.to_owned(),
                name: id.to_owned(),
                vendor: None,
                category: None,
                country: None,
            },
        }
    }

    /// Why an id means nothing here, with what may have been meant; `None` when it does.
    pub(super) fn unknown_service(&self, id: &str) -> Result<Option<String>, Problem> {
        if self.catalogue.service(id).is_some() || self.store.has_service(id)? {
            return Ok(None);
        }
        let like = suggestions(id, self.catalogue.services());
        let hint = if like.is_empty() {
            String::new()
        } else {
            format!("; like it are {}", like.join(", "))
        };
        let id: String = id.chars().take(64).collect();
        Ok(Some(format!("{id:?} is no service of the catalogue{hint}")))
    }
}

/// Ids that hold the text, whose name or vendor holds it, or that are a few changes away.
fn suggestions<'a>(text: &str, services: impl Iterator<Item = &'a Service>) -> Vec<&'a str> {
    let text = text.to_lowercase();
    let holds = |other: &str| text.len() > 2 && other.to_lowercase().contains(&text);
    let mut ranked: Vec<(usize, &str)> = Vec::new();
    for service in services {
        let id: &str = service.id.as_ref();
        let distance = if holds(id) || holds(&service.name) || holds(&service.vendor) {
            0
        } else {
            strsim::osa_distance(&text, id)
        };
        if distance <= MAX_DISTANCE {
            ranked.push((distance, id));
        }
    }
    ranked.sort_unstable();
    ranked
        .into_iter()
        .map(|(_, id)| id)
        .take(MAX_SUGGESTIONS)
        .collect()
}
