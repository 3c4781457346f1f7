//! The words of a command line, and which of them are plain enough to be told.

/// Longest name that is told, in bytes.
const MAX_NAME: usize = 64;
/// Longest path below `node_modules` that is told, in bytes and in parts.
const MAX_MODULE: usize = 128;
const MAX_PARTS: usize = 6;

/// The arguments behind the program's own name.
#[derive(Clone, Copy, Debug)]
pub(super) struct Words<'a> {
    title: &'a str,
    rest: &'a [&'a str],
}

impl<'a> Words<'a> {
    pub(super) fn new(words: &'a [&'a str]) -> Self {
        let (title, rest) = words
            .split_first()
            .map_or(("", words), |(first, rest)| (*first, rest));
        Self { title, rest }
    }

    /// What the program calls itself.
    pub(super) const fn title(&self) -> &'a str {
        self.title
    }

    /// The first word behind options, all of which are known: `flags` stand alone, `valued` take the next
    /// word, each of `attached` is the start of an option with its value in the same word.
    pub(super) fn past_options(
        &mut self,
        flags: &[&str],
        valued: &[&str],
        attached: &[&str],
    ) -> Option<&'a str> {
        loop {
            let word = self.next()?;
            if valued.contains(&word) {
                self.next()?;
            } else if !word.starts_with('-') {
                return Some(word);
            } else if !flags.contains(&word) && !attached.iter().any(|a| word.starts_with(a)) {
                return None;
            }
        }
    }
}

impl<'a> Iterator for Words<'a> {
    type Item = &'a str;

    fn next(&mut self) -> Option<&'a str> {
        let (first, rest) = self.rest.split_first()?;
        self.rest = rest;
        Some(first)
    }
}

/// A name of letters, digits and `.`, `_`, `+`, `-`.
fn is_plain(name: &str) -> bool {
    let fits = |c: u8| c.is_ascii_alphanumeric() || b"._+-".contains(&c);
    (1..=MAX_NAME).contains(&name.len()) && name.bytes().all(fits) && !name.starts_with(['-', '.'])
}

/// The file name of a script: it ends in one of `endings`, or lies in a folder of programs.
pub(super) fn script<'a>(path: &'a str, endings: &[&str]) -> Option<&'a str> {
    if path.contains("://") {
        return None;
    }
    let (folder, name) = path.rsplit_once('/').unwrap_or(("", path));
    let last = folder.rsplit('/').next().unwrap_or_default();
    let program = matches!(last, "bin" | ".bin" | "sbin" | "Scripts");
    let known = endings
        .iter()
        .any(|ending| name.len() > ending.len() && name.ends_with(ending));
    ((program || known) && is_plain(name)).then_some(name)
}

/// What lies below the last `node_modules`: the package and the file in it.
pub(super) fn below_modules(path: &str) -> Option<&str> {
    let (_, inside) = path.rsplit_once("/node_modules/")?;
    let (scoped, rest) = match inside.strip_prefix('@') {
        Some(rest) => (true, rest),
        None => (false, inside),
    };
    let parts = rest.split('/').count();
    let whole = inside.len() <= MAX_MODULE && parts <= MAX_PARTS && parts > usize::from(scoped);
    let hidden = |part: &str| part == ".bin" || is_plain(part);
    (whole && rest.split('/').all(hidden)).then_some(inside)
}

/// The name of a package, `name` or `@scope/name`, without its version.
pub(super) fn package_name(word: &str) -> Option<&str> {
    let from = usize::from(word.starts_with('@'));
    let name_at = word.get(from..)?;
    let end = name_at
        .find(['@', '=', '<', '>', '~', '!', '['])
        .map_or(word.len(), |at| at + from);
    let name = word.get(..end)?;
    let bare = name.strip_prefix('@');
    let parts: Vec<_> = bare.unwrap_or(name).split('/').collect();
    let expected = if bare.is_some() { 2 } else { 1 };
    (parts.len() == expected && parts.iter().all(|part| is_plain(part))).then_some(name)
}

/// The name of a Python module.
pub(super) fn module(word: &str) -> Option<&str> {
    let fits = |c: u8| c.is_ascii_alphanumeric() || c == b'_' || c == b'.';
    let start = word.bytes().next()?;
    let named = start.is_ascii_alphabetic() || start == b'_';
    (named && word.len() <= MAX_NAME && word.bytes().all(fits)).then_some(word)
}
