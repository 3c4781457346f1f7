//! What several of these tests need: looking an example up, and reading files.

use std::io;

use signatures::{Catalogue, LocalRequest, Match};

/// Looks an example up: a name, or a request as `METHOD host:port/path`, ` mcp` behind it where a header says so.
pub(crate) fn look_up<'c, 'n>(catalogue: &'c Catalogue, example: &'n str) -> Option<Match<'c, 'n>> {
    let Some((method, target)) = example.split_once(' ') else {
        return catalogue.matcher().match_name(example.as_bytes());
    };
    let (authority, path) = target.split_at(target.find('/')?);
    let (path, mcp) = path
        .strip_suffix(" mcp")
        .map_or((path, false), |path| (path, true));
    let (_, port) = authority.rsplit_once(':')?;
    catalogue.matcher().match_local(&LocalRequest {
        host: Some(authority.as_bytes()),
        method: method.as_bytes(),
        path: path.as_bytes(),
        mcp,
        port: port.parse().ok()?,
        user_agent: None,
    })
}

/// Looks an example up in the catalogue of the program and names the service.
pub(crate) fn service_of(example: &str) -> Option<&'static str> {
    look_up(Catalogue::builtin(), example).map(|found| found.service.id.as_str())
}

/// Reads the catalogue's folder, in the form that loading wants.
#[expect(clippy::disallowed_methods, reason = "tests may read files")]
pub(crate) fn catalogue_files() -> io::Result<Vec<(String, String)>> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/catalogue");
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        if path
            .extension()
            .is_some_and(|extension| extension == "toml")
        {
            let name = path
                .file_name()
                .unwrap_or_default()
                .to_string_lossy()
                .into_owned();
            files.push((name, std::fs::read_to_string(&path)?));
        }
    }
    Ok(files)
}

/// Reads a file that lies beside the repository on some machines only; says so when it does not.
#[expect(
    clippy::disallowed_methods,
    clippy::print_stderr,
    reason = "tests may read and print"
)]
pub(crate) fn shared_file(path: &str) -> Option<String> {
    let full = format!("{}/../../shared/{path}", env!("CARGO_MANIFEST_DIR"));
    let text = std::fs::read_to_string(&full).ok();
    if text.is_none() {
        eprintln!("left out: {full} is not there");
    }
    text
}
