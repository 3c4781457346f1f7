//! `gnomon-collector` as a process of its own.

use std::fs::{self, File};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

const PROGRAM: &str = env!("CARGO_BIN_EXE_gnomon-collector");
const START: Duration = Duration::from_secs(20);

/// Runs a command to its end; the environment of the test has no say.
pub(crate) fn run(arguments: &[&str]) -> Output {
    command(arguments).output().unwrap()
}

fn command(arguments: &[&str]) -> Command {
    let mut command = Command::new(PROGRAM);
    command
        .args(arguments)
        .env_remove("GNOMON_COLLECTOR_CONFIG")
        .env("USER", "tester");
    command.env_remove("SUDO_USER");
    command
}

pub(crate) fn stdout(output: &Output) -> String {
    assert!(output.status.success(), "{output:?}");
    String::from_utf8(output.stdout.clone())
        .unwrap()
        .trim_end()
        .to_owned()
}

pub(crate) fn stderr(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

/// A serving process, killed when it is dropped.
pub(crate) struct Process {
    child: Child,
    pub(crate) address: SocketAddr,
    log: PathBuf,
}

impl Process {
    /// Starts one with its data in `folder`, on a port that stays the same.
    pub(crate) fn start(folder: &Path) -> Self {
        Self::start_as(folder, command)
    }

    /// Starts one that cannot write files larger than `kib`.
    pub(crate) fn start_limited(folder: &Path, kib: u32) -> Self {
        Self::start_as(folder, |arguments| {
            let mut command = Command::new("bash");
            let script = format!("trap '' XFSZ; ulimit -f {kib}; exec {PROGRAM} \"$@\"");
            command.args(["-c", &script, "bash"]).args(arguments);
            command
        })
    }

    fn start_as(folder: &Path, command: impl Fn(&[&str]) -> Command) -> Self {
        let config = folder.join("collector.toml");
        if !config.exists() {
            let port = TcpListener::bind("127.0.0.1:0")
                .unwrap()
                .local_addr()
                .unwrap()
                .port();
            let data_dir = folder.join("data");
            let text = format!("data_dir = {data_dir:?}\nlisten = \"127.0.0.1:{port}\"\n");
            fs::write(&config, text).unwrap();
        }
        let text = fs::read_to_string(&config).unwrap();
        let address = text.split('"').nth(3).unwrap().parse().unwrap();
        let log = folder.join("log");
        let child = command(&["serve", "--config", config.to_str().unwrap()])
            .stderr(File::create(&log).unwrap())
            .stdout(Stdio::null())
            .spawn()
            .unwrap();
        let process = Self {
            child,
            address,
            log,
        };
        process.wait_until_it_listens();
        process
    }

    fn wait_until_it_listens(&self) {
        let begun = Instant::now();
        while TcpStream::connect(self.address).is_err() {
            assert!(
                begun.elapsed() < START,
                "it does not start:\n{}",
                self.log()
            );
            sleep(Duration::from_millis(10));
        }
    }

    pub(crate) fn log(&self) -> String {
        fs::read_to_string(&self.log).unwrap()
    }

    /// Ends it as a power cut would.
    pub(crate) fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Asks it to end and waits until it has; gives its exit code.
    pub(crate) fn terminate(mut self) -> Option<i32> {
        let pid = self.child.id().to_string();
        assert!(
            Command::new("kill")
                .args(["-TERM", &pid])
                .status()
                .unwrap()
                .success()
        );
        self.child.wait().unwrap().code()
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // It may have ended already.
        let _killed = self.child.kill().is_ok();
        let _waited = self.child.wait().is_ok();
    }
}
