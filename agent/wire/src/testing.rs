//! ClientHellos made to order, for tests and benches.

/// A ClientHello in the making.
#[derive(Clone, Debug)]
pub(crate) struct Hello {
    pub(crate) version: u16,
    pub(crate) random: [u8; 32],
    pub(crate) session_id: Vec<u8>,
    /// Only DTLS has one.
    pub(crate) cookie: Option<Vec<u8>>,
    pub(crate) ciphers: Vec<u16>,
    /// `None` leaves the extension block out.
    pub(crate) extensions: Option<Vec<(u16, Vec<u8>)>>,
}

impl Hello {
    /// A hello with a name and nothing else.
    pub(crate) fn plain(name: &str) -> Self {
        Self {
            version: 0x0303,
            random: [7; 32],
            session_id: vec![9; 32],
            cookie: None,
            ciphers: vec![0x1301, 0x1302, 0xc02f],
            extensions: Some(vec![(0, server_name(name.as_bytes()))]),
        }
    }

    /// A hello as browsers send it today: GREASE, ALPN, a post-quantum key share, ECH.
    pub(crate) fn browser(name: &str) -> Self {
        let mut share = numbers(&[0x0a0a, 1]);
        share.extend([0]);
        share.extend(numbers(&[0x11ec]));
        share.extend(long(&[5; 1216]));
        let ciphers = vec![
            0x2a2a, 0x1301, 0x1302, 0x1303, 0xc02b, 0xc02f, 0xc02c, 0xc030, 0xcca9, 0xcca8, 0xc013,
            0xc014, 0x009c, 0x009d, 0x002f, 0x0035,
        ];
        let extensions = vec![
            (0x3a3a, vec![]),
            (0, server_name(name.as_bytes())),
            (23, vec![]),
            (0xff01, vec![0]),
            (10, long(&numbers(&[0x4a4a, 0x11ec, 29, 23, 24]))),
            (11, vec![1, 0]),
            (35, vec![]),
            (16, alpn(&[b"h2", b"http/1.1"])),
            (5, vec![1, 0, 0, 0, 0]),
            (
                13,
                long(&numbers(&[
                    0x0403, 0x0804, 0x0401, 0x0503, 0x0805, 0x0501, 0x0806, 0x0601,
                ])),
            ),
            (18, vec![]),
            (51, long(&share)),
            (45, vec![1, 1]),
            (43, short(&numbers(&[0x5a5a, 0x0304, 0x0303]))),
            (27, vec![2, 0, 2]),
            (0xfe0d, vec![0; 218]),
            (0x6a6a, vec![0]),
        ];
        Self {
            ciphers,
            extensions: Some(extensions),
            ..Self::plain(name)
        }
    }

    /// The body of the handshake message.
    pub(crate) fn body(&self) -> Vec<u8> {
        let mut body = self.version.to_be_bytes().to_vec();
        body.extend(self.random);
        body.extend(short(&self.session_id));
        if let Some(cookie) = &self.cookie {
            body.extend(short(cookie));
        }
        body.extend(long(&numbers(&self.ciphers)));
        body.extend([1, 0]);
        if let Some(extensions) = &self.extensions {
            let mut block = Vec::new();
            for (kind, data) in extensions {
                block.extend(kind.to_be_bytes());
                block.extend(long(data));
            }
            body.extend(long(&block));
        }
        body
    }

    /// The handshake message, with its four-byte header.
    pub(crate) fn message(&self) -> Vec<u8> {
        handshake(1, &self.body())
    }

    /// TLS records of at most `fragment` bytes each.
    pub(crate) fn records(&self, fragment: usize) -> Vec<u8> {
        records(&self.message(), fragment)
    }
}

/// A handshake message of this type.
pub(crate) fn handshake(kind: u8, body: &[u8]) -> Vec<u8> {
    let length = u32::try_from(body.len()).unwrap_or_default().to_be_bytes();
    let mut message = vec![kind];
    message.extend(length.into_iter().skip(1));
    message.extend(body);
    message
}

/// Handshake records of at most `fragment` bytes each.
pub(crate) fn records(message: &[u8], fragment: usize) -> Vec<u8> {
    message
        .chunks(fragment.max(1))
        .flat_map(|part| record(22, part))
        .collect()
}

/// One TLS record.
pub(crate) fn record(kind: u8, fragment: &[u8]) -> Vec<u8> {
    let mut record = vec![kind, 3, 1];
    record.extend(long(fragment));
    record
}

/// The data of a server name extension with one host name.
pub(crate) fn server_name(name: &[u8]) -> Vec<u8> {
    let mut entry = vec![0];
    entry.extend(long(name));
    long(&entry)
}

/// The data of an ALPN extension.
pub(crate) fn alpn(protocols: &[&[u8]]) -> Vec<u8> {
    long(
        &protocols
            .iter()
            .flat_map(|protocol| short(protocol))
            .collect::<Vec<u8>>(),
    )
}

/// Numbers in network order.
pub(crate) fn numbers(values: &[u16]) -> Vec<u8> {
    values
        .iter()
        .flat_map(|value| value.to_be_bytes())
        .collect()
}

/// Bytes behind a one-byte length.
pub(crate) fn short(bytes: &[u8]) -> Vec<u8> {
    let mut out = vec![u8::try_from(bytes.len()).unwrap_or(u8::MAX)];
    out.extend(bytes);
    out
}

/// Bytes behind a two-byte length.
pub(crate) fn long(bytes: &[u8]) -> Vec<u8> {
    let mut out = u16::try_from(bytes.len())
        .unwrap_or(u16::MAX)
        .to_be_bytes()
        .to_vec();
    out.extend(bytes);
    out
}
