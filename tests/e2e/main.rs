//! From packets to the inventory, with the built programs, real processes and real connections.

mod catalogue;
mod delivery;
mod endpoint;
mod enrolment;
mod filter;
mod inventory;
mod kill;
mod live;
mod presence;
mod privacy;
mod programs;
mod quickstart;
mod recorder;
mod stage;
