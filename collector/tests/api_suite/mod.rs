mod access;
mod answers;
mod description;
mod errors;
mod policies;
mod schema;
pub(crate) mod site;
