//! One UDP flow that still may carry a message.

use crate::decode::Datagram;
use crate::dissect::{Direction, MessageSink, StreamState};
use crate::frame::Timestamp;

/// Reads the messages in the datagrams of one flow.
#[derive(Debug, Default)]
pub struct DatagramDissector {}

impl DatagramDissector {
    /// Starts with nothing seen.
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes one datagram; messages it completes go to `sink`.
    pub fn datagram(
        &mut self,
        direction: Direction,
        datagram: &Datagram<'_>,
        ts: Timestamp,
        sink: &mut impl MessageSink,
    ) -> StreamState {
        let _ = (direction, datagram, ts, sink);
        StreamState::Done
    }

    /// The flow ends: gives what has a name but was never completed.
    pub fn finish(&mut self, sink: &mut impl MessageSink) {
        let _ = sink;
    }

    /// Bytes that are held for this flow.
    pub fn memory(&self) -> usize {
        0
    }
}
