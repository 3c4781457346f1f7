//! DNS messages: what is read from them.

mod build;
mod differential;
mod names;
mod property;
mod recognise;

use build::{A, Build, HTTPS, encode};

use super::*;

pub(super) const ON_53: Ports = Ports {
    src: 40_000,
    dst: 53,
};
pub(super) const ELSEWHERE: Ports = Ports {
    src: 40_000,
    dst: 8443,
};

fn read(bytes: &[u8], ports: Ports) -> Result<DnsMessage<'_>, DnsError> {
    parse_datagram(bytes, false, ports)
}

#[test]
fn reads_a_query() {
    let built = Build::query("Api.OpenAI.com", HTTPS);
    for ports in [ON_53, ELSEWHERE] {
        let message = read(&built.bytes, ports).unwrap();
        assert_eq!(message.id(), 0xabcd);
        assert!(!message.is_response() && message.is_complete() && !message.is_truncated());
        assert_eq!(
            (message.kind(), message.transport()),
            (DnsKind::Dns, DnsTransport::Udp)
        );
        assert_eq!(message.opcode().to_string(), "QUERY");
        let question = message.question().unwrap();
        assert_eq!(question.name.to_string(), "api.openai.com");
        assert_eq!(question.name.as_host(), Some("api.openai.com"));
        assert_eq!((question.rrtype, question.class), (RrType::HTTPS, 1));
        assert_eq!(message.questions().count(), 1);
        assert_eq!(message.records().count(), 0);
    }
}

#[test]
fn reads_addresses_and_aliases() {
    let built = Build::answer("chatgpt.com", A, 3)
        .record(5, &[4, b'E', b'd', b'g', b'e', 0xc0, 12])
        .record_of(&[0xc0, 41], A, &[104, 18, 32, 47])
        .record_of(
            &[0xc0, 41],
            28,
            &[0x20, 1, 0xd, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1],
        );
    let message = read(&built.bytes, ON_53).unwrap();
    assert!(message.is_response() && message.is_complete());
    let answers: Vec<_> = message
        .answers()
        .map(|r| format!("{} {} {} {}", r.name, r.rrtype, r.ttl, r.data))
        .collect();
    assert_eq!(
        answers,
        [
            "chatgpt.com CNAME 300 edge.chatgpt.com",
            "edge.chatgpt.com A 300 104.18.32.47",
            "edge.chatgpt.com AAAA 300 2001:db8::1",
        ]
    );
}

#[test]
fn reads_service_bindings() {
    let mut data = vec![0, 1];
    data.extend(encode("svc.example"));
    data.extend([0, 1, 0, 6, 2, b'h', b'3', 2, b'h', b'2']);
    data.extend([0, 4, 0, 8, 192, 0, 2, 1, 192, 0, 2, 2]);
    data.extend([0, 5, 0, 3, 1, 2, 3]);
    data.extend([0, 6, 0, 16]);
    data.extend([0x20, 1, 0xd, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 9]);
    let built = Build::answer("a.example", HTTPS, 2)
        .record(HTTPS, &data)
        .record(64, &[0, 0, 0]);
    let message = read(&built.bytes, ON_53).unwrap();
    let answers: Vec<_> = message.answers().collect();
    let RecordData::Https(binding) = answers[0].data else {
        panic!("not a binding: {:?}", answers[0].data);
    };
    assert_eq!(
        (binding.priority, binding.target.to_string().as_str()),
        (1, "svc.example")
    );
    assert!(binding.ech());
    assert_eq!(binding.alpn().collect::<Vec<_>>(), [b"h3", b"h2"]);
    assert_eq!(
        binding
            .ipv4_hints()
            .map(|a| a.to_string())
            .collect::<Vec<_>>(),
        ["192.0.2.1", "192.0.2.2"]
    );
    assert_eq!(
        binding
            .ipv6_hints()
            .map(|a| a.to_string())
            .collect::<Vec<_>>(),
        ["2001:db8::9"]
    );
    assert_eq!(answers[0].data.to_string(), "1 svc.example ech");
    assert!(
        matches!(answers[1].data, RecordData::Svcb(alias) if alias.priority == 0 && !alias.ech())
    );
    assert_eq!(answers[1].data.to_string(), "0 .");
}

#[test]
fn data_that_does_not_fit_its_type_is_given_as_it_is() {
    let built = Build::answer("a.example", A, 3)
        .record(A, &[1, 2, 3])
        .record(HTTPS, &[0])
        .record(99, &[0xab; 70]);
    let message = read(&built.bytes, ON_53).unwrap();
    let texts: Vec<_> = message
        .answers()
        .map(|record| record.data.to_string())
        .collect();
    assert_eq!(texts[0], r"\# 3 010203");
    assert_eq!(texts[1], r"\# 1 00");
    assert_eq!(texts[2], format!(r"\# 70 {}...", "ab".repeat(64)));
}

