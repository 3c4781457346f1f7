//! DNS messages behind their lengths (RFC 7766).

use crate::dissect::dns::{DnsError, TcpDns, parse_stream};
use crate::dissect::stream::output::{Output, Step};
use crate::dissect::{Message, MessageSink, Reject};

/// Frames of DNS in a row that hold no message.
const MAX_BAD_DNS: u8 = 3;

/// Reads the message that `bytes` start with, behind its length; `bad` counts those in a row that were none.
pub(super) fn read(bad: &mut u8, bytes: &[u8], out: &mut Output<'_, impl MessageSink>) -> Step {
    match parse_stream(bytes, out.last, out.ports) {
        TcpDns::Message(message, count) => {
            *bad = 0;
            out.message(Message::Dns(&message));
            Step::Take(count)
        }
        TcpDns::NeedMore(count) => Step::Need(count),
        TcpDns::Reject(error) => {
            *bad = bad.saturating_add(1);
            if error != DnsError::NotDns {
                out.reject(Reject::Dns(error));
            }
            let length = bytes
                .first_chunk::<2>()
                .copied()
                .map_or(0, u16::from_be_bytes);
            if *bad >= MAX_BAD_DNS || out.ports.kind().is_none() {
                Step::Close
            } else {
                Step::Skip(u64::from(length).saturating_add(2))
            }
        }
    }
}
