mod access;
mod answers;
mod description;
mod errors;
mod policies;
mod schema;
mod site;
