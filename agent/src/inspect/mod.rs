//! `status`, `show` and `interfaces`: what the agent does, what it reported, where it could
//! capture.

mod interfaces;
mod notice;
mod show;
mod status;

use anyhow::Result;
use serde::Serialize;

use crate::console::print;

pub(crate) use interfaces::interfaces;
pub(crate) use notice::notice;
pub(crate) use show::show;
pub(crate) use status::status;

/// The object that every list is in.
#[derive(Serialize)]
struct Answer<T> {
    items: Vec<T>,
    /// These lists do not rest on a time range of traffic.
    coverage: Option<()>,
    next: Option<String>,
}

impl<T> Answer<T> {
    fn new(items: Vec<T>) -> Self {
        Self {
            items,
            coverage: None,
            next: None,
        }
    }
}

fn print_json(value: &impl Serialize) -> Result<()> {
    let mut bytes = serde_json::to_vec_pretty(value)?;
    bytes.push(b'\n');
    print(&bytes)
}
