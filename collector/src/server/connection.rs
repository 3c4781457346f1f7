//! One connection from its first byte to its last: what it speaks, who it is,
//! and how long it may stay.

use std::io;
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;
use std::time::{Duration, Instant};

use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto;
use rustls::{AlertDescription, Error as TlsError};
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;
use tokio::sync::OwnedSemaphorePermit;
use tokio::time::timeout;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;

use super::Shared;
use super::counters::{Counter, Counters};
use super::peer::{Identity, Peer};
use super::shutdown::Shutdown;

/// From the first byte to the end of the handshake.
const HANDSHAKE_TIMEOUT: Duration = Duration::from_secs(10);
/// A connection without a certificate takes no new requests after this. HTTP
/// clients connect again by themselves.
const ANONYMOUS_LIFETIME: Duration = Duration::from_secs(120);
/// What has begun may take this much longer.
const DRAIN: Duration = Duration::from_secs(300);
/// A request head has this long to arrive.
const HEAD_TIMEOUT: Duration = Duration::from_secs(10);
/// A silent peer is asked whether it is still there, and has to answer.
const PING_INTERVAL: Duration = Duration::from_secs(60);
const PING_TIMEOUT: Duration = Duration::from_secs(20);

const MAX_STREAMS: u32 = 64;
const MAX_HEADER_BYTES: u32 = 16 * 1024;
const MAX_HTTP1_BUFFER: usize = 64 * 1024;
const STREAM_WINDOW: u32 = 256 * 1024;
const CONNECTION_WINDOW: u32 = 512 * 1024;
const MAX_RESETS: usize = 32;

/// First byte of a TLS record that carries a handshake (RFC 8446, 5.1).
const TLS_HANDSHAKE: u8 = 22;
const PLAIN_HTTP_ANSWER: &[u8] = b"HTTP/1.1 400 Bad Request\r\nContent-Type: text/plain\r\n\
    Content-Length: 43\r\nConnection: close\r\n\r\nThis port speaks TLS only. Use https://...\n";

/// Serves `stream` until it ends or has to.
pub(super) async fn serve(
    shared: Arc<Shared>,
    stream: TcpStream,
    address: SocketAddr,
    handshake: OwnedSemaphorePermit,
    shutdown: Shutdown,
) {
    let Some(stream) = shake_hands(&shared, stream, address).await else {
        shared.failures.note(address.ip(), Instant::now());
        return;
    };
    let chain = stream.get_ref().1.peer_certificates();
    let peer = Peer {
        address,
        identity: chain.and_then(Identity::of_chain),
    };
    let count = match peer.identity {
        Some(_) => &shared.counters.sensors,
        None => &shared.counters.anonymous,
    };
    count.increment();
    let Some(place) = shared.places.take(&peer) else {
        shared.counters.refused_connections_full.increment();
        return;
    };
    drop(handshake);
    answer_requests(&shared, stream, peer, shutdown).await;
    drop(place);
}

/// Takes a connection through its handshake; `None` when it failed, counted.
async fn shake_hands(
    shared: &Shared,
    stream: TcpStream,
    address: SocketAddr,
) -> Option<TlsStream<TcpStream>> {
    let counters = &shared.counters;
    let attempt = timeout(HANDSHAKE_TIMEOUT, accept(shared, stream));
    let (reason, error) = match attempt.await {
        Ok(Ok(stream)) => return Some(stream),
        Ok(Err(Refusal { reason, error })) => (reason(counters), error),
        Err(_) => (&counters.handshake_timeout, None),
    };
    reason.increment();
    tracing::debug!(%address, ?error, "a connection failed before its first request");
    None
}

/// Why a handshake failed: where it is counted, and the details.
struct Refusal {
    reason: fn(&Counters) -> &Counter,
    error: Option<io::Error>,
}

