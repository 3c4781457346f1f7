use std::net::IpAddr;

use crate::testing::{START, sightings};
use crate::*;

#[test]
fn device_identities_read_back_as_they_are_shown() {
    let address: IpAddr = "2001:db8::1".parse().unwrap();
    for (identity, text) in [
        (DeviceIdentity::Enrolled, "enrolled"),
        (
            DeviceIdentity::Mac {
                mac: [2, 0, 0, 0, 0, 1],
                vlan: Some(12),
            },
            "mac:02:00:00:00:00:01@12",
        ),
        (
            DeviceIdentity::Address {
                address,
                vlan: None,
            },
            "ip:2001:db8::1",
        ),
    ] {
        assert_eq!(identity.to_string(), text);
        assert_eq!(text.parse(), Ok(identity));
    }
    for text in [
        "",
        "mac:",
        "mac:1:2:3:4:5:6",
        "mac:02:00:00:00:00:01:02",
        "ip:x",
        "ip:10.0.0.1@x",
    ] {
        assert!(text.parse::<DeviceIdentity>().is_err(), "{text}");
    }
}

#[test]
fn a_device_is_always_under_its_sensor() {
    let sensor = SensorId::new("s-tap");
    assert_eq!(
        DeviceId::new(&sensor, &DeviceIdentity::Enrolled).as_str(),
        "s-tap"
    );
    let observed = DeviceIdentity::Mac {
        mac: [2, 0, 0, 0, 0, 1],
        vlan: None,
    };
    assert_eq!(
        DeviceId::new(&sensor, &observed).as_str(),
        "s-tap/mac:02:00:00:00:00:01"
    );
}

#[test]
fn an_enrolled_device_leads_with_its_host_name() {
    let sensor = SensorId::new("s");
    let names = ["other", "anna-laptop"].map(str::to_owned).to_vec();
    let device = |identity| {
        Device::assemble(
            &sensor,
            identity,
            Some("anna-laptop"),
            names.clone(),
            Vec::new(),
        )
        .names
    };
    assert_eq!(device(DeviceIdentity::Enrolled), ["anna-laptop", "other"]);
    let observed = DeviceIdentity::Mac {
        mac: [0; 6],
        vlan: None,
    };
    assert_eq!(device(observed), ["other", "anna-laptop"]);
}

#[test]
fn closed_lists_read_back_and_refuse_other_words() {
    for stage in Stage::ALL {
        assert_eq!(stage.as_str().parse(), Ok(*stage));
        assert_eq!(Stage::from_rank(stage.rank()), Some(*stage));
    }
    assert!(Stage::Installed < Stage::Used && ConfidenceLevel::Low < ConfidenceLevel::High);
    let error = "perhaps".parse::<Status>().unwrap_err();
    assert!(error.to_string().contains("sanctioned"), "{error}");
    assert_eq!("0".repeat(32).parse(), Ok(Epoch([0; 16])));
    assert!("+".repeat(32).parse::<Epoch>().is_err());
}

#[test]
fn records_that_break_a_rule_are_refused() {
    let (_, good) = sightings(1, 1, 1).remove(0);
    assert_eq!(good.check(), Ok(()));
    let broken = |change: &dyn Fn(&mut Sighting)| {
        let mut sighting = good.clone();
        change(&mut sighting);
        sighting.check()
    };
    assert_eq!(
        broken(&|s| s.key.service.clear()),
        Err(Invalid::Empty("service"))
    );
    assert_eq!(
        broken(&|s| s.key.service = "a b".into()),
        Err(Invalid::NotAnIdentifier("service"))
    );
    assert_eq!(
        broken(&|s| s.key.user = Some(String::new())),
        Err(Invalid::Empty("user"))
    );
    assert_eq!(
        broken(&|s| s.bytes_in = u64::MAX),
        Err(Invalid::TooMuch("bytes_in"))
    );
    let early = Timestamp::from_nanos(START.as_nanos() - 1);
    assert_eq!(
        broken(&|s| s.last_seen = early),
        Err(Invalid::EndsBeforeItBegins)
    );
    assert_eq!(
        broken(&|s| s.key.window_start = Timestamp::from_nanos(-1)),
        Err(Invalid::TooEarly("window_start"))
    );
    let cap = MAX_TEXT;
    assert_eq!(
        broken(&|s| s.key.process = Some("x".repeat(cap + 1))),
        Err(Invalid::TooLong {
            field: "process",
            cap
        })
    );
}
