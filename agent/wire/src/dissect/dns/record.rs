//! Resource records, and the data of the types that the sensor reads.

use std::fmt;
use std::net::{Ipv4Addr, Ipv6Addr};

use super::message::{Header, Section};
use super::number::RrType;
use super::{DnsError, DnsName};
use crate::reader::Reader;

/// The service parameter keys that are read (RFC 9460 section 14.3.2).
const KEY_ALPN: u16 = 1;
const KEY_IPV4HINT: u16 = 4;
const KEY_ECH: u16 = 5;
const KEY_IPV6HINT: u16 = 6;

/// The longest opaque data that is written out, in octets.
const MAX_WRITTEN_OCTETS: usize = 64;

/// One resource record (RFC 1035 section 4.1.3).
#[derive(Clone, Copy, Debug)]
pub struct Record<'a> {
    /// Where in the message it is.
    pub section: Section,
    /// What it is about.
    pub name: DnsName,
    /// Its type.
    pub rrtype: RrType,
    /// Its class; the uppermost bit says "replace what you hold" in multicast DNS.
    pub class: u16,
    /// How long it may be kept, in seconds.
    pub ttl: u32,
    /// Its data.
    pub data: RecordData<'a>,
}

impl Default for Record<'_> {
    /// A record of the root without data, to be read into.
    fn default() -> Self {
        Self {
            section: Section::Answer,
            name: DnsName::ROOT,
            rrtype: RrType(0),
            class: 0,
            ttl: 0,
            data: RecordData::Other(&[]),
        }
    }
}

/// The data of a record.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub enum RecordData<'a> {
    /// An IPv4 address.
    A(Ipv4Addr),
    /// An IPv6 address.
    Aaaa(Ipv6Addr),
    /// The name that this name is another name for.
    Cname(DnsName),
    /// The name that this place points to.
    Ptr(DnsName),
    /// A service binding for HTTPS.
    Https(Svcb<'a>),
    /// A service binding.
    Svcb(Svcb<'a>),
    /// Anything else, and data that does not fit its type, as it is.
    Other(&'a [u8]),
}

impl fmt::Display for RecordData<'_> {
    /// An address, a name, a binding's priority and target, or the generic form of RFC 3597
    /// section 5, cut after 64 octets.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::A(address) => address.fmt(f),
            Self::Aaaa(address) => address.fmt(f),
            Self::Cname(name) | Self::Ptr(name) => name.fmt(f),
            Self::Https(binding) | Self::Svcb(binding) => {
                write!(f, "{} {}", binding.priority, binding.target)?;
                if binding.target.is_root() {
                    f.write_str(".")?;
                }
                f.write_str(if binding.ech() { " ech" } else { "" })
            }
            Self::Other(bytes) => {
                write!(f, "\\# {}", bytes.len())?;
                f.write_str(if bytes.is_empty() { "" } else { " " })?;
                for byte in bytes.iter().take(MAX_WRITTEN_OCTETS) {
                    write!(f, "{byte:02x}")?;
                }
                f.write_str(if bytes.len() > MAX_WRITTEN_OCTETS {
                    "..."
                } else {
                    ""
                })
            }
        }
    }
}

/// A service binding (RFC 9460), of type SVCB or HTTPS.
#[derive(Clone, Copy, Debug)]
pub struct Svcb<'a> {
    /// Zero for an alias, else smaller is better.
    pub priority: u16,
    /// Where the service is; the root means the owner of the record.
    pub target: DnsName,
    params: &'a [u8],
}

impl<'a> Svcb<'a> {
    fn parse(message: &[u8], at: usize, data: &'a [u8]) -> Result<Option<Self>, DnsError> {
        let Some(priority) = Reader::new(data).u16() else {
            return Ok(None);
        };
        let target = name_in_data(message, at.saturating_add(2))?;
        Ok(target.and_then(|(target, end)| {
            let params = data.get(end.checked_sub(at)?..)?;
            Some(Self {
                priority,
                target,
                params,
            })
        }))
    }

    fn param(&self, wanted: u16) -> Option<&'a [u8]> {
        let mut params = Reader::new(self.params);
        loop {
            let key = params.u16()?;
            let value = params.u16().and_then(|len| params.take(usize::from(len)))?;
            if key == wanted {
                return Some(value);
            }
        }
    }

    /// Whether it offers Encrypted ClientHello (RFC 9848), so that names at this service may hide.
    pub fn ech(&self) -> bool {
        self.param(KEY_ECH).is_some()
    }

    /// The IPv4 addresses it suggests.
    pub fn ipv4_hints(&self) -> Ipv4Hints<'a> {
        Ipv4Hints(Reader::new(self.param(KEY_IPV4HINT).unwrap_or_default()))
    }

    /// The IPv6 addresses it suggests.
    pub fn ipv6_hints(&self) -> Ipv6Hints<'a> {
        Ipv6Hints(Reader::new(self.param(KEY_IPV6HINT).unwrap_or_default()))
    }

    /// The protocols it offers.
    pub fn alpn(&self) -> Alpns<'a> {
        Alpns(Reader::new(self.param(KEY_ALPN).unwrap_or_default()))
    }
}

