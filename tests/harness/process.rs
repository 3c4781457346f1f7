//! Processes that a test starts: their output is kept, and they end with the test.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};

/// How long a command that should end by itself may take.
const COMMAND_LIMIT: Duration = Duration::from_secs(120);

/// What a finished command printed.
#[derive(Debug)]
pub struct Output {
    /// How it ended.
    pub status: ExitStatus,
    /// Its standard output.
    pub stdout: String,
    /// Its standard error.
    pub stderr: String,
}

impl Output {
    /// The output of a command that must have succeeded.
    ///
    /// # Errors
    /// When it did not, with what it printed.
    pub fn success(self) -> Result<Self> {
        if !self.status.success() {
            bail!(
                "ended with {}:\n{}\n{}",
                self.status,
                self.stdout,
                self.stderr
            );
        }
        Ok(self)
    }
}

/// Runs a command to its end, within a limit.
///
/// # Errors
/// When it cannot be started or does not end in time.
pub fn run(command: &mut Command) -> Result<Output> {
    let folder = tempfile::tempdir()?;
    let mut process = Process::start(command, folder.path(), "command")?;
    let status = process.wait(COMMAND_LIMIT)?;
    let read = |end: &str| {
        std::fs::read(folder.path().join(format!("command.{end}")))
            .map(|bytes| String::from_utf8_lossy(&bytes).into_owned())
    };
    Ok(Output {
        status,
        stdout: read("out")?,
        stderr: read("err")?,
    })
}

/// Waits until `ready` says yes.
///
/// # Errors
/// When it does not within `limit`.
pub fn wait_until(
    what: &str,
    limit: Duration,
    mut ready: impl FnMut() -> Result<bool>,
) -> Result<()> {
    let end = Instant::now() + limit;
    let mut last = None;
    while Instant::now() < end {
        match ready() {
            Ok(true) => return Ok(()),
            Ok(false) => last = None,
            Err(error) => last = Some(error),
        }
        std::thread::sleep(Duration::from_millis(100));
    }
    match last {
        Some(error) => Err(error.context(format!("{what}: not within {limit:?}"))),
        None => bail!("{what}: not within {limit:?}"),
    }
}

/// A running process; it is killed, by its id, when this is dropped.
#[derive(Debug)]
pub struct Process {
    child: Child,
    name: String,
    log: PathBuf,
}

impl Process {
    /// Starts a command with its output in `folder`.
    ///
    /// # Errors
    /// When it cannot be started.
    pub fn start(command: &mut Command, folder: &Path, name: &str) -> Result<Self> {
        let open = |end: &str| {
            std::fs::OpenOptions::new()
                .create(true)
                .append(true)
                .open(folder.join(format!("{name}.{end}")))
        };
        let child = command
            .stdin(Stdio::piped())
            .stdout(open("out")?)
            .stderr(open("err")?)
            .spawn()
            .with_context(|| format!("cannot start {command:?}"))?;
        Ok(Self {
            child,
            name: name.to_owned(),
            log: folder.to_path_buf(),
        })
    }

    /// Its id.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// What it has printed on standard output so far.
    pub fn stdout(&self) -> String {
        self.read("out")
    }

    /// What it has printed on standard error so far.
    pub fn stderr(&self) -> String {
        self.read("err")
    }

    fn read(&self, end: &str) -> String {
        std::fs::read(self.log.join(format!("{}.{end}", self.name)))
            .map(|bytes| String::from_utf8_lossy(&bytes).into_owned())
            .unwrap_or_default()
    }

    /// Writes to its standard input.
    ///
    /// # Errors
    /// When it has closed it.
    pub fn write(&mut self, text: &str) -> Result<()> {
        let input = self
            .child
            .stdin
            .as_mut()
            .context("standard input is closed")?;
        Ok(input.write_all(text.as_bytes())?)
    }

    /// Whether it has ended.
    ///
    /// # Errors
    /// When the system does not say.
    pub fn ended(&mut self) -> Result<Option<ExitStatus>> {
        Ok(self.child.try_wait()?)
    }

    /// Waits for its end.
    ///
    /// # Errors
    /// When it has not ended within `limit`, with what it printed.
    pub fn wait(&mut self, limit: Duration) -> Result<ExitStatus> {
        let end = Instant::now() + limit;
        while Instant::now() < end {
            if let Some(status) = self.child.try_wait()? {
                return Ok(status);
            }
            std::thread::sleep(Duration::from_millis(10));
        }
        bail!(
            "{} has not ended within {limit:?}:\n{}",
            self.name,
            self.stderr()
        )
    }

    /// Ends it at once, as a power cut would.
    ///
    /// # Errors
    /// When the system refuses.
    pub fn kill(&mut self) -> Result<()> {
        if self.child.try_wait()?.is_none() {
            self.child.kill()?;
        }
        self.child.wait()?;
        Ok(())
    }

    /// Asks it to end, and waits.
    ///
    /// # Errors
    /// When it does not end within `limit`.
    pub fn terminate(&mut self, limit: Duration) -> Result<ExitStatus> {
        if let Some(status) = self.child.try_wait()? {
            return Ok(status);
        }
        Command::new("kill")
            .arg("-TERM")
            .arg(self.id().to_string())
            .status()?;
        self.wait(limit)
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let killed = self.kill();
        debug_assert!(killed.is_ok(), "{} could not be ended", self.name);
    }
}
