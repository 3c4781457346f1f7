//! Bytes to a message: the rules of the module's page.

use super::DnsError;
use super::message::{DnsKind, DnsMessage, DnsTransport, Header};
use super::name::{skip_encoded, skip_name};
use super::number::{Opcode, RrType};
use crate::reader::Reader;

/// The most questions of one message that are read.
pub const MAX_QUESTIONS: u16 = 32;

pub(super) const HEADER_OCTETS: usize = 12;

const PORT_DNS: u16 = 53;
const PORT_NETBIOS_NAMES: u16 = 137;
const PORT_MDNS: u16 = 5353;
const PORT_LLMNR: u16 = 5355;

/// The reserved bit of the header (RFC 1035 section 4.1.1, RFC 4035 section 3).
const FLAG_RESERVED: u16 = 0x0040;
/// Authoritative answer, truncation, recursion available, and the response code.
const FLAGS_OF_RESPONSES: u16 = 0x0400 | 0x0200 | 0x0080 | 0x000f;

/// The ports of the packet that a message came in.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Ports {
    /// Of its sender.
    pub src: u16,
    /// Of its receiver.
    pub dst: u16,
}

impl Ports {
    /// Which protocol the ports say it is; `None` when none of them is one of the three.
    pub fn kind(self) -> Option<DnsKind> {
        if self.has(PORT_DNS) {
            Some(DnsKind::Dns)
        } else if self.has(PORT_MDNS) {
            Some(DnsKind::Mdns)
        } else if self.has(PORT_LLMNR) {
            Some(DnsKind::Llmnr)
        } else {
            None
        }
    }

    const fn has(self, port: u16) -> bool {
        self.src == port || self.dst == port
    }
}

/// Reads the message in a datagram of which `payload` was captured; `cut` says that there was more.
///
/// # Errors
/// `NotDns` when the bytes do not have the shape; another reason when they do (or the port says
/// so) but something in them is wrong.
pub fn parse_datagram(payload: &[u8], cut: bool, ports: Ports) -> Result<DnsMessage<'_>, DnsError> {
    parse(payload, cut, ports, DnsTransport::Udp).map_err(|error| silent_elsewhere(error, ports))
}

/// Elsewhere than on the ports of DNS, what is wrong with bytes only says that they are not DNS.
pub(super) fn silent_elsewhere(error: DnsError, ports: Ports) -> DnsError {
    if ports.kind().is_some() {
        error
    } else {
        DnsError::NotDns
    }
}

pub(super) fn parse(
    bytes: &[u8],
    cut: bool,
    ports: Ports,
    transport: DnsTransport,
) -> Result<DnsMessage<'_>, DnsError> {
    let header = Header::parse(bytes).ok_or(DnsError::NotDns)?;
    let kind = ports.kind();
    let strict = kind.is_none();
    if strict && (ports.has(PORT_NETBIOS_NAMES) || !header.is_likely()) {
        return Err(DnsError::NotDns);
    }
    if !header.is_possible() {
        return Err(DnsError::NotDns);
    }
    let questions_end = skip_questions(bytes, &header, strict)?;
    let walked = walk_records(bytes, questions_end, &header);
    let whole = walked.complete && walked.end == bytes.len();
    let as_captured = cut && walked.ran_out;
    if (strict || header.questions == 0) && !whole && !as_captured {
        return Err(DnsError::NotDns);
    }
    Ok(DnsMessage {
        bytes,
        header,
        transport,
        kind: kind.unwrap_or(DnsKind::Dns),
        records_at: questions_end,
        extended_rcode: walked.extended_rcode,
        complete: walked.complete,
    })
}

impl Header {
    fn parse(bytes: &[u8]) -> Option<Self> {
        let mut reader = Reader::new(bytes);
        Some(Self {
            id: reader.u16()?,
            flags: reader.u16()?,
            questions: reader.u16()?,
            answers: reader.u16()?,
            authorities: reader.u16()?,
            additionals: reader.u16()?,
        })
    }

    const fn opcode(&self) -> Opcode {
        let [high, _] = self.flags.to_be_bytes();
        Opcode((high >> 3) & 0x0f)
    }

    const fn is_response(&self) -> bool {
        self.flags & 0x8000 != 0
    }

    /// Whether a message on a DNS port can look like this: the opcode is assigned.
    const fn is_possible(&self) -> bool {
        matches!(self.opcode().0, 0..=2 | 4..=6)
    }

