//! The messages that carry names: TLS ClientHello, DNS, QUIC Initial packets.

use anyhow::{Context as _, Result};
use rustls::quic::{Keys, Version};
use rustls::{Side, crypto::ring::cipher_suite::TLS13_AES_128_GCM_SHA256};

use crate::random::Random;

fn with_length_16(bytes: &[u8]) -> Vec<u8> {
    let mut out = u16::try_from(bytes.len())
        .unwrap_or(u16::MAX)
        .to_be_bytes()
        .to_vec();
    out.extend_from_slice(bytes);
    out
}

fn extension(kind: u16, body: &[u8]) -> Vec<u8> {
    let mut out = kind.to_be_bytes().to_vec();
    out.extend(with_length_16(body));
    out
}

/// A ClientHello handshake message as browsers send it (RFC 8446 section 4.1.2); `post_quantum` adds the key share of
/// X25519MLKEM768, which no longer fits one segment.
pub(crate) fn client_hello(
    random: &mut Random,
    name: &str,
    alpn: &[&str],
    post_quantum: bool,
) -> Vec<u8> {
    let mut body = vec![3, 3];
    body.extend(random.bytes(32));
    body.push(32);
    body.extend(random.bytes(32));
    let suites: Vec<u8> = [
        0x0a0a_u16, 0x1301, 0x1302, 0x1303, 0xc02b, 0xc02f, 0xc02c, 0xc030, 0xcca9, 0xcca8, 0xc013,
        0xc014, 0x9c, 0x9d, 0x2f, 0x35,
    ]
    .iter()
    .flat_map(|suite| suite.to_be_bytes())
    .collect();
    body.extend(with_length_16(&suites));
    body.extend([1, 0]);
    let mut shares = vec![0x1a, 0x1a, 0, 1, 0];
    if post_quantum {
        shares.extend([0x11, 0xec]);
        shares.extend(with_length_16(&random.bytes(1216)));
    }
    shares.extend([0, 29]);
    shares.extend(with_length_16(&random.bytes(32)));
    let mut entry = vec![0];
    entry.extend(with_length_16(name.as_bytes()));
    let protocols: Vec<u8> = alpn
        .iter()
        .flat_map(|protocol| {
            let mut one = vec![u8::try_from(protocol.len()).unwrap_or(0)];
            one.extend(protocol.as_bytes());
            one
        })
        .collect();
    let groups: &[u8] = &[0, 8, 0x1a, 0x1a, 0x11, 0xec, 0, 29, 0, 23];
    let signatures: &[u8] = &[0, 16, 4, 3, 8, 4, 4, 1, 5, 3, 8, 5, 5, 1, 8, 6, 6, 1];
    let mut extensions = vec![
        extension(23, &[]),
        extension(0xff01, &[0]),
        extension(10, groups),
        extension(11, &[1, 0]),
        extension(16, &with_length_16(&protocols)),
        extension(5, &[1, 0, 0, 0, 0]),
        extension(13, signatures),
        extension(18, &[]),
        extension(51, &with_length_16(&shares)),
        extension(45, &[1, 1]),
        extension(43, &[6, 0x1a, 0x1a, 3, 4, 3, 3]),
    ];
    // Browsers shuffle, so that the name may stand before or behind the large key share.
    for place in (1..extensions.len()).rev() {
        extensions.swap(place, random.below(place + 1));
    }
    let at = if post_quantum && random.below(2) == 0 {
        extensions.len()
    } else {
        random.below(extensions.len())
    };
    extensions.insert(at, extension(0, &with_length_16(&entry)));
    body.extend(with_length_16(&extensions.concat()));
    let mut message = vec![1, 0];
    message.extend(with_length_16(&body));
    message
}

/// TLS records (RFC 8446 section 5.1), each with at most `most` bytes of the message.
pub(crate) fn records(message: &[u8], most: usize) -> Vec<u8> {
    message
        .chunks(most)
        .flat_map(|piece| {
            let mut record = vec![22, 3, 1];
            record.extend(with_length_16(piece));
            record
        })
        .collect()
}

