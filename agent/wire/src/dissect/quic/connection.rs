//! One connection whose hello is being put together.

use super::QuicHello;
use super::error::QuicError;
use super::frames::CryptoFrames;
use super::gquic::GquicHello;
use super::header::LongPacket;
use super::keys::InitialKeys;
use crate::dissect::datagram::assembly::{Assembly, AssemblyError, MAX_MESSAGE};
use crate::dissect::tls::{Carrier, ClientHello, TlsError};
use crate::dissect::{Direction, Message, MessageSink, Progress, Reject};

/// The longest packet that is opened without allocating; Ethernet's are shorter.
const STACK_BUFFER: usize = 2048;

/// What became of a packet.
#[derive(Debug)]
pub(crate) enum Opened {
    /// It is not protected with these keys.
    No,
    /// It was opened and the hello is not complete.
    Incomplete,
    /// The hello was given, or what is there is no hello: nothing more is wanted.
    Finished,
}

/// The keys of a connection and what has arrived of its hello.
#[derive(Debug)]
pub(crate) struct Connection {
    keys: InitialKeys,
    direction: Direction,
    version: u32,
    /// Whether its frames, and perhaps its hello, are those of Google QUIC.
    google: bool,
    tag: u32,
    received: Assembly,
}

impl Connection {
    /// Derives the keys that follow from the connection id of `packet`; `None` when the id is not
    /// one that keys can come from.
    pub(crate) fn start(
        packet: &LongPacket<'_>,
        direction: Direction,
        after_retry: bool,
    ) -> Option<Self> {
        if !after_retry && !packet.may_start_connection() {
            return None;
        }
        Some(Self {
            keys: InitialKeys::derive(packet.protection, packet.dcid)?,
            direction,
            version: packet.version,
            google: packet.protection.has_google_frames(),
            tag: packet.dcid_tag(),
            received: Assembly::new(),
        })
    }

    /// The direction its client sends in.
    pub(crate) const fn direction(&self) -> Direction {
        self.direction
    }

    /// What [`LongPacket::dcid_tag`] gave for the packet that the keys come from.
    pub(crate) const fn tag(&self) -> u32 {
        self.tag
    }

    /// Bytes of memory held.
    pub(crate) fn memory(&self) -> usize {
        size_of::<Self>().saturating_add(self.received.memory())
    }

    /// Opens `packet` and takes what it holds of the hello.
    pub(crate) fn packet(
        &mut self,
        packet: &LongPacket<'_>,
        sink: &mut impl MessageSink,
    ) -> Opened {
        if packet.len() <= STACK_BUFFER {
            self.open_in(packet, &mut [0; STACK_BUFFER], sink)
        } else {
            self.open_in(packet, &mut vec![0; packet.len()], sink)
        }
    }

    fn open_in(
        &mut self,
        packet: &LongPacket<'_>,
        buffer: &mut [u8],
        sink: &mut impl MessageSink,
    ) -> Opened {
        let Some(opened) = self.keys.open(packet, buffer) else {
            return Opened::No;
        };
        self.frames(opened, packet.cut, sink)
    }

    /// Takes what the frames of an opened packet hold of the hello. `cut` says that the packet was cut, and
    /// so not authenticated.
    pub(crate) fn frames(
        &mut self,
        opened: &[u8],
        cut: bool,
        sink: &mut impl MessageSink,
    ) -> Opened {
        let mut frames = CryptoFrames::new(opened, cut, self.google);
        let Some(first) = frames.next() else {
            return self.without_crypto(&frames, cut, sink);
        };
        if cut && !begins_hello(first.offset, first.data) {
            return Opened::No;
        }
        // Mostly the whole hello is in the first frame: then nothing is copied.
        if first.offset == 0
            && self.received.contiguous() == 0
            && let Some(opened) = self.give(first.data, sink)
        {
            return opened;
        }
        self.received.reserve(opened.len().min(MAX_MESSAGE));
        for frame in std::iter::once(first).chain(frames.by_ref()) {
            if let Err(error) = self.received.insert(frame.offset, frame.data) {
                sink.rejected(Reject::Quic(match error {
                    AssemblyError::TooFar => QuicError::TooFar,
                    AssemblyError::TooManyPieces => QuicError::TooManyPieces,
                }));
            }
        }
        if frames.is_bad() && !cut {
            sink.rejected(Reject::Quic(QuicError::BadFrame));
        }
        self.give_received(sink)
    }

    fn without_crypto(
        &self,
        frames: &CryptoFrames<'_>,
        cut: bool,
        sink: &mut impl MessageSink,
    ) -> Opened {
        match (frames.is_bad(), cut) {
            // Not authenticated and senseless: the keys were wrong.
            (true, true) => return Opened::No,
            (true, false) => sink.rejected(Reject::Quic(QuicError::BadFrame)),
            (false, _) => {}
        }
        Opened::Incomplete
    }

    /// Looks whether what has arrived is a whole hello.
    fn give_received(&self, sink: &mut impl MessageSink) -> Opened {
        let there = self.received.contiguous();
        let head = self.received.prefix(4);
        let wanted = match ClientHello::message_length(&head) {
            Some(length) => length,
            None if self.is_gquic(&head) || head.len() < 4 => there,
            None => 0,
        };
        if wanted > MAX_MESSAGE {
            sink.rejected(Reject::Tls(TlsError::TooLong));
            return Opened::Finished;
        }
        if there == 0 || wanted > there {
            return Opened::Incomplete;
        }
        self.give(&self.received.prefix(there), sink)
            .unwrap_or(Opened::Incomplete)
    }

    /// Gives the hello that `message` starts with; `None` when it is not all there.
    fn give(&self, message: &[u8], sink: &mut impl MessageSink) -> Option<Opened> {
        if self.is_gquic(message) {
            return self.give_gquic(message, sink);
        }
        match ClientHello::parse(message, Carrier::Quic) {
            Progress::Done(hello) => {
                let hello = QuicHello {
                    hello: &hello,
                    version: self.version,
                };
                sink.message(self.direction, Message::Quic(&hello));
            }
            Progress::NeedMore => return None,
            Progress::Reject(error) => sink.rejected(Reject::Tls(error)),
        }
        Some(Opened::Finished)
    }

    fn is_gquic(&self, message: &[u8]) -> bool {
        self.google && GquicHello::begins(message)
    }

    fn give_gquic(&self, message: &[u8], sink: &mut impl MessageSink) -> Option<Opened> {
        match GquicHello::parse(message, self.version) {
            Progress::Done(hello) => sink.message(self.direction, Message::Gquic(&hello)),
            Progress::NeedMore => return None,
            Progress::Reject(error) => sink.rejected(Reject::Quic(error)),
        }
        Some(Opened::Finished)
    }

    /// Nothing more will come: gives the hello when its name is there.
    pub(crate) fn finish(&self, sink: &mut impl MessageSink) {
        let message = self.received.prefix(usize::MAX);
        match ClientHello::prefix(&message, Carrier::Quic) {
            Some(hello) => {
                let hello = QuicHello {
                    hello: &hello,
                    version: self.version,
                };
                sink.message(self.direction, Message::Quic(&hello));
            }
            None => sink.rejected(Reject::Quic(QuicError::Incomplete)),
        }
    }
}

/// Whether unauthenticated CRYPTO data looks like the begin of a hello: type, a length that fits
/// the sensor's limit, and the version that TLS 1.3 puts there.
fn begins_hello(offset: u64, data: &[u8]) -> bool {
    offset == 0 && matches!(data, [0x01, 0x00, _, _, 0x03, 0x03, ..])
}
