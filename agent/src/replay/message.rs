//! One line for each message, in the format of `dissect`, which tests and users depend on.

use flow::MessageContext;
use wire::Message;
use wire::dissect::dns::{
    DnsKind, DnsMessage, DnsName, DnsTransport, Question, Record, RecordData, RrType, Section,
};
use wire::dissect::tls::ClientHello;

use super::line::Lines;

/// The kinds of messages, as they are printed.
pub(super) const KINDS: [&str; 10] = [
    "tls", "quic", "dns", "http", "dtls", "sslv2", "gquic", "mdns", "llmnr", "http2",
];

/// The place of the kind of `message` in [`KINDS`].
pub(super) const fn place(message: &Message<'_>) -> Option<usize> {
    Some(match message {
        Message::Tls(_) => 0,
        Message::Quic(_) => 1,
        Message::Dtls(_) => 4,
        Message::SslV2(_) => 5,
        Message::Gquic(_) => 6,
        Message::Dns(dns) => match dns.kind() {
            DnsKind::Dns => 2,
            DnsKind::Mdns => 7,
            DnsKind::Llmnr => 8,
        },
        Message::Http(_) => 3,
        Message::Http2(_) => 9,
        _ => return None,
    })
}

/// The kind of `message` as it is printed.
pub(super) fn kind(message: &Message<'_>) -> Option<&'static str> {
    KINDS.get(place(message)?).copied()
}

/// Writes `message` as one line.
pub(super) fn write(lines: &mut Lines, context: &MessageContext, message: &Message<'_>) {
    let Some(kind) = kind(message) else { return };
    lines.begin(kind);
    lines.next(b",\"ts\":");
    lines.time(context.ts.as_nanos());
    lines.next(b",\"frame\":");
    lines.number(context.frame_number);
    lines.next(b",\"src\":");
    lines.address(context.src.ip());
    lines.next(b",\"sport\":");
    lines.number(u64::from(context.src.port()));
    lines.next(b",\"dst\":");
    lines.address(context.dst.ip());
    lines.next(b",\"dport\":");
    lines.number(u64::from(context.dst.port()));
    match message {
        Message::Tls(hello) | Message::Dtls(hello) => client_hello(lines, hello),
        Message::Quic(quic) => {
            client_hello(lines, quic.hello());
            quic_version(lines, quic.version());
        }
        Message::Gquic(hello) => {
            name(lines, hello.server_name().map(|name| name.as_bytes()));
            quic_version(lines, hello.version());
        }
        Message::Dns(message) => dns(lines, message),
        Message::Http(head) => {
            name(lines, head.name().map(|name| name.as_bytes()));
            lines.next(b",\"method\":");
            lines.wire_text(head.method());
        }
        Message::Http2(request) => {
            name(lines, request.name().map(|name| name.as_bytes()));
            lines.next(b",\"method\":");
            lines.wire_text(request.method());
        }
        Message::SslV2(_) | _ => name(lines, None),
    }
    lines.end();
}

/// A name, or null where the message carries none.
fn name(lines: &mut Lines, name: Option<&[u8]>) {
    lines.next(b",\"name\":");
    match name {
        Some(name) if !name.is_empty() => lines.name(name),
        _ => lines.null(),
    }
}

fn client_hello(lines: &mut Lines, hello: &ClientHello<'_>) {
    name(lines, hello.server_name().map(|name| name.as_bytes()));
    lines.next(b",\"alpn\":");
    lines.list(hello.alpn(), |lines, protocol| lines.wire_text(protocol));
    lines.next(b",\"ja3\":");
    match hello.ja3() {
        Some(ja3) => lines.hex(ja3.as_bytes()),
        None => lines.null(),
    }
    lines.next(b",\"ja4\":");
    match hello.ja4_with(&mut lines.ja4) {
        Some(ja4) => lines.word(ja4.as_str()),
        None => lines.null(),
    }
    lines.next(b",\"ech\":");
    lines.word(hello.ech().as_str());
    lines.next(b",\"complete\":");
    lines.boolean(hello.is_complete());
}

fn quic_version(lines: &mut Lines, version: u32) {
    lines.next(b",\"quic_version\":");
    lines.hex_number(version);
}

fn dns(lines: &mut Lines, message: &DnsMessage<'_>) {
    lines.next(b",\"transport\":");
    lines.raw(match message.transport() {
        DnsTransport::Udp => b"\"udp\"",
        DnsTransport::Tcp => b"\"tcp\"",
    });
    lines.next(b",\"opcode\":");
    match message.opcode().mnemonic() {
        Some(mnemonic) => lines.word(mnemonic),
        None => lines.quoted(format_args!("{}", message.opcode())),
    }
    lines.next(b",\"response\":");
    lines.boolean(message.is_response());
    lines.next(b",\"rcode\":");
    match message.rcode().mnemonic() {
        Some(mnemonic) => lines.word(mnemonic),
        None => lines.quoted(format_args!("{}", message.rcode())),
    }
    let mut first = Question::default();
    let first = message.read_question(&mut first).then_some(&first);
    lines.next(b",\"name\":");
    dns_name_or_null(lines, first.map(|question| &question.name));
    lines.next(b",\"rrtype\":");
    match first {
        Some(question) => rrtype(lines, question.rrtype),
        None => lines.null(),
    }
    if message.question_count() > 1 {
        lines.next(b",\"questions\":");
        lines.list(message.questions(), question);
    }
    lines.next(b",\"answers\":");
    let (mut records, mut record) = (message.records(), Record::default());
    lines.raw(b"[");
    let mut separator: &[u8] = b"";
    while records.read_next(&mut record) && record.section == Section::Answer {
        lines.raw(separator);
        answer(lines, &record);
        separator = b",";
    }
    lines.raw(b"]");
}

fn question(lines: &mut Lines, question: Question) {
    lines.object(|lines| {
        lines.field("name");
        dns_name_or_null(lines, Some(&question.name));
        lines.field("rrtype");
        rrtype(lines, question.rrtype);
    });
}

fn answer(lines: &mut Lines, record: &Record<'_>) {
    lines.object(|lines| {
        lines.field("name");
        dns_name_or_null(lines, Some(&record.name));
        lines.field("type");
        rrtype(lines, record.rrtype);
        lines.field("data");
        data(lines, &record.data);
        lines.field("ttl");
        lines.number(u64::from(record.ttl));
    });
}

fn rrtype(lines: &mut Lines, rrtype: RrType) {
    match rrtype.mnemonic() {
        Some(mnemonic) => lines.word(mnemonic),
        None => lines.quoted(format_args!("{rrtype}")),
    }
}

fn data(lines: &mut Lines, data: &RecordData<'_>) {
    if let RecordData::A(address) = data {
        lines.address((*address).into());
    } else if let RecordData::Aaaa(address) = data {
        lines.address((*address).into());
    } else {
        lines.text(data);
    }
}

fn dns_name_or_null(lines: &mut Lines, name: Option<&DnsName>) {
    match name {
        Some(name) if name.is_root() => lines.null(),
        Some(name) if name.is_ambiguous() => lines.text(name),
        Some(name) => lines.name(name.as_bytes()),
        None => lines.null(),
    }
}
