//! The REST API over a real store: answers, errors, roles, and the description they must match.

#[cfg(test)]
mod api_suite;
