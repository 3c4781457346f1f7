//! One server, as any of the tools writes it.

use flow::Attribute;
use serde_json::Value;

use super::address::{host_of, path_of};
use super::launch::{Launch, launch_of};
use super::secret::{Secret, secret_of};
use crate::presence::read::text_at;
use crate::presence::text::{MAX_PACKAGE, Private};

/// Arguments that are looked at.
const MAX_ARGS: usize = 64;
/// Packages that do nothing but carry a remote server to a tool that wants a local one.
const BRIDGES: &[&str] = &["mcp-remote", "mcp-proxy", "supergateway", "mcp-proxy-tool"];

/// What leaves of a server.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(in crate::presence) struct Server {
    transport: &'static str,
    launch: Option<Launch>,
    host: Option<String>,
    secret: Secret,
    is_enabled: bool,
    acts_unasked: bool,
}

/// Reads the settings of one server; `None` when it is none.
pub(in crate::presence) fn read_server(value: &Value) -> Option<Server> {
    let value = value
        .get("config")
        .filter(|inner| inner.is_object())
        .unwrap_or(value);
    let inner = value.get("transport").filter(|inner| inner.is_object());
    let kind = ["type", "transport", "transportType"].into_iter();
    let kind = kind
        .filter_map(|key| text_at(inner.unwrap_or(value), &[key]))
        .next()
        .unwrap_or_default();
    let source = inner.unwrap_or(value);
    let (program, args) = command_of(source);
    let url = [
        "url",
        "serverUrl",
        "httpUrl",
        "uri",
        "endpoint",
        "server_url",
    ]
    .into_iter();
    let url = url.filter_map(|key| text_at(source, &[key])).next();
    let transport = match (kind.to_ascii_lowercase().as_str(), url, program.is_some()) {
        ("builtin" | "platform" | "frontend", ..) => "builtin",
        ("sse", Some(_), _) => "sse",
        (_, Some(url), _) if path_of(url).ends_with("/sse") => "sse",
        (_, Some(url), _) if url.starts_with("ws") => "websocket",
        (_, Some(_), _) => "http",
        (_, None, true) => "stdio",
        _ => return None,
    };
    let args: Vec<&str> = args.iter().map(String::as_str).take(MAX_ARGS).collect();
    let launch = program.as_deref().map(|program| launch_of(program, &args));
    let is_bridge = launch.as_ref().and_then(|launch| launch.package.as_deref());
    let is_bridge = is_bridge.is_some_and(|package| BRIDGES.contains(&package));
    let carried = args
        .iter()
        .find(|arg| arg.starts_with("http"))
        .filter(|_| is_bridge)
        .copied();
    Some(Server {
        transport,
        launch,
        host: url.or(carried).map(host_of),
        secret: secret_of(source, url.or(carried), &args).max(secret_of(value, None, &[])),
        is_enabled: is_enabled(value),
        acts_unasked: acts_unasked(value),
    })
}

/// Program and arguments, however they are written.
fn command_of(value: &Value) -> (Option<String>, Vec<String>) {
    let texts = |list: &[Value]| -> Vec<String> {
        let texts = list.iter().filter_map(Value::as_str).take(MAX_ARGS);
        texts.map(str::to_owned).collect()
    };
    let (command, source) = match value.get("command") {
        Some(Value::Object(command)) => (
            command.get("path").or(command.get("command")),
            value.get("command"),
        ),
        Some(command) => (Some(command), Some(value)),
        None => (value.get("cmd"), Some(value)),
    };
    let args = source
        .and_then(|source| source.get("args"))
        .and_then(Value::as_array);
    let mut args = texts(args.map_or(&[], Vec::as_slice));
    match command {
        Some(Value::Array(line)) => {
            let mut line = texts(line).into_iter();
            let program = line.next();
            (program, line.chain(args).collect())
        }
        Some(Value::String(line)) => {
            if args.is_empty() && line.contains(' ') && !line.starts_with('/') {
                let mut parts = line.split_whitespace().map(str::to_owned);
                let program = parts.next();
                args = parts.take(MAX_ARGS).collect();
                return (program, args);
            }
            (Some(line.clone()), args)
        }
        _ => (None, args),
    }
}

fn is_enabled(value: &Value) -> bool {
    let flag = |key| value.get(key).and_then(Value::as_bool);
    flag("enabled").unwrap_or(true) && !flag("disabled").unwrap_or(false)
}

/// Whether the tool calls this server without asking.
fn acts_unasked(value: &Value) -> bool {
    let lists = ["autoApprove", "alwaysAllow", "autoAllow"].into_iter();
    let mut lists = lists.filter_map(|key| value.get(key));
    let any = |list: &Value| {
        list.as_bool() == Some(true) || list.as_array().is_some_and(|list| !list.is_empty())
    };
    value.get("trust").and_then(Value::as_bool) == Some(true)
        || text_at(value, &["default_tools_approval_mode"]) == Some("approve")
        || lists.any(any)
}

impl Server {
    /// The details that leave, ordered by name.
    pub(in crate::presence) fn attributes(&self, private: &Private) -> Vec<Attribute> {
        let mut attributes = vec![Attribute::new("transport", self.transport)];
        if self.acts_unasked {
            attributes.push(Attribute::new("approval", "not asked for"));
        }
        if !self.is_enabled {
            attributes.push(Attribute::new("enabled", "no"));
        }
        if let Some(host) = &self.host {
            attributes.push(Attribute::new(Attribute::HOST, host));
        }
        if let Some(launch) = &self.launch {
            attributes.push(Attribute::new("launcher", launch.launcher));
            let package = launch.package.as_deref();
            if let Some(package) = package {
                attributes.push(Attribute::new(
                    Attribute::PACKAGE,
                    &private.clean(package, MAX_PACKAGE),
                ));
            }
            if let Some(pinned) = launch.is_pinned {
                attributes.push(Attribute::new("pinned", if pinned { "yes" } else { "no" }));
            }
        }
        match self.secret {
            Secret::None => {}
            Secret::Referenced => attributes.push(Attribute::new("secret", "referenced")),
            Secret::Present => attributes.push(Attribute::new("secret", "present")),
        }
        attributes
    }
}