/// A DNS query (RFC 1035 section 4.1).
pub(crate) fn dns_query(random: &mut Random, name: &str, kind: u16) -> Vec<u8> {
    let mut message = random.bytes(2);
    message.extend([1, 0, 0, 1, 0, 0, 0, 0, 0, 0]);
    for label in name.split('.') {
        message.push(u8::try_from(label.len()).unwrap_or(0));
        message.extend(label.as_bytes());
    }
    message.push(0);
    message.extend(kind.to_be_bytes());
    message.extend([0, 1]);
    message
}

/// The answer to a query, with one record of data.
pub(crate) fn dns_answer(query: &[u8], kind: u16, data: &[u8]) -> Vec<u8> {
    let mut message = query.to_vec();
    message[2] = 0x81;
    message[3] = 0x80;
    message[7] = 1;
    message.extend([0xc0, 12]);
    message.extend(kind.to_be_bytes());
    message.extend([0, 1, 0, 0, 1, 0x2c]);
    message.extend(with_length_16(data));
    message
}

fn variable(value: usize) -> [u8; 2] {
    (u16::try_from(value).unwrap_or(0) | 0x4000).to_be_bytes()
}

/// A CRYPTO frame (RFC 9000 section 19.6).
pub(crate) fn crypto_frame(offset: usize, data: &[u8]) -> Vec<u8> {
    let mut frame = vec![6];
    frame.extend(variable(offset));
    frame.extend(variable(data.len()));
    frame.extend(data);
    frame
}

/// What the Initial packets of one connection have in common.
#[derive(Clone, Debug)]
pub(crate) struct Connection {
    pub(crate) version: Version,
    /// The id from which the keys are derived (RFC 9001 section 5.2).
    pub(crate) original: Vec<u8>,
    pub(crate) destination: Vec<u8>,
    pub(crate) source: Vec<u8>,
    pub(crate) token: Vec<u8>,
}

/// One protected Initial packet with `frames`, padded to `size` bytes (RFC 9000 section 17.2.2, RFC 9001 section 5).
pub(crate) fn initial(
    connection: &Connection,
    side: Side,
    number: u8,
    frames: &[u8],
    size: usize,
) -> Result<Vec<u8>> {
    let (version, kind) = match connection.version {
        Version::V2 => (0x6b33_43cf_u32, 0xd0),
        Version::V1Draft | Version::V1 | _ => (1, 0xc0),
    };
    let mut packet = vec![kind];
    packet.extend(version.to_be_bytes());
    for id in [&connection.destination, &connection.source] {
        packet.push(u8::try_from(id.len())?);
        packet.extend(id);
    }
    packet.extend(variable(connection.token.len()));
    packet.extend(&connection.token);
    let header = packet.len() + 3;
    let payload = size.saturating_sub(header + 16).max(frames.len());
    packet.extend(variable(1 + payload + 16));
    packet.push(number);
    let mut plain = frames.to_vec();
    plain.resize(payload, 0);
    let tls13 = TLS13_AES_128_GCM_SHA256
        .tls13()
        .context("the suite is not TLS 1.3")?;
    let quic = tls13.quic_suite().context("the suite has no QUIC")?;
    let keys = Keys::initial(
        connection.version,
        quic.suite,
        quic.quic,
        &connection.original,
        side,
    );
    let tag = keys
        .local
        .packet
        .encrypt_in_place(number.into(), &packet, &mut plain)?;
    packet.extend(plain);
    packet.extend(tag.as_ref());
    let (head, rest) = packet.split_at_mut(header);
    let (first, numbers) = head.split_at_mut(header - 1);
    let sample = rest.get(3..19).context("the packet is too short")?;
    keys.local
        .header
        .encrypt_in_place(sample, &mut first[0], numbers)?;
    Ok(packet)
}