    /// Whether a message on any port looks like this.
    fn is_likely(&self) -> bool {
        let opcode = self.opcode();
        let known = matches!(opcode, Opcode::QUERY | Opcode::NOTIFY | Opcode::UPDATE);
        if !known || self.questions != 1 || self.flags & FLAG_RESERVED != 0 {
            return false;
        }
        if self.is_response() {
            return self.flags & 0x000f <= 11;
        }
        let plain = self.answers == 0 && self.authorities <= 1;
        let free = matches!(opcode, Opcode::UPDATE) || plain;
        let stray = match opcode {
            // The authority bit says that a notification comes from the primary (RFC 1996).
            Opcode::NOTIFY => FLAGS_OF_RESPONSES & !0x0400,
            _ => FLAGS_OF_RESPONSES,
        };
        self.flags & stray == 0 && self.additionals <= 2 && (free || opcode == Opcode::NOTIFY)
    }
}

/// Passes over the question section; gives where it ends.
fn skip_questions(bytes: &[u8], header: &Header, strict: bool) -> Result<usize, DnsError> {
    let mut at = HEADER_OCTETS;
    for _ in 0..header.questions {
        let start = at;
        let name_end = skip_name(bytes, at)?;
        let mut fixed = Reader::new(bytes.get(name_end..).unwrap_or_default());
        let (Some(rrtype), Some(class)) = (fixed.u16(), fixed.u16()) else {
            return Err(DnsError::Truncated);
        };
        if strict && !is_usual(header, RrType(rrtype), class) {
            return Err(DnsError::NotDns);
        }
        if strict && is_netbios_name(bytes.get(start..name_end).unwrap_or_default(), rrtype) {
            return Err(DnsError::NotDns);
        }
        at = name_end.saturating_add(4);
        // More questions than are read: what follows cannot be found without work that grows.
        if at.saturating_sub(HEADER_OCTETS) > MAX_QUESTION_OCTETS {
            return Err(DnsError::BadLength);
        }
    }
    Ok(at)
}

/// The longest question section that is read, in octets.
const MAX_QUESTION_OCTETS: usize = 8192;

/// A type that is assigned and a class that is in use; an authority record in a query belongs to
/// an incremental zone transfer (RFC 1995).
fn is_usual(header: &Header, rrtype: RrType, class: u16) -> bool {
    let assigned = matches!(rrtype.0, 1..=110 | 128 | 249..=262 | 32768 | 32769);
    let in_use = matches!(class & 0x7fff, 1 | 3 | 4 | 254 | 255);
    let transfer = header.is_response()
        || header.opcode() != Opcode::QUERY
        || header.authorities == 0
        || rrtype.0 == 251;
    assigned && in_use && transfer
}

/// A name in the first-level encoding of NetBIOS (RFC 1001 section 14.1): 32 letters from A to P.
fn is_netbios_name(name: &[u8], rrtype: u16) -> bool {
    let label = name.split_first().filter(|(len, _)| **len == 32);
    let label = label.and_then(|(_, rest)| rest.first_chunk::<32>());
    matches!(rrtype, 32 | 33) && label.is_some_and(|l| l.iter().all(|b| matches!(b, b'A'..=b'P')))
}

struct Walked {
    end: usize,
    /// Every record that the header announces is there and fits.
    complete: bool,
    /// The bytes ended in a record; otherwise one was malformed.
    ran_out: bool,
    extended_rcode: u8,
}

/// Passes over the records without reading them, in time linear in their bytes.
fn walk_records(bytes: &[u8], start: usize, header: &Header) -> Walked {
    let mut walked = Walked {
        end: start,
        complete: true,
        ran_out: false,
        extended_rcode: 0,
    };
    let count = u32::from(header.answers)
        .saturating_add(u32::from(header.authorities))
        .saturating_add(u32::from(header.additionals));
    for _ in 0..count {
        match walk_record(bytes, walked.end, &mut walked.extended_rcode) {
            Ok(end) => walked.end = end,
            Err(error) => {
                walked.complete = false;
                walked.ran_out = error == DnsError::Truncated;
                break;
            }
        }
    }
    walked
}

fn walk_record(bytes: &[u8], at: usize, extended_rcode: &mut u8) -> Result<usize, DnsError> {
    let name_end = skip_encoded(bytes, at)?;
    let mut fixed = Reader::new(bytes.get(name_end..).unwrap_or_default());
    let rrtype = fixed.u16().ok_or(DnsError::Truncated)?;
    fixed.u16().ok_or(DnsError::Truncated)?;
    let [extended, ..] = fixed.take_array::<4>().ok_or(DnsError::Truncated)?;
    let len = fixed.u16().ok_or(DnsError::Truncated)?;
    fixed.take(usize::from(len)).ok_or(DnsError::Truncated)?;
    if RrType(rrtype) == RrType::OPT {
        *extended_rcode = extended;
    }
    Ok(name_end.saturating_add(fixed.position()))
}
