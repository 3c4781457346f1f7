//! What an identity is made of.

/// What an identity is made of, from `/proc` or from the kernel.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(crate) struct Facts {
    pub(crate) pid: u32,
    pub(crate) start_ticks: u64,
    pub(crate) name: Vec<u8>,
    /// Path of the program file in the namespace of the process; with ` (deleted)` when it is gone.
    pub(crate) executable: Vec<u8>,
    /// Number of that file, where the kernel said it.
    pub(crate) inode: Option<u64>,
    /// The start of the command line, each word with a zero byte behind it.
    pub(crate) arguments: Vec<u8>,
    /// Paths or names of control groups, in lines.
    pub(crate) groups: String,
    pub(crate) uid: Option<u32>,
    /// The parent first.
    pub(crate) parents: Vec<(u32, Vec<u8>)>,
}