/// The IPv4 addresses that a service binding suggests.
#[derive(Clone, Debug)]
pub struct Ipv4Hints<'a>(Reader<'a>);

impl Iterator for Ipv4Hints<'_> {
    type Item = Ipv4Addr;

    fn next(&mut self) -> Option<Ipv4Addr> {
        self.0.take_array::<4>().map(Ipv4Addr::from)
    }
}

/// The IPv6 addresses that a service binding suggests.
#[derive(Clone, Debug)]
pub struct Ipv6Hints<'a>(Reader<'a>);

impl Iterator for Ipv6Hints<'_> {
    type Item = Ipv6Addr;

    fn next(&mut self) -> Option<Ipv6Addr> {
        self.0.take_array::<16>().map(Ipv6Addr::from)
    }
}

/// The protocols that a service binding offers.
#[derive(Clone, Debug)]
pub struct Alpns<'a>(Reader<'a>);

impl<'a> Iterator for Alpns<'a> {
    type Item = &'a [u8];

    fn next(&mut self) -> Option<&'a [u8]> {
        let len = self.0.u8()?;
        self.0.take(usize::from(len))
    }
}

/// The records of a message, up to the first that is damaged or was not captured.
#[derive(Clone, Debug)]
pub struct Records<'a> {
    message: &'a [u8],
    at: usize,
    answers: u16,
    authorities: u16,
    additionals: u16,
}

impl<'a> Records<'a> {
    pub(super) const fn new(message: &'a [u8], at: usize, header: &Header) -> Self {
        Self {
            message,
            at,
            answers: header.answers,
            authorities: header.authorities,
            additionals: header.additionals,
        }
    }

    fn next_section(&mut self) -> Option<Section> {
        for (left, section) in [
            (&mut self.answers, Section::Answer),
            (&mut self.authorities, Section::Authority),
            (&mut self.additionals, Section::Additional),
        ] {
            if let Some(less) = left.checked_sub(1) {
                *left = less;
                return Some(section);
            }
        }
        None
    }

    /// Reads the next record in place of what `record` held: a record is large enough for its moves to be felt.
    /// Returns false at the end, and where a record is damaged or was not captured; `record` then says nothing.
    pub fn read_next(&mut self, record: &mut Record<'a>) -> bool {
        let Some(section) = self.next_section() else {
            return false;
        };
        record.section = section;
        let read = self.read(record).is_some();
        if !read {
            (self.answers, self.authorities, self.additionals) = (0, 0, 0);
        }
        read
    }

    fn read(&mut self, record: &mut Record<'a>) -> Option<()> {
        let end = record.name.read_into(self.message, self.at).ok()?;
        let mut fixed = Reader::new(self.message.get(end..)?);
        record.rrtype = RrType(fixed.u16()?);
        record.class = fixed.u16()?;
        record.ttl = fixed.u32()?;
        let len = usize::from(fixed.u16()?);
        let at = end.checked_add(fixed.position())?;
        let raw = fixed.take(len)?;
        self.at = at.checked_add(len)?;
        read_data(record.rrtype, self.message, at, raw, &mut record.data).ok()
    }
}

impl<'a> Iterator for Records<'a> {
    type Item = Record<'a>;

    fn next(&mut self) -> Option<Record<'a>> {
        let mut record = Record::default();
        self.read_next(&mut record).then_some(record)
    }
}

/// Puts the data into `data`, as what its type says when it fits that.
///
/// A name in it that leads to where the message ends is refused, so that a message that was cut tells
/// nothing else than the whole one.
fn read_data<'a>(
    rrtype: RrType,
    message: &'a [u8],
    at: usize,
    raw: &'a [u8],
    data: &mut RecordData<'a>,
) -> Result<(), DnsError> {
    // An address is put where it belongs by itself: the other kinds are hundreds of bytes large.
    match (rrtype, raw) {
        (RrType::A, [a, b, c, d]) => {
            *data = RecordData::A(Ipv4Addr::new(*a, *b, *c, *d));
            return Ok(());
        }
        (RrType::AAAA, raw) if let Some(raw) = raw.as_array::<16>() => {
            *data = RecordData::Aaaa(Ipv6Addr::from(*raw));
            return Ok(());
        }
        _ => *data = RecordData::Other(raw),
    }
    let name = || {
        let name = name_in_data(message, at)?;
        let whole = name.filter(|(_, end)| *end == at.saturating_add(raw.len()));
        Ok(whole.map(|(name, _)| name))
    };
    let read = match rrtype {
        RrType::CNAME => name()?.map(RecordData::Cname),
        RrType::PTR => name()?.map(RecordData::Ptr),
        RrType::HTTPS => Svcb::parse(message, at, raw)?.map(RecordData::Https),
        RrType::SVCB => Svcb::parse(message, at, raw)?.map(RecordData::Svcb),
        _ => None,
    };
    if let Some(read) = read {
        *data = read;
    }
    Ok(())
}

/// The name at `at` and where it ends; `None` when it is malformed.
fn name_in_data(message: &[u8], at: usize) -> Result<Option<(DnsName, usize)>, DnsError> {
    match DnsName::read(message, at) {
        Ok(read) => Ok(Some(read)),
        Err(DnsError::Truncated) => Err(DnsError::Truncated),
        Err(_) => Ok(None),
    }
}
