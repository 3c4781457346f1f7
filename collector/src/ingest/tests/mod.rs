mod endpoint;

use inventory::{DeviceIdentity, Stage, StageLimit};
use proptest::prelude::*;
use prost::Message;
use proto::v1::device::{Enrolled, Identity, Observed};
use proto::v1::record::Body;

use super::convert::{Meant, Refused};
use super::*;

const FIXTURE: &[u8] = include_bytes!("../../../../proto/tests/compat/finding_batch-0.1.bin");
const NEWER: &[u8] = include_bytes!("../../../../proto/tests/compat/finding_batch-newer.bin");

fn fixture() -> Vec<v1::Record> {
    v1::FindingBatch::decode(FIXTURE).unwrap().records
}

/// The first record of the fixture, changed.
fn finding(change: impl FnOnce(&mut v1::Finding)) -> v1::Record {
    let mut record = fixture().remove(0);
    let Some(Body::Finding(finding)) = &mut record.body else {
        panic!("it is a finding")
    };
    change(finding);
    record
}

fn observed(mac: &[u8], vlan_plus_one: u32, address: &[u8]) -> v1::Record {
    finding(|finding| {
        let observed = Observed {
            mac: mac.to_vec(),
            vlan_plus_one,
            address: address.to_vec(),
        };
        let device = v1::Device {
            identity: Some(Identity::Observed(observed)),
        };
        finding.key.as_mut().unwrap().device = Some(device);
    })
}

fn sighting(record: v1::Record) -> inventory::Sighting {
    match Meant::try_from(record) {
        Ok(Meant::Sighting(sighting)) => *sighting,
        other => panic!("{other:?}"),
    }
}

fn refused(record: v1::Record) -> Refused {
    Meant::try_from(record).unwrap_err()
}

#[test]
fn what_an_agent_reports_keeps_its_meaning() {
    let records = fixture();
    let first = sighting(records[0].clone());
    assert_eq!(first.key.device, DeviceIdentity::Enrolled);
    assert_eq!(first.key.service, "azure-openai");
    assert_eq!(first.key.tenant.as_deref(), Some("contoso-prod"));
    assert_eq!(
        (first.key.process.as_deref(), first.key.user.as_deref()),
        (None, None)
    );
    assert_eq!(
        (first.stage, first.stage_limit),
        (Stage::Used, Some(StageLimit::OneDirection))
    );
    assert_eq!((first.revision, first.flow_count), (3, 4));
    assert_eq!((first.bytes_out, first.bytes_in), (123_456, 7_890));
    assert_eq!(first.evidence[0].kind, "tls_sni");
    assert_eq!(first.attribution.process.unwrap().pid, 4242);
    let second = sighting(records[1].clone());
    let mac = DeviceIdentity::Mac {
        mac: [2, 0, 0, 0, 0, 7],
        vlan: Some(100),
    };
    assert_eq!((second.key.device, second.stage), (mac, Stage::Resolved));
    assert_eq!(second.device_address, Some([10, 0, 0, 2].into()));
    let Ok(Meant::Coverage(window)) = Meant::try_from(records[2].clone()) else {
        panic!()
    };
    assert!(window.closed && window.replay);
    assert_eq!((window.frames, window.flows_tunnelled), (3, 13));
    assert_eq!(window.rejects, [("tls.bad_length".to_owned(), 14)]);
}

#[test]
fn a_newer_agent_is_understood_as_far_as_it_can_be() {
    let records = v1::FindingBatch::decode(NEWER).unwrap().records;
    assert_eq!(refused(records[0].clone()), Refused::UnknownStage(9));
    assert_eq!(refused(records[1].clone()), Refused::UnknownKind);
    let newer = sighting(finding(|finding| {
        finding.key.as_mut().unwrap().service_id = "service-of-next-year".to_owned();
        finding.key.as_mut().unwrap().surface = "hologram".to_owned();
        finding.evidence[0].kind = "telepathy".to_owned();
        finding.stage_limit = 77;
    }));
    assert_eq!(newer.key.service, "service-of-next-year");
    assert_eq!(newer.stage_limit, None);
}

