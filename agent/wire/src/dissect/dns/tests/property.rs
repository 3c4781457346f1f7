//! Whatever the bytes: no panic, no chance match, and a cut never tells another story.

use proptest::prelude::*;

use super::build::{A, Build, HTTPS};
use super::*;

fn walk(message: &DnsMessage<'_>) -> Vec<String> {
    let questions = message
        .questions()
        .map(|question| format!("{} {}", question.name, question.rrtype));
    let records = message
        .records()
        .map(|r| format!("{} {} {} {}", r.name, r.rrtype, r.ttl, r.data));
    questions.chain(records).collect()
}

fn sample() -> Vec<u8> {
    let mut binding = vec![0, 1, 0, 0, 5, 0, 2, 9, 9];
    binding.extend([0, 4, 0, 4, 192, 0, 2, 7]);
    Build::answer("claude.ai", A, 3)
        .record(5, b"\x04edge\xc0\x0c")
        .record(A, &[104, 18, 32, 47])
        .record(HTTPS, &binding)
        .bytes
}

proptest! {
    #[test]
    fn bytes_of_no_protocol_are_no_message(bytes in prop::collection::vec(any::<u8>(), 0..600)) {
        prop_assert!(read(&bytes, ELSEWHERE).is_err());
    }

    #[test]
    fn any_bytes_can_be_walked(
        flags in any::<u16>(),
        counts in prop::array::uniform4(0_u16..5),
        rest in prop::collection::vec(prop_oneof![0_u8..8, Just(0xc0), any::<u8>()], 0..300),
        cut in any::<bool>(),
        on_53 in any::<bool>(),
    ) {
        let bytes = Build::new(flags, counts).raw(&rest).bytes;
        if let Ok(message) = parse_datagram(&bytes, cut, if on_53 { ON_53 } else { ELSEWHERE }) {
            walk(&message);
        }
        let stream = [&u16::try_from(bytes.len()).unwrap().to_be_bytes(), bytes.as_slice()].concat();
        if let TcpDns::Message(message, len) = parse_stream(&stream, cut, ON_53) {
            prop_assert!(len <= stream.len());
            walk(&message);
        }
    }

    #[test]
    fn a_changed_byte_never_panics(at in 0_usize..120, value in any::<u8>()) {
        let mut bytes = sample();
        let at = at % bytes.len();
        bytes[at] = value;
        if let Ok(message) = read(&bytes, ON_53) {
            walk(&message);
        }
    }
}

#[test]
fn a_cut_message_says_the_same_as_far_as_it_goes() {
    let whole = sample();
    let told = walk(&read(&whole, ON_53).unwrap());
    for ports in [ON_53, ELSEWHERE] {
        for end in 0..whole.len() {
            match parse_datagram(&whole[..end], true, ports) {
                Ok(message) => {
                    let there = walk(&message);
                    assert!(told.starts_with(&there), "{there:?}");
                    assert!(!there.is_empty() && !message.is_complete());
                }
                Err(_) => assert!(end < 12 + 11 + 4, "the question was there at {end}"),
            }
        }
    }
}
