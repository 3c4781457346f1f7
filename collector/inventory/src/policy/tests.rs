use super::*;

fn at(nanos: i64) -> Timestamp {
    Timestamp::from_nanos(nanos)
}

fn scope(user: Option<&str>, device: Option<&str>, tenant: Option<&str>) -> Scope {
    Scope {
        device: device.map(|id| DeviceId::from_stored(id.to_owned())),
        user: user.map(str::to_owned),
        tenant: tenant.map(str::to_owned),
    }
}

fn decision(id: u64, scope: Scope, status: Status) -> Decision {
    Decision {
        id: DecisionId(id),
        service: "azure-openai".to_owned(),
        scope,
        status,
        reason: String::new(),
        expires: None,
        decided_by: "anna".to_owned(),
        decided_at: at(10),
        ended_at: None,
    }
}

const SUBJECT: Subject<'static> = Subject {
    service: "azure-openai",
    device: "s1",
    user: Some("u1"),
    tenant: Some("contoso-prod"),
};

#[test]
fn without_a_decision_a_service_is_discovered_and_unsanctioned() {
    let verdict = Policy::default().verdict(&SUBJECT, at(100));
    assert_eq!(verdict, Verdict::DISCOVERED);
    assert!(verdict.status.is_unsanctioned());
    let sanctioned: Vec<_> = Status::ALL
        .iter()
        .filter(|s| !s.is_unsanctioned())
        .collect();
    assert_eq!(sanctioned, [&Status::Sanctioned, &Status::Tolerated]);
}

#[test]
fn the_most_specific_decision_applies() {
    let everyone = [
        scope(None, None, None),
        scope(None, None, Some("contoso-prod")),
        scope(None, Some("s1"), None),
        scope(Some("u1"), None, None),
        scope(None, Some("s1"), Some("contoso-prod")),
        scope(Some("u1"), None, Some("contoso-prod")),
        scope(Some("u1"), Some("s1"), None),
        scope(Some("u1"), Some("s1"), Some("contoso-prod")),
    ];
    for (last, id) in (0..everyone.len()).zip(1u64..) {
        let decisions = everyone[..=last].iter().rev().cloned();
        let policy = Policy::new(
            decisions
                .zip((1..=id).rev())
                .map(|(scope, id)| decision(id, scope, Status::Tolerated)),
        );
        let verdict = policy.verdict(&SUBJECT, at(100));
        assert_eq!(
            verdict.decision.unwrap().id,
            DecisionId(id),
            "{}",
            everyone[last]
        );
    }
}

#[test]
fn a_tenant_can_be_sanctioned_while_every_other_is_not() {
    let policy = Policy::new([
        decision(1, Scope::EVERYBODY, Status::Prohibited),
        decision(
            2,
            scope(None, None, Some("contoso-prod")),
            Status::Sanctioned,
        ),
    ]);
    let status = |tenant| {
        policy
            .verdict(&Subject { tenant, ..SUBJECT }, at(100))
            .status
    };
    assert_eq!(status(Some("contoso-prod")), Status::Sanctioned);
    assert_eq!(status(Some("contoso-dev")), Status::Prohibited);
    assert_eq!(status(None), Status::Prohibited);
    let everybody = Subject::everybody("azure-openai");
    assert_eq!(
        policy.verdict(&everybody, at(100)).status,
        Status::Prohibited
    );
    assert_eq!(
        policy.verdict(&Subject::everybody("other"), at(100)),
        Verdict::DISCOVERED
    );
}

#[test]
fn an_expired_decision_no_longer_applies_and_is_shown() {
    let expired = Decision {
        expires: Some(at(50)),
        ..decision(2, scope(Some("u1"), None, None), Status::Sanctioned)
    };
    let alone = Policy::new([expired.clone()]);
    assert_eq!(alone.verdict(&SUBJECT, at(49)).status, Status::Sanctioned);
    let verdict = alone.verdict(&SUBJECT, at(50));
    assert_eq!(
        (verdict.status, verdict.decision),
        (Status::Discovered, None)
    );
    assert_eq!(verdict.expired, Some(expired.clone()));

    let general = decision(1, Scope::EVERYBODY, Status::Tolerated);
    let verdict = Policy::new([expired.clone(), general.clone()]).verdict(&SUBJECT, at(50));
    assert_eq!(verdict.status, Status::Tolerated);
    assert_eq!(
        (verdict.decision, verdict.expired),
        (Some(general), Some(expired))
    );
}

