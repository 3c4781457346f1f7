//! The catalogue while the agent runs: replaced by signed bundles and by local files, without a pause in capture.
//!
//! ```text
//! collector -> updates -> Running::take (signature, number, form) -> files -> Running -> each capture queue
//! local folder -> local -> Running::reload_local -------------------------^
//! ```
//!
//! What is trusted is the key, not the way: the key is the one in the configuration, else the one that came with the
//! enrolment, and then no other (see [`files`]). A bundle with a number that is not above everything that was ever
//! accepted is refused, and so is whatever else is wrong with one; what runs goes on running, and `status` and the
//! heartbeat say why.

mod chosen;
mod files;
mod folder;
mod local;
mod running;
#[cfg(test)]
mod tests;
mod updates;

pub(crate) use chosen::chosen;
pub(crate) use files::pin;
pub(crate) use local::watch;
pub(crate) use running::Running;
pub(crate) use updates::follow;
