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
fn suggestions<'a>(text: &str, services: &'a [Service]) -> Vec<&'a str> {
    let text = text.to_lowercase();
    let holds = |other: &str| text.len() > 2 && other.to_lowercase().contains(&text);
    let mut ranked: Vec<(usize, &str)> = Vec::new();
    for service in services {
        let id: &str = service.id.as_ref();
        let distance = if holds(id) || holds(&service.name) || holds(&service.vendor) {
            0
        } else {
            distance(&text, id)
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

/// Levenshtein's: how many characters to change, add or leave out.
fn distance(one: &str, other: &str) -> usize {
    if one.len().abs_diff(other.len()) > MAX_DISTANCE {
        return usize::MAX;
    }
    let other: Vec<char> = other.chars().collect();
    let mut row: Vec<usize> = (0..=other.len()).collect();
    for (index, a) in one.chars().enumerate() {
        let mut diagonal = index;
        let mut left = index.saturating_add(1);
        if let Some(first) = row.first_mut() {
            *first = left;
        }
        for (b, cell) in other.iter().zip(row.iter_mut().skip(1)) {
            let above = *cell;
            let change = diagonal.saturating_add(usize::from(a != *b));
            left = change
                .min(above.saturating_add(1))
                .min(left.saturating_add(1));
            diagonal = above;
            *cell = left;
        }
    }
    row.last().copied().unwrap_or(usize::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn distance_counts_changes() {
        assert_eq!(distance("", ""), 0);
        assert_eq!(distance("abc", "abc"), 0);
        assert_eq!(distance("abc", ""), 3);
        assert_eq!(distance("", "ab"), 2);
        assert_eq!(distance("opnai-api", "openai-api"), 1);
        assert_eq!(distance("kitten", "sitting"), 3);
        assert_eq!(distance("a", "abcdefgh"), usize::MAX);
    }
}
