//! The way through an HTTPS proxy: which one to use, and the CONNECT that opens it (RFC 9110
//! section 9.3.6).

use std::net::IpAddr;
use std::path::Path;

use anyhow::{Context, Result, bail};
use data_encoding::BASE64;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::config::Proxy;

/// Longest head of an answer to CONNECT, in bytes.
const MAX_ANSWER: usize = 8 * 1024;
/// Port of a proxy whose URL names none.
const DEFAULT_PORT: u16 = 3128;

/// Host and port of a proxy's URL. The reason of a refusal completes "`proxy.url` ...".
pub(crate) fn address(url: &str) -> Result<(String, u16), String> {
    let Some((scheme, rest)) = url.split_once("://") else {
        return Err(format!(
            "must be a URL such as \"http://proxy:3128\", but is {url:?}"
        ));
    };
    if !scheme.eq_ignore_ascii_case("http") {
        return Err(format!(
            "must begin with http:// (the tunnel through it is encrypted by itself), but begins \
             with {scheme}://"
        ));
    }
    let authority = rest.split('/').next().unwrap_or_default();
    if authority.contains('@') {
        return Err("must not hold a password; use `proxy.user` and `proxy.password_file`".into());
    }
    let with_port = if authority.parse::<std::net::Ipv6Addr>().is_ok() {
        format!("[{authority}]:{DEFAULT_PORT}")
    } else if authority.ends_with(']') || !authority.contains(':') {
        format!("{authority}:{DEFAULT_PORT}")
    } else {
        authority.to_owned()
    };
    crate::config::host_and_port(&with_port)
        .map(|(host, port)| (host.to_owned(), port))
        .ok_or_else(|| format!("must name a host and a port, but is {url:?}"))
}

/// The proxy with what it takes to use it.
#[derive(Clone, Debug)]
pub(crate) struct Route {
    proxy: Proxy,
    credentials: Option<String>,
}

/// Chooses how `host` is reached: `None` is directly. Settings come first, then the variables
/// `HTTPS_PROXY` and `NO_PROXY` (either case) as `environment` gives them.
pub(crate) fn route(
    host: &str,
    configured: Option<&Proxy>,
    environment: impl Fn(&str) -> Option<String>,
) -> Result<Option<Route>> {
    let lookup = |name: &str| {
        environment(name)
            .or_else(|| environment(&name.to_ascii_lowercase()))
            .filter(|value| !value.is_empty())
    };
    let route = match configured {
        Some(proxy) => Route {
            credentials: credentials(proxy)?,
            proxy: proxy.clone(),
        },
        None => {
            let Some(url) = lookup("HTTPS_PROXY") else {
                return Ok(None);
            };
            from_environment(&url, lookup("NO_PROXY").as_deref().unwrap_or_default())?
        }
    };
    Ok((!is_excepted(host, &route.proxy.no_proxy)).then_some(route))
}

fn from_environment(url: &str, no_proxy: &str) -> Result<Route> {
    let mut url = url.to_owned();
    if !url.contains("://") {
        url.insert_str(0, "http://");
    }
    let mut credentials = None;
    if let Some((scheme, rest)) = url.clone().split_once("://")
        && let Some((user, host)) = rest.rsplit_once('@')
    {
        credentials = Some(BASE64.encode(percent_decoded(user).as_bytes()));
        url = format!("{scheme}://{host}");
    }
    let (host, port) = address(&url).map_err(|reason| anyhow::anyhow!("HTTPS_PROXY {reason}"))?;
    let no_proxy = no_proxy
        .split(',')
        .map(|item| item.trim().to_owned())
        .collect();
    let proxy = Proxy {
        host,
        port,
        user: None,
        password_file: None,
        no_proxy,
    };
    Ok(Route { proxy, credentials })
}

