//! The catalogue of a running collector, and the bundles that it hands to its agents.
//!
//! ```text
//! gnomon-collector catalogue publish -> DATA_DIR/catalogue -> Live -> API, and WatchCatalogue -> agents
//! ```
//!
//! # Trust
//!
//! Whoever holds the secret key decides what the fleet looks for; the way that a bundle takes is trusted by nobody.
//! Each agent checks the signature with a public key that it holds itself: the one that its administrator put into its
//! config, else the one that came with its enrolment, which the token's fingerprint of the CA protects, and which it
//! then keeps. So somebody who takes over the collector later, or the network, can withhold bundles, and no more: not
//! change one, not make one, and not put an old one back, because agents remember the highest number they accepted.
//! A rollback is therefore a new bundle with older content, signed like any other. The secret key does not belong on the
//! collector of a larger site.
//!
//! | file in `DATA_DIR/catalogue` | what |
//! |---|---|
//! | `trusted.pub` | the public key, given to agents when they enrol |
//! | `published.gnomcat` | the bundle that agents get |
//! | `previous.gnomcat` | the one before, for `rollback` |

mod folder;
pub mod history;
mod live;
mod offers;
mod shelf;
pub mod traces;
mod watch;

pub(crate) use folder::read_file;
pub use folder::{Unreadable, read_folder};
pub use live::Live;
pub use offers::{Answers, Offer, fetch, notices};
pub use shelf::{Shelf, ShelfError, read_bundle};
