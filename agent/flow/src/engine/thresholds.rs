//! How much a flow must move to count as use, by surface.
//!
//! All figures are payload bytes after the ClientHello was complete. They rest on captures of real
//! clients (curl, the Anthropic Python SDK, browser handshakes, openssl, aioquic) against servers
//! that answer little, and on the sizes that the protocols fix:
//!
//! | what the client sends after its hello | bytes |
//! |---|---|
//! | TLS 1.3 Finished, with the compatibility record | 64-80 |
//! | TLS 1.2 key exchange and Finished | 93-126 |
//! | HTTP/2 preface, SETTINGS, WINDOW_UPDATE, each in a record | 90-112 |
//! | curl, bare GET without body | 109-114 |
//! | browser, GET with its usual headers, no cookies | 464-669 |
//! | SDK, smallest message request with headers | 599-700 |
//! | QUIC: padded Initial with the ACK, Handshake, HTTP/3 settings | 1,300-2,600 |
//!
//! The server's flight takes 1,200-6,000 bytes with its certificates and a few hundred on
//! resumption. So a preconnect sends fewer than 250 bytes and a bare probe of the API fewer than
//! 400, a request with a key and a prompt more than 450; a page that was really loaded brings tens
//! of kilobytes, a beacon or an update check a few. Sign-in and telemetry are no use, however much
//! they move.

use signatures::Surface;

use crate::key::TransportProtocol;

/// What a flow must have moved after its hello.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Threshold {
    /// Sent by the client.
    pub(super) out: u64,
    /// Received by the client, the server's handshake included.
    pub(super) back: u64,
}

/// A programming interface: one request with a key and a prompt, and an answer.
const API: Threshold = Threshold {
    out: 450,
    back: 1_000,
};
/// Programs that also check for updates and report statistics: a request with context in it.
const PROGRAM: Threshold = Threshold {
    out: 1_500,
    back: 1_500,
};
/// A page in a browser: more than a preconnect and a beacon, the page itself came.
const WEB: Threshold = Threshold {
    out: 2_000,
    back: 16_000,
};
/// Installers and models: a file came, not only the answer whether there is a new one.
const DOWNLOAD: Threshold = Threshold {
    out: 300,
    back: 1_000_000,
};
/// What QUIC pads and acknowledges on the way to the first request.
const QUIC_OVERHEAD: Threshold = Threshold {
    out: 2_600,
    back: 5_000,
};
/// What a client repeats when a server does not answer its QUIC Initial: two datagrams of 1,200
/// bytes, up to eight times. One who sends more was answered, though the answer was not seen.
pub(super) const UNANSWERED_QUIC: u64 = 24_000;

/// What a flow to `surface` must move to count as use; `None` when no amount does.
pub(super) const fn used(surface: Surface, transport: TransportProtocol) -> Option<Threshold> {
    let base = match surface {
        Surface::Api | Surface::Mcp | Surface::LocalRuntime => API,
        Surface::Cli | Surface::Ide | Surface::App | Surface::Extension => PROGRAM,
        Surface::Web => WEB,
        Surface::Download => DOWNLOAD,
        Surface::Telemetry | Surface::Auth => return None,
    };
    Some(match transport {
        TransportProtocol::Tcp => base,
        TransportProtocol::Udp => Threshold {
            out: base.out.saturating_add(QUIC_OVERHEAD.out),
            back: base.back.saturating_add(QUIC_OVERHEAD.back),
        },
    })
}