fn percent_decoded(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&first, tail)) = rest.split_first() {
        let escaped = (first == b'%')
            .then(|| tail.get(..2))
            .flatten()
            .and_then(|hex| data_encoding::HEXLOWER_PERMISSIVE.decode(hex).ok());
        match escaped {
            Some(decoded) => {
                bytes.extend_from_slice(&decoded);
                rest = tail.get(2..).unwrap_or_default();
            }
            None => {
                bytes.push(first);
                rest = tail;
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

fn credentials(proxy: &Proxy) -> Result<Option<String>> {
    let Some(user) = &proxy.user else {
        return Ok(None);
    };
    let password = match &proxy.password_file {
        Some(path) => secret(path)?,
        None => String::new(),
    };
    Ok(Some(BASE64.encode(format!("{user}:{password}").as_bytes())))
}

fn secret(path: &Path) -> Result<String> {
    let text = std::fs::read_to_string(path)
        .with_context(|| format!("cannot read the proxy's password from {}", path.display()))?;
    Ok(text.trim_end_matches(['\r', '\n']).to_owned())
}

fn is_excepted(host: &str, exceptions: &[String]) -> bool {
    let host = host.trim_end_matches('.').to_ascii_lowercase();
    exceptions.iter().any(|exception| {
        let exception = exception.trim().to_ascii_lowercase();
        if exception == "*" {
            return true;
        }
        if let (Ok(left), Ok(right)) = (exception.parse::<IpAddr>(), host.parse::<IpAddr>()) {
            return left == right;
        }
        let suffix = exception.trim_start_matches("*.").trim_start_matches('.');
        !suffix.is_empty()
            && host
                .strip_suffix(suffix)
                .is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
    })
}

/// Opens a tunnel to `host:port` through the proxy.
pub(crate) async fn connect(route: &Route, host: &str, port: u16) -> Result<TcpStream> {
    let proxy = &route.proxy;
    let mut stream = TcpStream::connect((proxy.host.as_str(), proxy.port))
        .await
        .with_context(|| format!("cannot reach the proxy {}:{}", proxy.host, proxy.port))?;
    let target = if host.contains(':') {
        format!("[{host}]:{port}")
    } else {
        format!("{host}:{port}")
    };
    let mut request = format!("CONNECT {target} HTTP/1.1\r\nHost: {target}\r\n");
    if let Some(credentials) = &route.credentials {
        request.push_str("Proxy-Authorization: Basic ");
        request.push_str(credentials);
        request.push_str("\r\n");
    }
    request.push_str("\r\n");
    stream
        .write_all(request.as_bytes())
        .await
        .context("the proxy closed the connection")?;
    let status = read_status(&mut stream).await?;
    match status {
        200..=299 => Ok(stream),
        407 => bail!(
            "the proxy wants a name and a password; set `proxy.user` and `proxy.password_file`"
        ),
        status => bail!("the proxy refused to connect to the collector (HTTP status {status})"),
    }
}

/// Reads the answer's head byte by byte, so that nothing of the tunnel is taken.
async fn read_status(stream: &mut TcpStream) -> Result<u16> {
    let mut head = Vec::with_capacity(256);
    while !head.ends_with(b"\r\n\r\n") {
        if head.len() >= MAX_ANSWER {
            bail!("the proxy's answer is too long");
        }
        let byte = stream
            .read_u8()
            .await
            .context("the proxy closed the connection")?;
        head.push(byte);
    }
    let line = String::from_utf8_lossy(&head);
    let mut words = line.split_whitespace();
    let version = words.next().unwrap_or_default();
    let status = words.next().and_then(|word| word.parse().ok());
    match status {
        Some(status) if version.starts_with("HTTP/1.") => Ok(status),
        _ => bail!("what is configured as the proxy does not speak HTTP"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn environment<'e>(pairs: &'e [(&str, &str)]) -> impl Fn(&str) -> Option<String> + use<'e> {
        |name| {
            pairs
                .iter()
                .find(|(key, _)| *key == name)
                .map(|(_, value)| (*value).to_owned())
        }
    }

    #[test]
    fn the_environment_names_a_proxy_with_a_password() {
        let variables = [
            ("https_proxy", "http://me:p%40ss@proxy:8080/"),
            ("NO_PROXY", "x, .corp"),
        ];
        let found = route("collector.example", None, environment(&variables)).expect("valid");
        let found = found.expect("a proxy");
        assert_eq!(
            (found.proxy.host.as_str(), found.proxy.port),
            ("proxy", 8080)
        );
        assert_eq!(found.credentials.as_deref(), Some("bWU6cEBzcw=="));
        assert!(
            route("a.corp", None, environment(&variables))
                .expect("valid")
                .is_none()
        );
    }

    #[test]
    fn settings_come_before_the_environment() {
        let proxy = Proxy {
            host: "inner".to_owned(),
            port: 3128,
            user: None,
            password_file: None,
            no_proxy: vec!["10.0.0.1".to_owned()],
        };
        let variables = [("HTTPS_PROXY", "http://outer:1")];
        let found = route("c", Some(&proxy), environment(&variables)).expect("valid");
        assert_eq!(found.expect("a proxy").proxy.host, "inner");
        assert!(
            route("10.0.0.1", Some(&proxy), environment(&[]))
                .expect("valid")
                .is_none()
        );
    }

    #[test]
    fn exceptions_end_at_a_label() {
        let list = |text: &str| vec![text.to_owned()];
        assert!(is_excepted("api.corp.example", &list("corp.example")));
        assert!(is_excepted("corp.example.", &list(".corp.example")));
        assert!(!is_excepted("notcorp.example", &list("corp.example")));
        assert!(is_excepted("anything", &list("*")));
        assert!(!is_excepted("anything", &list("")));
    }

    #[test]
    fn urls_of_other_kinds_are_refused() {
        assert_eq!(address("http://proxy"), Ok(("proxy".to_owned(), 3128)));
        assert_eq!(address("http://[::1]:8080/"), Ok(("::1".to_owned(), 8080)));
        for wrong in [
            "proxy:1",
            "https://proxy:1",
            "http://u:p@proxy:1",
            "http://:1",
            "http://",
        ] {
            assert!(address(wrong).is_err(), "{wrong}");
        }
    }
}
