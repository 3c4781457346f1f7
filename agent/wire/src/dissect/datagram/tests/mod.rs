//! UDP flows: DTLS, wrappers, DNS, and when a flow is done.

mod dtls;
mod flow;

use super::*;
use crate::dissect::{Message, Reject};

/// What was said about a flow: kind, name and whether it was complete.
#[derive(Default, Debug)]
struct Heard {
    messages: Vec<(Direction, String)>,
    rejects: Vec<Reject>,
}

impl MessageSink for Heard {
    fn message(&mut self, direction: Direction, message: Message<'_>) {
        let told = if let Message::Dtls(hello) = message {
            let name = hello
                .server_name()
                .map(|name| name.to_string())
                .unwrap_or_default();
            format!("dtls {name} {}", hello.is_complete())
        } else if let Message::Dns(dns) = message {
            format!(
                "dns {}",
                dns.question()
                    .map(|q| q.name.to_string())
                    .unwrap_or_default()
            )
        } else if let Message::Quic(quic) = message {
            let name = quic.hello().server_name().map(|name| name.to_string());
            format!("quic {}", name.unwrap_or_default())
        } else {
            format!("{message:?}")
        };
        self.messages.push((direction, told));
    }

    fn rejected(&mut self, reject: Reject) {
        self.rejects.push(reject);
    }
}

/// A flow as a flow table keeps it.
struct Flow {
    state: First,
    heard: Heard,
    ports: (u16, u16),
}

impl Flow {
    fn new(client: u16, server: u16) -> Self {
        Self {
            state: First::Answered(Answered::default()),
            heard: Heard::default(),
            ports: (client, server),
        }
    }

    fn client(&mut self, payload: &[u8]) -> &mut Self {
        self.datagram(Direction::ToResponder, payload)
    }

    fn server(&mut self, payload: &[u8]) -> &mut Self {
        self.datagram(Direction::ToOriginator, payload)
    }

    fn datagram(&mut self, to: Direction, payload: &[u8]) -> &mut Self {
        let (src_port, dst_port) = match to {
            Direction::ToResponder => self.ports,
            Direction::ToOriginator => (self.ports.1, self.ports.0),
        };
        let payload_len = u32::try_from(payload.len()).unwrap();
        let datagram = Datagram {
            src_port,
            dst_port,
            payload,
            payload_len,
        };
        let ts = Timestamp::default();
        self.state = match std::mem::replace(&mut self.state, First::Done) {
            First::Done => First::Done,
            First::Answered(answered) if answered.wants(payload) => {
                answered.datagram(to, &datagram, ts, &mut self.heard)
            }
            First::Answered(answered) => First::Answered(answered),
            First::Need(mut dissector) => {
                dissector.datagram(to, &datagram, ts, &mut self.heard);
                dissector.settle()
            }
        };
        self
    }

    fn told(&self) -> Vec<&str> {
        self.heard
            .messages
            .iter()
            .map(|(_, told)| told.as_str())
            .collect()
    }

    fn end(&mut self) -> Vec<&str> {
        if let First::Need(dissector) = &mut self.state {
            dissector.finish(&mut self.heard);
        }
        self.told()
    }
}