async fn accept(shared: &Shared, mut stream: TcpStream) -> Result<TlsStream<TcpStream>, Refusal> {
    let mut first = [0];
    let peeked = stream.peek(&mut first).await;
    match (peeked, first) {
        (Ok(1), [TLS_HANDSHAKE]) => {}
        (Ok(1), [letter]) if letter.is_ascii_uppercase() => {
            answer_plain_http(&mut stream).await;
            return Err(Refusal {
                reason: |counters| &counters.plain_http,
                error: None,
            });
        }
        (result, _) => {
            return Err(Refusal {
                reason: |counters| &counters.not_tls,
                error: result.err(),
            });
        }
    }
    let acceptor = TlsAcceptor::from(Arc::clone(&shared.tls));
    acceptor.accept(stream).await.map_err(|error| Refusal {
        reason: counter_of(&error),
        error: Some(error),
    })
}

/// Tells somebody who forgot the `s` of `https` what is wrong.
async fn answer_plain_http(stream: &mut TcpStream) {
    if stream.write_all(PLAIN_HTTP_ANSWER).await.is_ok() {
        // Best effort: the peer may be gone.
        stream.shutdown().await.unwrap_or_default();
        // Reads what was sent, so that closing does not reset the answer away.
        let mut rest = [0; 1024];
        let read = tokio::io::AsyncReadExt::read(stream, &mut rest).await;
        tracing::trace!(?read, "answered plain HTTP");
    }
}

fn counter_of(error: &io::Error) -> fn(&Counters) -> &Counter {
    let cause = error
        .get_ref()
        .and_then(|cause| cause.downcast_ref::<TlsError>());
    match cause {
        Some(TlsError::PeerIncompatible(_)) => |counters| &counters.handshake_incompatible,
        Some(TlsError::InvalidCertificate(_)) => |counters| &counters.handshake_bad_certificate,
        Some(TlsError::AlertReceived(
            AlertDescription::ProtocolVersion | AlertDescription::HandshakeFailure,
        )) => |counters| &counters.handshake_incompatible,
        _ => |counters| &counters.handshake_failed,
    }
}

async fn answer_requests(
    shared: &Shared,
    stream: TlsStream<TcpStream>,
    peer: Peer,
    mut shutdown: Shutdown,
) {
    let is_sensor = peer.identity.is_some();
    let service = service_fn(|request| shared.routes.clone().answer(peer.clone(), request));
    let builder = http();
    let mut connection = pin!(builder.serve_connection(TokioIo::new(stream), service));
    tokio::select! {
        result = connection.as_mut() => return log_end(result),
        () = shutdown.wait() => {}
        () = tokio::time::sleep(ANONYMOUS_LIFETIME), if !is_sensor => {}
    }
    connection.as_mut().graceful_shutdown();
    if let Ok(result) = timeout(DRAIN, connection).await {
        log_end(result);
    }
}

fn log_end(result: Result<(), Box<dyn std::error::Error + Send + Sync>>) {
    if let Err(error) = result {
        tracing::debug!(error, "a connection broke");
    }
}

fn http() -> auto::Builder<TokioExecutor> {
    let mut builder = auto::Builder::new(TokioExecutor::new());
    builder
        .http1()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD_TIMEOUT)
        .max_buf_size(MAX_HTTP1_BUFFER);
    builder
        .http2()
        .timer(TokioTimer::new())
        .max_concurrent_streams(MAX_STREAMS)
        .max_header_list_size(MAX_HEADER_BYTES)
        .initial_stream_window_size(STREAM_WINDOW)
        .initial_connection_window_size(CONNECTION_WINDOW)
        .max_pending_accept_reset_streams(MAX_RESETS)
        .max_local_error_reset_streams(MAX_RESETS)
        .keep_alive_interval(PING_INTERVAL)
        .keep_alive_timeout(PING_TIMEOUT);
    builder
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_answer_to_plain_http_has_the_length_it_says() {
        let answer = String::from_utf8_lossy(PLAIN_HTTP_ANSWER);
        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
        assert!(
            head.contains(&format!("Content-Length: {}\r\n", body.len())),
            "{}",
            body.len()
        );
    }
}
