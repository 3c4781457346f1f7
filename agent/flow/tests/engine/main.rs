//! Tests of the engine and the aggregator from outside: frames or reports in, findings out.
#![cfg(test)]

mod aggregation;
mod caps;
mod corpus;
mod devices;
mod hidden_names;
mod look_ups;
mod properties;
mod requests;
mod sockets;
mod stages;
mod support;
mod windows;
