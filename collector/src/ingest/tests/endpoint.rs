use inventory::ClientClass;

use super::*;

/// The first record of the fixture, as an agent on the device itself reports it.
fn on_the_device(change: impl FnOnce(&mut v1::Attribution)) -> v1::Record {
    finding(|finding| {
        finding.key.as_mut().unwrap().user = "u-abcdefghij".to_owned();
        let mut attribution = v1::Attribution {
            quality: "exact".to_owned(),
            sealed_user: vec![7; 200],
            client_class: "cli-agent".to_owned(),
            client_class_reason: "by its program file".to_owned(),
            later_user: "nc".to_owned(),
            process: Some(v1::ProcessIdentity {
                pid: 7,
                executable: "~/.../claude".to_owned(),
                command: "node claude-code".to_owned(),
                sha256: vec![0xab; 32],
                package_kind: "snap".to_owned(),
                package_name: "claude".to_owned(),
                container: "4f1c20".to_owned(),
                parents: vec![v1::ParentProcess {
                    pid: 1,
                    name: "bash".to_owned(),
                }],
                ..Default::default()
            }),
            ..Default::default()
        };
        change(&mut attribution);
        finding.attribution = Some(attribution);
    })
}

#[test]
fn what_only_the_device_knows_is_kept() {
    let kept = sighting(on_the_device(|_| {}));
    assert_eq!(kept.sealed_user, [7; 200]);
    assert_eq!(kept.attribution.client.class, ClientClass::CliAgent);
    assert_eq!(kept.attribution.client.reason, "by its program file");
    assert_eq!(kept.attribution.later_user.as_deref(), Some("nc"));
    let process = kept.attribution.process.unwrap();
    assert_eq!(process.command.as_deref(), Some("node claude-code"));
    assert_eq!(process.sha256, Some("ab".repeat(32)));
    assert_eq!(process.package.unwrap().kind, "snap");
    assert_eq!(process.container.as_deref(), Some("4f1c20"));
    assert_eq!(process.parents[0].name, "bash");
    let older = sighting(on_the_device(|a| a.client_class.clear()));
    assert_eq!(older.attribution.client.class, ClientClass::Unknown);
}

type Change = fn(&mut v1::Attribution);

#[test]
fn what_no_honest_agent_says_of_a_device_is_refused_with_its_reason() {
    fn process(attribution: &mut v1::Attribution) -> &mut v1::ProcessIdentity {
        attribution.process.as_mut().unwrap()
    }
    let cases: [(&str, Change); 9] = [
        ("is no class of client", |a| {
            a.client_class = "spy".to_owned()
        }),
        ("is no match quality", |a| a.quality = "sure".to_owned()),
        ("sha256 has 31 bytes", |a| process(a).sha256 = vec![1; 31]),
        ("sealed_user is longer", |a| a.sealed_user = vec![1; 1025]),
        ("client_class_reason is longer", |a| {
            a.client_class_reason = "x".repeat(1025);
        }),
        ("parents is longer", |a| {
            process(a).parents = vec![v1::ParentProcess::default(); 9];
        }),
        ("container is longer", |a| {
            process(a).container = "x".repeat(129);
        }),
        ("package_kind holds characters", |a| {
            process(a).package_kind = "a b".to_owned();
        }),
        ("command is longer", |a| {
            process(a).command = "x".repeat(1025);
        }),
    ];
    for (reason, change) in cases {
        let told = refused(on_the_device(change)).to_string();
        assert!(told.contains(reason), "{told} for {reason}");
    }
    let nobody = finding(|finding| {
        finding.key.as_mut().unwrap().user.clear();
        finding.attribution.as_mut().unwrap().sealed_user = vec![1; 9];
    });
    assert_eq!(
        refused(nobody).to_string(),
        "sealed_user belongs to no user"
    );
    let long = finding(|finding| finding.key.as_mut().unwrap().user = "u".repeat(257));
    assert_eq!(refused(long).to_string(), "user is longer than 256");
    for (count, name, value, reason) in [
        (17, "transport", "stdio", "attributes is longer than 16"),
        (1, "Not A Word", "stdio", "attribute name holds characters"),
        (1, "", "stdio", "attribute name is empty"),
    ] {
        let record = finding(|finding| {
            finding.evidence[0].attributes = vec![
                v1::Attribute {
                    name: name.to_owned(),
                    value: value.to_owned(),
                };
                count
            ];
        });
        let told = refused(record).to_string();
        assert!(told.contains(reason), "{told}");
    }
}