#[test]
fn the_past_is_judged_by_what_was_in_force_then() {
    let old = Decision {
        ended_at: Some(at(30)),
        ..decision(1, Scope::EVERYBODY, Status::Sanctioned)
    };
    let new = Decision {
        decided_at: at(30),
        ..decision(2, Scope::EVERYBODY, Status::Prohibited)
    };
    let policy = Policy::new([new, old]);
    let then = |nanos| policy.verdict_at(&SUBJECT, at(nanos)).status;
    assert_eq!(
        [then(9), then(10), then(29), then(30)],
        [
            Status::Discovered,
            Status::Sanctioned,
            Status::Sanctioned,
            Status::Prohibited
        ]
    );
    // A clock that went back changes nothing about what is in force now.
    assert_eq!(policy.verdict(&SUBJECT, at(5)).status, Status::Prohibited);
    assert_eq!(policy.in_force().count(), 1);
}

fn known(id: &str) -> bool {
    id == "azure-openai"
}

#[test]
fn a_file_reads_back_as_it_was_written() {
    let decisions = [
        decision(1, Scope::EVERYBODY, Status::Prohibited),
        Decision {
            reason: "say \"no\"\n\\ to \u{7} it".to_owned(),
            expires: Some("2027-03-31".parse().unwrap()),
            decided_by: "eve\n[[decision]]".to_owned(),
            ..decision(
                2,
                scope(Some("u 1"), Some("s1/mac:02:00:00:00:00:01@3"), Some("t")),
                Status::UnderReview,
            )
        },
    ];
    let text = PolicyFile::render(&decisions);
    let file = PolicyFile::parse(&text, &known).unwrap();
    assert_eq!(file.decisions.len(), 2);
    for (read, written) in file.decisions.iter().zip(&decisions) {
        assert_eq!(
            (
                &read.service,
                &read.scope,
                read.status,
                &read.reason,
                read.expires
            ),
            (
                &written.service,
                &written.scope,
                written.status,
                &written.reason,
                written.expires
            )
        );
    }
}

#[test]
fn all_problems_of_a_file_come_at_once_with_their_lines() {
    let text = r#"frmt = 1
[[decision]]
service = "azure-opnai"
status = "alowed"

[[decision]]
service = "azure-openai"
status = "discovered"
expires = "soon"
colour = "red"

[[decision]]
service = 7

[[decision]]
service = "azure-openai"
status = "tolerated"

[[decision]]
status = "tolerated"
[[decision]]
service = "azure-openai"
status = "prohibited"
user = ""
[[decision]]
service = "azure-openai"
status = "prohibited"
expires = 2027-03-31
"#;
    let problems = PolicyFile::parse(text, &known).unwrap_err().problems;
    let lines: Vec<_> = problems.iter().map(|problem| problem.line).collect();
    assert_eq!(
        lines,
        [1, 1, 3, 4, 8, 9, 10, 13, 19, 24, 25],
        "{problems:#?}"
    );
    assert!(problems[3].message.contains("sanctioned"), "{problems:#?}");
}

#[test]
fn broken_syntax_is_reported_with_its_line() {
    let problems = PolicyFile::parse("format = 1\n[[decision]\nservice = ", &known)
        .unwrap_err()
        .problems;
    assert!(
        problems.iter().any(|problem| problem.line == 2),
        "{problems:?}"
    );
    let missing = PolicyFile::parse("", &known).unwrap_err().problems;
    assert_eq!(missing[0].message, "\"format = 1\" is missing");
    assert_eq!(
        PolicyFile::parse("format = 1", &known),
        Ok(PolicyFile::default())
    );
}

proptest::proptest! {
    #[test]
    fn no_text_makes_the_reader_fail(text in "\\PC*") {
        drop(PolicyFile::parse(&text, &known));
        drop(PolicyFile::parse(&format!("format = 1\n[[decision]]\n{text}"), &known));
    }

    #[test]
    fn any_text_survives_being_written(reason in "(?s).{0,60}", user in "(?s).{1,20}") {
        let written = Decision { reason, ..decision(1, scope(Some(&user), None, None), Status::Retired) };
        let file = PolicyFile::parse(&PolicyFile::render([&written]), &known).unwrap();
        proptest::prop_assert_eq!(&file.decisions[0].reason, &written.reason);
        proptest::prop_assert_eq!(&file.decisions[0].scope, &written.scope);
    }
}
