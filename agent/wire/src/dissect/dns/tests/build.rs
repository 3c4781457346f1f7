//! DNS messages made by hand.

/// A message in the making.
#[derive(Clone, Debug)]
pub(super) struct Build {
    pub(super) bytes: Vec<u8>,
}

pub(super) const A: u16 = 1;
pub(super) const HTTPS: u16 = 65;

impl Build {
    pub(super) fn new(flags: u16, counts: [u16; 4]) -> Self {
        let mut bytes = vec![0xab, 0xcd];
        bytes.extend(flags.to_be_bytes());
        bytes.extend(counts.iter().flat_map(|count| count.to_be_bytes()));
        Self { bytes }
    }

    /// A usual query.
    pub(super) fn query(name: &str, rrtype: u16) -> Self {
        Self::new(0x0100, [1, 0, 0, 0]).question(name, rrtype)
    }

    /// An answer of so many records to a usual query.
    pub(super) fn answer(name: &str, rrtype: u16, records: u16) -> Self {
        Self::new(0x8180, [1, records, 0, 0]).question(name, rrtype)
    }

    pub(super) fn raw(mut self, bytes: &[u8]) -> Self {
        self.bytes.extend(bytes);
        self
    }

    pub(super) fn question(self, name: &str, rrtype: u16) -> Self {
        self.raw(&encode(name))
            .raw(&rrtype.to_be_bytes())
            .raw(&[0, 1])
    }

    /// A record whose owner is the name of the question.
    pub(super) fn record(self, rrtype: u16, data: &[u8]) -> Self {
        self.record_of(&[0xc0, 12], rrtype, data)
    }

    pub(super) fn record_of(self, owner: &[u8], rrtype: u16, data: &[u8]) -> Self {
        let len = u16::try_from(data.len()).unwrap();
        self.raw(owner)
            .raw(&rrtype.to_be_bytes())
            .raw(&[0, 1, 0, 0, 1, 44])
            .raw(&len.to_be_bytes())
            .raw(data)
    }

    /// EDNS with these upper bits of the response code.
    pub(super) fn edns(self, extended: u8) -> Self {
        self.raw(&[0, 0, 41, 4, 0xd0, extended, 0, 0, 0, 0, 0])
    }
}

/// A name as labels, without compression.
pub(super) fn encode(name: &str) -> Vec<u8> {
    let labels = name.split('.').filter(|label| !label.is_empty());
    let mut bytes: Vec<u8> = labels
        .flat_map(|label| [&[u8::try_from(label.len()).unwrap()], label.as_bytes()].concat())
        .collect();
    bytes.push(0);
    bytes
}
