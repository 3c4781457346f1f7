//! The same bytes, read by hickory-proto: where both accept, both must say the same.

use hickory_proto::op::{Message, MessageType, OpCode, Query};
use hickory_proto::rr::rdata::svcb::{EchConfigList, IpHint, SvcParamKey, SvcParamValue};
use hickory_proto::rr::rdata::{A, AAAA, CNAME, HTTPS, PTR, SVCB};
use hickory_proto::rr::{Name, RData, Record, RecordType};
use proptest::prelude::*;

use super::*;

fn name() -> impl Strategy<Value = Name> {
    let label = prop_oneof![
        8 => "[a-zA-Z0-9_-]{1,12}".prop_map(String::into_bytes),
        1 => prop::collection::vec(any::<u8>(), 1..12),
    ];
    prop::collection::vec(label, 0..5).prop_map(|labels| {
        let mut name = Name::from_labels(labels).unwrap();
        name.set_fqdn(true);
        name
    })
}

fn data() -> impl Strategy<Value = RData> {
    let binding = (any::<u16>(), name(), any::<bool>(), any::<u32>()).prop_map(
        |(priority, target, ech, hint)| {
            let mut params = vec![(
                SvcParamKey::Ipv4Hint,
                SvcParamValue::Ipv4Hint(IpHint(vec![A(hint.into())])),
            )];
            if ech {
                params.push((
                    SvcParamKey::EchConfigList,
                    SvcParamValue::EchConfigList(EchConfigList(vec![1, 2])),
                ));
            }
            SVCB::new(priority, target, params)
        },
    );
    prop_oneof![
        any::<u32>().prop_map(|address| RData::A(A(address.into()))),
        any::<u128>().prop_map(|address| RData::AAAA(AAAA(address.into()))),
        name().prop_map(|name| RData::CNAME(CNAME(name))),
        name().prop_map(|name| RData::PTR(PTR(name))),
        binding.prop_map(|binding| RData::HTTPS(HTTPS(binding))),
    ]
}

fn message() -> impl Strategy<Value = Vec<u8>> {
    let record = (name(), any::<u32>(), data())
        .prop_map(|(name, ttl, data)| Record::from_rdata(name, ttl, data));
    (any::<u16>(), name(), prop::collection::vec(record, 0..6)).prop_map(|(id, name, records)| {
        let mut message = Message::new(id, MessageType::Response, OpCode::Query);
        message.add_query(Query::query(name, RecordType::HTTPS));
        message.add_answers(records);
        message.to_vec().unwrap()
    })
}

/// A name in our spelling.
fn spell(name: &Name) -> String {
    let spell_byte = |byte: &u8| match byte.to_ascii_lowercase() {
        byte @ b'!'..=b'~' if byte != b'\\' => char::from(byte).to_string(),
        byte => format!("\\{byte:03}"),
    };
    let labels = name
        .iter()
        .map(|label| label.iter().map(spell_byte).collect::<String>());
    labels.collect::<Vec<_>>().join(".")
}

/// What a record says; `None` for the types that are not compared.
fn theirs(record: &Record) -> Option<String> {
    let data = if let RData::A(address) = &record.data {
        address.to_string()
    } else if let RData::AAAA(address) = &record.data {
        address.to_string()
    } else if let RData::CNAME(CNAME(name)) | RData::PTR(PTR(name)) = &record.data {
        spell(name)
    } else if let RData::HTTPS(HTTPS(binding)) = &record.data {
        let mut keys = binding.svc_params.iter().map(|(key, _)| *key);
        let ech = keys.any(|key| key == SvcParamKey::EchConfigList);
        format!(
            "{} {} {ech}",
            binding.svc_priority,
            spell(&binding.target_name)
        )
    } else {
        return None;
    };
    Some(format!("{} {} {data}", spell(&record.name), record.ttl))
}

fn ours(record: &crate::dissect::dns::Record<'_>) -> String {
    let data = match record.data {
        RecordData::A(address) => address.to_string(),
        RecordData::Aaaa(address) => address.to_string(),
        RecordData::Cname(name) | RecordData::Ptr(name) => name.to_string(),
        RecordData::Https(binding) => {
            format!("{} {} {}", binding.priority, binding.target, binding.ech())
        }
        RecordData::Svcb(_) | RecordData::Other(_) => String::new(),
    };
    format!("{} {} {data}", record.name, record.ttl)
}

/// Compares where both accept; says whether they did.
fn agree(bytes: &[u8]) -> bool {
    let (Ok(theirs_read), Ok(ours_read)) = (Message::from_vec(bytes), read(bytes, ON_53)) else {
        return false;
    };
    assert_eq!(ours_read.id(), theirs_read.metadata.id);
    let asked: Vec<_> = theirs_read
        .queries
        .iter()
        .map(|query| spell(&query.name))
        .collect();
    assert_eq!(
        ours_read
            .questions()
            .map(|q| q.name.to_string())
            .collect::<Vec<_>>(),
        asked
    );
    for (our, their) in ours_read.answers().zip(&theirs_read.answers) {
        if let Some(theirs) = theirs(their) {
            assert_eq!(ours(&our), theirs);
        }
    }
    assert_eq!(ours_read.answers().count(), theirs_read.answers.len());
    true
}

proptest! {
    #[test]
    fn agrees_on_well_formed_messages(bytes in message()) {
        prop_assert!(agree(&bytes));
        prop_assert!(read(&bytes, ELSEWHERE).is_ok());
    }

    #[test]
    fn agrees_on_damaged_messages_that_both_read(
        bytes in message(),
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..4),
    ) {
        let mut bytes = bytes;
        for (at, value) in changes {
            let at = at.index(bytes.len());
            bytes[at] = value;
        }
        agree(&bytes);
    }
}
