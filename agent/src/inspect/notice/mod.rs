//! `notice`: a text for the employees and their representatives, made from how the agent is really set up.
//!
//! It says what is read, what is reported, what never, who sees it, how long, how people are named and who can unmask
//! them. Each sentence that depends on a setting is there in the form that the setting makes true.

mod content;
mod render;
#[cfg(test)]
mod tests;

use anyhow::Result;

use crate::cli::NoticeFormat;
use crate::config::Config;
use crate::console::print;
use crate::privacy::{Settings, Shown};
use crate::state::StateDir;
use crate::state::status::{self, Found};

/// A heading and what stands below it.
struct Section {
    heading: &'static str,
    blocks: Vec<Block>,
}

/// A paragraph, or a list.
enum Block {
    Text(String),
    List(Vec<String>),
}

/// Prints the notice for these settings.
pub(crate) fn notice(config: &Config, format: NoticeFormat) -> Result<()> {
    let state = StateDir::new(&config.state_dir);
    // The settings themselves are for the agent alone; what they say, the status tells everybody.
    let users = match Settings::load(&state) {
        Ok(Some(settings)) => Shown::new(Some(&settings), None),
        Ok(None) | Err(_) => match status::read(&state, crate::text::now()) {
            Ok(Found::Running(status) | Found::Ended(status)) => status.privacy,
            Ok(Found::Nothing) | Err(_) => Shown::default(),
        },
    };
    print(text(config, &users, format).as_bytes())
}

fn text(config: &Config, users: &Shown, format: NoticeFormat) -> String {
    let sections = content::sections(config, users);
    match format {
        NoticeFormat::Text => render::text(&sections),
        NoticeFormat::Markdown => render::markdown(&sections),
        NoticeFormat::Html => render::html(&sections),
    }
}
