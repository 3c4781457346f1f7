//! QUIC flows, made packet by packet.

mod flow;
mod gquic;
mod property;
pub(crate) mod sealer;

use sealer::{Ids, Sealer, V1, V2, Version};

use crate::decode::Datagram;
use crate::dissect::{DatagramDissector, Direction, Message, MessageSink, Reject, StreamState};
use crate::frame::Timestamp;

/// What was said about a flow.
#[derive(Default, Debug)]
pub(crate) struct Heard {
    /// Version, name, whether complete, and JA4 of each QUIC hello; other messages by their kind.
    pub(crate) hellos: Vec<(u32, Option<String>, bool, Option<String>)>,
    pub(crate) others: Vec<String>,
    pub(crate) rejects: Vec<Reject>,
}

impl MessageSink for Heard {
    fn message(&mut self, _: Direction, message: Message<'_>) {
        if let Message::Quic(quic) = message {
            let hello = quic.hello();
            let name = hello.server_name().map(|name| name.to_string());
            let ja4 = hello.ja4().map(|ja4| ja4.to_string());
            self.hellos
                .push((quic.version(), name, hello.is_complete(), ja4));
        } else if let Message::Gquic(hello) = message {
            let name = hello.server_name().map(|name| name.to_string());
            self.others
                .push(format!("{hello} {}", name.unwrap_or_default()));
        } else {
            self.others.push(format!("{message:?}"));
        }
    }

    fn rejected(&mut self, reject: Reject) {
        self.rejects.push(reject);
    }
}

impl Heard {
    pub(crate) fn names(&self) -> Vec<&str> {
        self.hellos
            .iter()
            .map(|(_, name, ..)| name.as_deref().unwrap_or("-"))
            .collect()
    }
}

/// A flow under test; the client opened it.
#[derive(Default)]
pub(crate) struct Flow {
    pub(crate) dissector: DatagramDissector,
    pub(crate) heard: Heard,
}

impl Flow {
    pub(crate) fn client(&mut self, payload: &[u8]) -> StreamState {
        self.datagram(Direction::ToResponder, payload, payload.len())
    }

    pub(crate) fn server(&mut self, payload: &[u8]) -> StreamState {
        self.datagram(Direction::ToOriginator, payload, payload.len())
    }

    pub(crate) fn datagram(&mut self, to: Direction, payload: &[u8], wire: usize) -> StreamState {
        let (src_port, dst_port) = match to {
            Direction::ToResponder => (50_000, 4433),
            Direction::ToOriginator => (4433, 50_000),
        };
        let payload_len = u32::try_from(wire).unwrap();
        let datagram = Datagram {
            src_port,
            dst_port,
            payload,
            payload_len,
        };
        self.dissector
            .datagram(to, &datagram, Timestamp::default(), &mut self.heard)
    }

    pub(crate) fn end(mut self) -> Heard {
        self.dissector.finish(&mut self.heard);
        self.heard
    }
}

pub(super) const DCID: [u8; 8] = [0x83, 0x94, 0xc8, 0xf0, 0x3e, 0x51, 0x57, 0x08];

/// An Initial packet of a client, 1,200 bytes long.
pub(crate) fn initial(version: &Version, number: u32, frames: &[u8]) -> Vec<u8> {
    let ids = Ids {
        dcid: &DCID,
        scid: &[1, 2, 3],
        ..Ids::default()
    };
    Sealer::client(version, &DCID).seal(&ids, number, frames, 1200)
}

fn unhex(text: &str) -> Vec<u8> {
    let digits: Vec<u32> = text
        .chars()
        .filter_map(|digit| digit.to_digit(16))
        .collect();
    digits
        .chunks(2)
        .map(|pair| u8::try_from(pair[0] * 16 + pair[1]).unwrap())
        .collect()
}

/// The CRYPTO frame of RFC 9001 and RFC 9369, appendix A.2 of both.
const RFC_CRYPTO: &str = "
    060040f1010000ed0303ebf8fa56f12939b9584a3896472ec40bb863cfd3e868
    04fe3a47f06a2b69484c00000413011302010000c000000010000e00000b6578
    616d706c652e636f6dff01000100000a00080006001d00170018001000070005
    04616c706e000500050100000000003300260024001d00209370b2c9caa47fba
    baf4559fedba753de171fa71f50f1ce15d43e994ec74d748002b000302030400
    0d0010000e0403050306030203080408050806002d00020101001c0002400100
    3900320408ffffffffffffffff05048000ffff07048000ffff08011001048000
    75300901100f088394c8f03e51570806048000ffff";

/// The first 32 bytes of a packet and its tag, which stands for all of it, are those of the RFC.
fn is_as_published(version: &Version, begin: &str, tag: &str) {
    let ids = Ids {
        dcid: &DCID,
        ..Ids::default()
    };
    let packet = Sealer::client(version, &DCID).seal(&ids, 2, &unhex(RFC_CRYPTO), 1200);
    assert_eq!(packet.len(), 1200);
    assert_eq!(packet[..32], unhex(begin));
    assert_eq!(packet[1184..], unhex(tag));
    let mut flow = Flow::default();
    flow.client(&packet);
    assert_eq!(flow.heard.names(), ["example.com"]);
    assert_eq!(flow.heard.hellos[0].0, version.number);
}

#[test]
fn opens_the_packet_of_rfc_9001() {
    is_as_published(
        &V1,
        "c000000001088394c8f03e5157080000449e7b9aec34d1b1c98dd7689fb8ec11",
        "e221af44860018ab0856972e194cd934",
    );
}

#[test]
fn opens_the_packet_of_rfc_9369() {
    is_as_published(
        &V2,
        "d76b3343cf088394c8f03e5157080000449ea0c95e82ffe67b6abcdb4298b485",
        "a18b2faa745b6fe189cf772a9f84cbfc",
    );
}

#[test]
fn ignores_the_server_packet_of_rfc_9001() {
    let packet = unhex(
        "cf000000010008f067a5502a4262b5004075c0d95a482cd0991cd25b0aac406a
         5816b6394100f37a1c69797554780bb38cc5a99f5ede4cf73c3ec2493a1839b3
         dbcba3f6ea46c5b7684df3548e7ddeb9c3bf9c73cc3f3bded74b562bfb19fb84
         022f8ef4cdd93795d77d06edbb7aaf2f58891850abbdca3d20398c276456cbc4
         2158407dd074ee",
    );
    let mut flow = Flow::default();
    flow.server(&packet);
    assert!(flow.end().hellos.is_empty());
}
