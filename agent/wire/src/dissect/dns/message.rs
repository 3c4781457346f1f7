//! A message as a view into the bytes it was read from.

use super::number::{Opcode, Rcode, RrType};
use super::parse::MAX_QUESTIONS;
use super::record::Records;
use super::{DnsName, Record};

/// What a message came in.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum DnsTransport {
    /// A datagram.
    Udp,
    /// A stream, each message with its length before it (RFC 1035 section 4.2.2).
    Tcp,
}

/// Which of the protocols that share the format.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum DnsKind {
    /// DNS (RFC 1035), on any port.
    Dns,
    /// Multicast DNS (RFC 6762), port 5353.
    Mdns,
    /// Link-local multicast name resolution (RFC 4795), port 5355.
    Llmnr,
}

/// The part of a message that a record is in.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Section {
    /// What was asked for; in an update, what must hold before.
    Answer,
    /// Who is responsible; in an update, what changes.
    Authority,
    /// What else may help.
    Additional,
}

/// The fixed head of a message (RFC 1035 section 4.1.1).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Header {
    pub(super) id: u16,
    pub(super) flags: u16,
    pub(super) questions: u16,
    pub(super) answers: u16,
    pub(super) authorities: u16,
    pub(super) additionals: u16,
}

/// A DNS message. What the iterators give is read again from its bytes each time.
#[derive(Clone, Copy, Debug)]
pub struct DnsMessage<'a> {
    pub(super) bytes: &'a [u8],
    pub(super) header: Header,
    pub(super) transport: DnsTransport,
    pub(super) kind: DnsKind,
    /// Where the first record starts.
    pub(super) records_at: usize,
    pub(super) extended_rcode: u8,
    pub(super) complete: bool,
}

impl<'a> DnsMessage<'a> {
    /// What it came in.
    pub const fn transport(&self) -> DnsTransport {
        self.transport
    }

    /// Which of the protocols that share the format, by its port.
    pub const fn kind(&self) -> DnsKind {
        self.kind
    }

    /// The number that ties an answer to its query.
    pub const fn id(&self) -> u16 {
        self.header.id
    }

    /// Whether this is an answer.
    pub const fn is_response(&self) -> bool {
        self.header.flags & 0x8000 != 0
    }

    /// What it is for.
    pub fn opcode(&self) -> Opcode {
        let [high, _] = self.header.flags.to_be_bytes();
        Opcode((high >> 3) & 0x0f)
    }

    /// How the request ended, with the bits of EDNS when they were captured; zero in a query.
    pub fn rcode(&self) -> Rcode {
        Rcode((self.header.flags & 0x0f) | (u16::from(self.extended_rcode) << 4))
    }

    /// Whether the sender cut the message to fit its transport (the TC bit).
    pub const fn is_truncated(&self) -> bool {
        self.header.flags & 0x0200 != 0
    }

    /// Whether every record was captured and is well formed.
    pub const fn is_complete(&self) -> bool {
        self.complete
    }

    /// How many questions the header announces; [`Self::questions`] gives at most
    /// [`MAX_QUESTIONS`].
    pub const fn question_count(&self) -> u16 {
        self.header.questions
    }

    /// The first question.
    pub fn question(&self) -> Option<Question> {
        self.questions().next()
    }

    /// Reads the first question in place of what `question` held; returns whether there is one.
    pub fn read_question(&self, question: &mut Question) -> bool {
        self.questions().read_next(question).is_some()
    }

    /// The questions, in the order of the message.
    pub fn questions(&self) -> Questions<'a> {
        let left = self.header.questions.min(MAX_QUESTIONS);
        Questions {
            bytes: self.bytes,
            at: super::parse::HEADER_OCTETS,
            left,
        }
    }

    /// The records of the answer section, up to the first that is damaged or was not captured.
    pub fn answers(&self) -> impl Iterator<Item = Record<'a>> + use<'a> {
        self.records()
            .take_while(|record| record.section == Section::Answer)
    }

    /// The records of all three sections, up to the first that is damaged or was not captured.
    pub fn records(&self) -> Records<'a> {
        Records::new(self.bytes, self.records_at, &self.header)
    }

    /// The bytes of the message, from its header to the end of its records (or of what there is).
    pub const fn as_bytes(&self) -> &'a [u8] {
        self.bytes
    }
}

/// One entry of the question section (RFC 1035 section 4.1.2).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Question {
    /// What is asked about.
    pub name: DnsName,
    /// The type of record that is wanted.
    pub rrtype: RrType,
    /// The class; the uppermost bit asks for a unicast answer in multicast DNS.
    pub class: u16,
}

/// The questions of a message.
#[derive(Clone, Debug)]
pub struct Questions<'a> {
    bytes: &'a [u8],
    at: usize,
    left: u16,
}

impl Default for Question {
    /// The root, to be read into.
    fn default() -> Self {
        Self {
            name: DnsName::ROOT,
            rrtype: RrType(0),
            class: 0,
        }
    }
}

impl Questions<'_> {
    fn read_next(&mut self, question: &mut Question) -> Option<()> {
        self.left = self.left.checked_sub(1)?;
        let end = question.name.read_into(self.bytes, self.at).ok()?;
        let [t0, t1, c0, c1] = *self.bytes.get(end..)?.first_chunk::<4>()?;
        self.at = end.saturating_add(4);
        question.rrtype = RrType(u16::from_be_bytes([t0, t1]));
        question.class = u16::from_be_bytes([c0, c1]);
        Some(())
    }
}

impl Iterator for Questions<'_> {
    type Item = Question;

    fn next(&mut self) -> Option<Question> {
        let mut question = Question::default();
        self.read_next(&mut question).map(|()| question)
    }
}
