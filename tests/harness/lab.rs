//! Network namespaces: a client and a server with a cable between them, and a resolver that answers every name.

use std::path::Path;
use std::process::Command;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use anyhow::{Context as _, Result};

use crate::process::{Process, run, wait_until};

/// The client's address.
const CLIENT: &str = "10.77.0.1";
/// The server's address; the resolver answers every name with it.
pub const SERVER: &str = "10.77.0.2";

static LABS: AtomicU32 = AtomicU32::new(0);

/// One network namespace, removed when this is dropped.
#[derive(Debug)]
pub struct Namespace {
    name: String,
}

impl Namespace {
    fn create(name: String) -> Result<Self> {
        ip(&["netns", "add", &name])?;
        let namespace = Self { name };
        namespace.ip(&["link", "set", "lo", "up"])?;
        Ok(namespace)
    }

    /// Its name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// A command that will run inside.
    pub fn command(&self, program: &str) -> Command {
        let mut command = Command::new("ip");
        command.args(["netns", "exec", &self.name, program]);
        command
    }

    /// Runs `ip` inside.
    ///
    /// # Errors
    /// When it fails.
    pub fn ip(&self, arguments: &[&str]) -> Result<()> {
        let mut all = vec!["-n", &self.name];
        all.extend(arguments);
        ip(&all)
    }
}

impl Drop for Namespace {
    fn drop(&mut self) {
        let removed = ip(&["netns", "delete", &self.name]);
        debug_assert!(removed.is_ok(), "{} could not be removed", self.name);
        let resolver = Path::new("/etc/netns").join(&self.name);
        if resolver.exists() {
            let removed = std::fs::remove_dir_all(&resolver);
            debug_assert!(
                removed.is_ok(),
                "the resolver's configuration could not be removed"
            );
        }
    }
}

fn ip(arguments: &[&str]) -> Result<()> {
    run(Command::new("ip").args(arguments))?
        .success()
        .map(drop)
        .with_context(|| format!("ip {}", arguments.join(" ")))
}

/// Has the processes of a namespace ask the resolver.
fn resolve_in(namespace: &Namespace) -> Result<()> {
    let configuration = Path::new("/etc/netns").join(namespace.name());
    std::fs::create_dir_all(&configuration)?;
    let resolver = format!("nameserver {SERVER}\n");
    Ok(std::fs::write(configuration.join("resolv.conf"), resolver)?)
}

/// Two namespaces with a cable between them.
#[derive(Debug)]
pub struct Lab {
    /// Where the clients and the agent run; its default route leads to the server.
    pub client: Namespace,
    /// Where the servers, the resolver and the collector run.
    pub server: Namespace,
    resolver: Option<Process>,
}

impl Lab {
    /// Whether this user may make namespaces here, and if not, why.
    pub fn possible() -> Result<(), String> {
        let number = LABS.fetch_add(1, Ordering::Relaxed);
        let probe = format!("gnomon-{}-{number}-probe", std::process::id());
        match ip(&["netns", "add", &probe]) {
            Ok(()) => ip(&["netns", "delete", &probe]).map_err(|error| format!("{error:#}")),
            Err(error) => Err(format!("network namespaces need root: {error:#}")),
        }
    }

    /// Makes the namespaces and starts the resolver, whose log goes to `folder`.
    ///
    /// # Errors
    /// When a step fails; what was made is removed again.
    pub fn create(folder: &Path) -> Result<Self> {
        let number = LABS.fetch_add(1, Ordering::Relaxed);
        let name = |end: &str| format!("gnomon-{}-{number}-{end}", std::process::id());
        let client = Namespace::create(name("client"))?;
        let server = Namespace::create(name("server"))?;
        ip(&[
            "link",
            "add",
            "eth0",
            "netns",
            client.name(),
            "type",
            "veth",
            "peer",
            "name",
            "eth0",
            "netns",
            server.name(),
        ])?;
        client.ip(&["address", "add", &format!("{CLIENT}/24"), "dev", "eth0"])?;
        server.ip(&["address", "add", &format!("{SERVER}/24"), "dev", "eth0"])?;
        client.ip(&["link", "set", "eth0", "up"])?;
        server.ip(&["link", "set", "eth0", "up"])?;
        client.ip(&["route", "add", "default", "via", SERVER])?;
        resolve_in(&client)?;
        let mut lab = Self {
            client,
            server,
            resolver: None,
        };
        lab.resolver = Some(lab.start_resolver(folder)?);
        Ok(lab)
    }

    /// One more namespace with a cable of its own to the server; `number` tells such namespaces apart.
    ///
    /// # Errors
    /// When a step fails.
    pub fn join(&self, number: u8) -> Result<Namespace> {
        let subnet = |host: u8| format!("10.78.{number}.{host}");
        let lab = self.server.name().trim_end_matches("server");
        let namespace = Namespace::create(format!("{lab}client{number}"))?;
        let far = format!("lan{number}");
        let mut cable = vec!["link", "add", "eth0", "netns", namespace.name()];
        cable.extend(["type", "veth", "peer", "name", &far]);
        cable.extend(["netns", self.server.name()]);
        ip(&cable)?;
        let (near, gateway) = (subnet(1), subnet(2));
        namespace.ip(&["address", "add", &format!("{near}/24"), "dev", "eth0"])?;
        self.server
            .ip(&["address", "add", &format!("{gateway}/24"), "dev", &far])?;
        namespace.ip(&["link", "set", "eth0", "up"])?;
        self.server.ip(&["link", "set", &far, "up"])?;
        namespace.ip(&["route", "add", "default", "via", &gateway])?;
        resolve_in(&namespace)?;
        Ok(namespace)
    }

    fn start_resolver(&self, folder: &Path) -> Result<Process> {
        let mut command = self.server.command("dnsmasq");
        command.args([
            "--keep-in-foreground",
            "--no-resolv",
            "--no-hosts",
            "--conf-file=/dev/null",
        ]);
        command.args(["--bind-interfaces", &format!("--listen-address={SERVER}")]);
        command.args([
            &format!("--address=/#/{SERVER}"),
            "--pid-file=",
            "--user=root",
            "--log-facility=-",
        ]);
        let resolver = Process::start(&mut command, folder, "resolver")?;
        wait_until("the resolver answers", Duration::from_secs(10), || {
            let mut ask = self.client.command("getent");
            Ok(run(ask.args(["ahostsv4", "ready.test"]))?.status.success())
        })?;
        Ok(resolver)
    }
}
