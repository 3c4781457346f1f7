//! Whole scans over home folders as real tools lay them out.
#![cfg(test)]
#![cfg(target_os = "linux")]

mod browsers;
mod device;
mod hostile;
mod mcp;
mod privacy;
mod properties;
mod settings;
mod tools;
mod watching;
