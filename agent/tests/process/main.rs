//! Black-box tests of the program `gnomon-agent`: its commands on files it is given here, and its
//! dealings with a collector that these tests play.

#[cfg(test)]
mod configuration;
#[cfg(test)]
mod delivery;
#[cfg(test)]
mod dissect;
#[cfg(test)]
mod enrolment;
#[cfg(test)]
mod scan;
#[cfg(test)]
mod support;
#[cfg(test)]
mod trouble;