#[test]
fn a_device_is_known_by_mac_or_by_address() {
    let by_address = sighting(observed(&[], 0, &[192, 0, 2, 9]));
    let v4 = [192, 0, 2, 9].into();
    assert_eq!(
        by_address.key.device,
        DeviceIdentity::Address {
            address: v4,
            vlan: None
        }
    );
    let mut mapped = [0; 16];
    mapped[10..].copy_from_slice(&[255, 255, 192, 0, 2, 9]);
    let by_mapped = sighting(observed(&[], 1, &mapped));
    assert_eq!(
        by_mapped.key.device,
        DeviceIdentity::Address {
            address: v4,
            vlan: Some(0)
        }
    );
    assert_eq!(refused(observed(&[], 0, &[])), Refused::Missing("address"));
    assert_eq!(
        refused(observed(&[1, 2], 0, &[])),
        Refused::BadLength {
            field: "mac",
            length: 2
        }
    );
    let bad = Refused::BadLength {
        field: "address",
        length: 5,
    };
    assert_eq!(refused(observed(&[], 0, &[1; 5])), bad);
    assert_eq!(
        refused(observed(&[], 4097, &[1; 4])),
        Refused::BadVlan(4096)
    );
}

#[test]
fn what_cannot_be_is_refused_with_its_reason() {
    type Change = fn(&mut v1::Finding);
    let cases: [(Change, &str); 12] = [
        (|f| f.key = None, "key is missing"),
        (
            |f| f.key.as_mut().unwrap().device = None,
            "device is missing",
        ),
        (
            |f| f.key.as_mut().unwrap().epoch = vec![0; 15],
            "epoch has 15 bytes",
        ),
        (
            |f| f.key.as_mut().unwrap().service_id = String::new(),
            "service is empty",
        ),
        (
            |f| f.key.as_mut().unwrap().service_id = "x".repeat(200),
            "service is longer than 128",
        ),
        (
            |f| f.evidence[0].value = "x".repeat(2000),
            "evidence value is longer than 1024",
        ),
        (
            |f| f.evidence = vec![f.evidence[0].clone(); 65],
            "evidence is longer than 64",
        ),
        (|f| f.first_seen_ns = -1, "first_seen is before 1970"),
        (|f| f.last_seen_ns = i64::MAX, "last_seen is after 2099"),
        (
            |f| f.last_seen_ns = f.first_seen_ns - 1,
            "last_seen is before first_seen",
        ),
        (
            |f| f.bytes_out = u64::MAX,
            "bytes_out is larger than any network carries",
        ),
        (|f| f.specificity = 0, "specificity 0 is not known"),
    ];
    for (change, reason) in cases {
        let refused = refused(finding(change)).to_string();
        assert!(refused.starts_with(reason), "{refused}");
    }
    let unknown = refused(finding(|f| {
        f.confidence.as_mut().unwrap().level = "certain".to_owned()
    }));
    assert!(unknown.to_string().contains("certain"), "{unknown}");
}

#[test]
fn a_name_cannot_steer_a_terminal() {
    let hostile = sighting(finding(|finding| {
        finding.key.as_mut().unwrap().process = "\u{1b}]0;owned\u{7}curl".to_owned();
        finding.device_names = vec!["a\nb".to_owned()];
    }));
    assert_eq!(
        hostile.key.process.as_deref(),
        Some("\u{fffd}]0;owned\u{fffd}curl")
    );
    assert_eq!(hostile.device_names, ["a\u{fffd}b"]);
}

#[test]
fn a_batch_that_contradicts_itself_is_refused_as_a_whole() {
    let batch = |last_sequence| v1::FindingBatch {
        last_sequence,
        records: fixture(),
    };
    assert!(batch::check(&batch(9), 3).is_ok());
    assert!(batch::check(&batch(9), 2).is_err());
    assert!(batch::check(&batch(8), 3).is_err());
    assert!(batch::check(&v1::FindingBatch::default(), 1).is_ok());
}

#[test]
fn enrolled_devices_have_no_address_of_their_own() {
    let enrolled = Identity::Enrolled(Enrolled {});
    let device = v1::Device {
        identity: Some(enrolled),
    };
    let seen = sighting(finding(|f| f.key.as_mut().unwrap().device = Some(device)));
    assert_eq!(seen.device_address, None);
}

proptest! {
    #[test]
    fn any_bytes_are_a_batch_or_not(bytes in proptest::collection::vec(any::<u8>(), 0..600)) {
        fuzzing::finding_batch(&bytes);
    }

    #[test]
    fn a_batch_with_damage_is_meant_or_refused(at in 0..FIXTURE.len(), byte in any::<u8>(), cut in 0..FIXTURE.len()) {
        let mut bytes = FIXTURE.to_vec();
        bytes[at] = byte;
        fuzzing::finding_batch(&bytes);
        bytes.truncate(cut);
        fuzzing::finding_batch(&bytes);
    }
}