#[test]
fn says_codes_by_their_mnemonics() {
    let built = Build::new(0x8183, [1, 0, 0, 1])
        .question("no.example", A)
        .edns(1);
    let message = read(&built.bytes, ON_53).unwrap();
    assert_eq!(message.rcode().to_string(), "BADMODE");
    assert_eq!(Rcode(3).to_string(), "NXDOMAIN");
    assert_eq!(Rcode(13).to_string(), "RCODE13");
    assert_eq!(Opcode(5).to_string(), "UPDATE");
    assert_eq!(Opcode(9).to_string(), "OPCODE9");
    assert_eq!(RrType(65).to_string(), "HTTPS");
    assert_eq!(RrType(65_280).to_string(), "TYPE65280");
}

#[test]
fn reads_every_question_up_to_the_cap() {
    let mut built = Build::new(0x0000, [40, 0, 0, 0]);
    for number in 0..40 {
        built = built.question(&format!("n{number}.local"), 12);
    }
    let message = read(
        &built.bytes,
        Ports {
            src: 5353,
            dst: 5353,
        },
    )
    .unwrap();
    assert_eq!(message.kind(), DnsKind::Mdns);
    assert_eq!(message.question_count(), 40);
    let names: Vec<_> = message
        .questions()
        .map(|question| question.name.to_string())
        .collect();
    assert_eq!(names.len(), usize::from(MAX_QUESTIONS));
    assert_eq!(names[31], "n31.local");
}

#[test]
fn tells_sections_apart() {
    let built = Build::new(0x8400, [0, 1, 1, 1])
        .record_of(&encode("a.local"), A, &[192, 0, 2, 1])
        .record_of(&encode("b.local"), A, &[192, 0, 2, 2])
        .record_of(&encode("c.local"), A, &[192, 0, 2, 3]);
    let message = read(
        &built.bytes,
        Ports {
            src: 5353,
            dst: 5353,
        },
    )
    .unwrap();
    assert!(message.question().is_none());
    let sections: Vec<_> = message.records().map(|record| record.section).collect();
    assert_eq!(
        sections,
        [Section::Answer, Section::Authority, Section::Additional]
    );
    assert_eq!(message.answers().count(), 1);
}

#[test]
fn gives_what_is_there_of_an_answer_that_is_damaged_or_cut() {
    let whole = Build::answer("a.example", A, 2).record(A, &[192, 0, 2, 1]);
    let damaged = whole.clone().raw(&[0x80, 0, 0]);
    let message = read(&damaged.bytes, ON_53).unwrap();
    assert!(!message.is_complete());
    assert_eq!(message.answers().count(), 1);
    let message = parse_datagram(&whole.bytes, true, ELSEWHERE).unwrap();
    assert!(!message.is_complete());
    assert_eq!(message.answers().count(), 1);
}

#[test]
fn reads_pipelined_messages_from_a_stream_however_it_is_split() {
    let mut stream = Vec::new();
    let messages = [
        Build::query("one.example", A),
        Build::answer("two.example", A, 1).record(A, &[192, 0, 2, 1]),
    ];
    for message in &messages {
        stream.extend(u16::try_from(message.bytes.len()).unwrap().to_be_bytes());
        stream.extend(&message.bytes);
    }
    for ports in [ON_53, ELSEWHERE] {
        let mut start = 0;
        for expected in ["one.example", "two.example"] {
            let rest = &stream[start..];
            let (message, len) = (0..=rest.len())
                .find_map(|there| match parse_stream(&rest[..there], false, ports) {
                    TcpDns::Message(message, len) => Some((message, len)),
                    TcpDns::NeedMore(more) => {
                        assert!(more > there);
                        None
                    }
                    TcpDns::Reject(error) => panic!("{error:?} after {there}"),
                })
                .unwrap();
            assert_eq!(message.transport(), DnsTransport::Tcp);
            assert_eq!(message.question().unwrap().name.to_string(), expected);
            start += len;
        }
        assert_eq!(start, stream.len());
    }
}

#[test]
fn a_stream_that_ends_early_gives_its_question() {
    let built = Build::answer("cut.example", A, 1).record(A, &[192, 0, 2, 1]);
    let stream = [
        &[0, u8::try_from(built.bytes.len()).unwrap()],
        built.bytes.as_slice(),
    ]
    .concat();
    let short = &stream[..stream.len() - 3];
    let TcpDns::Message(message, len) = parse_stream(short, true, ON_53) else {
        panic!("the question was there");
    };
    assert_eq!((len, message.is_complete()), (short.len(), false));
    assert!(matches!(
        parse_stream(&stream[..20], true, ON_53),
        TcpDns::Reject(DnsError::Truncated)
    ));
    assert!(matches!(
        parse_stream(b"GET / HTTP/1.1\r\n", false, ELSEWHERE),
        TcpDns::Reject(_)
    ));
    assert!(matches!(
        parse_stream(b"\0\x05hello", false, ON_53),
        TcpDns::Reject(_)
    ));
}
