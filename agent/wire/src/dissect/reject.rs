//! Why bytes were refused, and how often.
//!
//! A reject is reported to the [`MessageSink`](super::MessageSink) of the call that met it; whoever owns the
//! sink owns the [`Counters`]. Nothing is counted globally and nothing is logged.

use crate::dissect::dns::DnsError;
use crate::dissect::http::HttpError;
use crate::dissect::quic::QuicError;
use crate::dissect::stream::StreamError;
use crate::dissect::tls::TlsError;

/// Declares an enum of reasons with the name under which each is counted.
macro_rules! reasons {
    (
        $(#[$meta:meta])*
        pub enum $name:ident { $($(#[$doc:meta])* $variant:ident = $counter:literal,)+ }
    ) => {
        $(#[$meta])*
        #[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
        #[non_exhaustive]
        pub enum $name { $($(#[$doc])* $variant,)+ }

        impl $name {
            /// Every variant, in the order of [`Self::index`].
            pub const ALL: [Self; [$($counter),+].len()] = [$(Self::$variant),+];

            /// The name of the counter that this reason adds to.
            pub const fn counter(self) -> &'static str {
                match self { $(Self::$variant => $counter,)+ }
            }

            /// The place of this reason in [`Self::ALL`].
            pub const fn index(self) -> usize {
                self as usize
            }
        }
    };
}
pub(crate) use reasons;

/// Why bytes gave no message, by the protocol they seemed to be.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
#[non_exhaustive]
pub enum Reject {
    /// TCP reassembly.
    Stream(StreamError),
    /// TLS and DTLS handshakes.
    Tls(TlsError),
    /// HTTP/1 and HTTP/2 heads.
    Http(HttpError),
    /// QUIC and Google QUIC.
    Quic(QuicError),
    /// DNS, multicast DNS and LLMNR.
    Dns(DnsError),
}

impl Reject {
    /// The name of the counter that this reason adds to.
    pub const fn counter(self) -> &'static str {
        match self {
            Self::Stream(reason) => reason.counter(),
            Self::Tls(reason) => reason.counter(),
            Self::Http(reason) => reason.counter(),
            Self::Quic(reason) => reason.counter(),
            Self::Dns(reason) => reason.counter(),
        }
    }
}

/// How often each reason was met.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Counters {
    stream: [u64; StreamError::ALL.len()],
    tls: [u64; TlsError::ALL.len()],
    http: [u64; HttpError::ALL.len()],
    quic: [u64; QuicError::ALL.len()],
    dns: [u64; DnsError::ALL.len()],
}

impl Default for Counters {
    fn default() -> Self {
        Self {
            stream: [0; StreamError::ALL.len()],
            tls: [0; TlsError::ALL.len()],
            http: [0; HttpError::ALL.len()],
            quic: [0; QuicError::ALL.len()],
            dns: [0; DnsError::ALL.len()],
        }
    }
}

impl Counters {
    /// Starts at zero.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds one to the counter of `reject`.
    pub fn count(&mut self, reject: Reject) {
        let slot = match reject {
            Reject::Stream(reason) => self.stream.get_mut(reason.index()),
            Reject::Tls(reason) => self.tls.get_mut(reason.index()),
            Reject::Http(reason) => self.http.get_mut(reason.index()),
            Reject::Quic(reason) => self.quic.get_mut(reason.index()),
            Reject::Dns(reason) => self.dns.get_mut(reason.index()),
        };
        if let Some(slot) = slot {
            *slot = slot.saturating_add(1);
        }
    }

    /// Every counter with its name, zeros included, in a fixed order.
    pub fn iter(&self) -> impl Iterator<Item = (&'static str, u64)> {
        let stream = StreamError::ALL
            .iter()
            .map(|reason| reason.counter())
            .zip(self.stream);
        let tls = TlsError::ALL
            .iter()
            .map(|reason| reason.counter())
            .zip(self.tls);
        let http = HttpError::ALL
            .iter()
            .map(|reason| reason.counter())
            .zip(self.http);
        let quic = QuicError::ALL
            .iter()
            .map(|reason| reason.counter())
            .zip(self.quic);
        let dns = DnsError::ALL
            .iter()
            .map(|reason| reason.counter())
            .zip(self.dns);
        stream.chain(tls).chain(http).chain(quic).chain(dns)
    }

    /// Adds what `other` counted.
    pub fn merge(&mut self, other: &Self) {
        let add = |to: &mut [u64], from: &[u64]| {
            for (to, from) in to.iter_mut().zip(from) {
                *to = to.saturating_add(*from);
            }
        };
        add(&mut self.stream, &other.stream);
        add(&mut self.tls, &other.tls);
        add(&mut self.http, &other.http);
        add(&mut self.quic, &other.quic);
        add(&mut self.dns, &other.dns);
    }
}
