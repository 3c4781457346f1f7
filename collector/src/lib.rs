//! The collector: takes what the sensors report over gRPC, keeps it in one
//! inventory, and answers questions about it over a REST API.
//!
//! ```text
//! agent --gRPC, mTLS--> server -> ingest -> store <- api <- server <--HTTPS, token-- gnomon
//! ```
//!
//! | module | what |
//! |---|---|
//! | [`cli`] | the commands of `gnomon-collector` |
//! | [`catalogue`] | the running catalogue, and the bundles that agents get |
//! | [`config`] | the config file, checked as a whole |
//! | [`enrol`] | the CA, enrolment tokens, sensors' certificates |
//! | [`ingest`] | batches of findings into the store, acknowledged once durable |
//! | [`privacy`] | how people are named, and how a name is found again |
//! | [`server`] | one port: TLS, limits, gRPC and REST behind it |
//! | [`serve`] | wires the above into the running program |
//! | [`api`] | the REST API |
//! | [`ctl`] | `gnomon`, a client of the REST API |
//! | [`users`] | people's API tokens |

#![forbid(unsafe_code)]

pub mod api;
pub mod catalogue;
pub mod cli;
pub mod clock;
pub mod config;
pub mod ctl;
pub mod enrol;
pub mod ingest;
pub mod privacy;
pub mod serve;
pub mod server;
pub mod status;
pub mod users;
