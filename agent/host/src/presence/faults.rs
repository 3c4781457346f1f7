//! Why something on the disk was not looked at, and what is lost by it, in words without paths.

/// Why something was not looked at.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) enum Fault {
    Denied,
    NotRegular,
    ForeignOwner,
    TooLarge,
    Unreadable,
    Unparsable,
    LongFolder,
}

/// What each fault is called: in the counts, and in words with what is lost by it.
pub(super) const FAULTS: [(Fault, &str, &str); 7] = [
    (
        Fault::Denied,
        "denied",
        "files or folders may not be read: AI tools that are only set up there are not seen",
    ),
    (
        Fault::NotRegular,
        "not_regular",
        "settings of AI tools are a pipe, a device or a folder instead of a file, and were not opened",
    ),
    (
        Fault::ForeignOwner,
        "foreign_owner",
        "settings of AI tools are links to files of another person, and were not opened",
    ),
    (
        Fault::TooLarge,
        "too_large",
        "settings of AI tools are larger than what is read of a file: what they set up is not seen",
    ),
    (
        Fault::Unreadable,
        "unreadable",
        "files or folders could not be read: AI tools that are only set up there are not seen",
    ),
    (
        Fault::Unparsable,
        "unparsable",
        "settings of AI tools could not be understood: what they set up is not seen",
    ),
    (
        Fault::LongFolder,
        "long_folder",
        "folders have more entries than are read: AI tools further down are not seen",
    ),
];
