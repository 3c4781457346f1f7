use super::*;

fn enrolled() -> Status {
    Status {
        mode: "tap".to_owned(),
        collector: Collector {
            sensor_id: Some("s".to_owned()),
            ..Collector::default()
        },
        ..Status::default()
    }
}

#[test]
fn a_healthy_tap_has_no_degradation() {
    assert!(Health::new(enrolled()).snapshot(0).degradations.is_empty());
}

#[test]
fn every_reduced_ability_is_said() {
    let mut status = enrolled();
    let interface = status.interface("eth0");
    interface.problem = Some("it went down".to_owned());
    interface.frames_dropped = 3;
    interface.filter = "off".to_owned();
    interface.filter_reason = Some("eBPF is refused: no permission".to_owned());
    status.spool.shed_records = 2;
    status.collector.records_refused = 1;
    status.collector.last_refusal = Some("unknown service".to_owned());
    status.collector.clock_offset_ms = Some(-61_000);
    let said = Health::new(status).snapshot(0).degradations.join("\n");
    for part in [
        "nothing is captured on eth0: it went down",
        "3 frames on eth0 lost",
        "on eth0 every packet is read, at a higher cost: eBPF is refused: no permission",
        "2 records thrown away",
        "1 record refused by the collector, the last because: unknown service",
        "61 seconds ahead of the collector's",
    ] {
        assert!(said.contains(part), "{part:?} is not in {said}");
    }
}

#[test]
fn counters_of_one_name_are_added_up_over_the_parts() {
    let health = Health::new(enrolled());
    health.set_counters("eth0/0", [("frames", 3), ("nothing", 0)].into_iter());
    health.set_counters("eth0/1", [("frames", 4)].into_iter());
    health.set_counters("eth0/1", [("frames", 5)].into_iter());
    health.count("reports_shed", 2);
    health.count("reports_shed", 1);
    let counters = health.snapshot(0).counters;
    assert_eq!(counters.get("frames"), Some(&8));
    assert_eq!(counters.get("reports_shed"), Some(&3));
    assert_eq!(counters.get("nothing"), None);
}

#[test]
fn an_expired_certificate_is_said_even_without_a_failed_renewal() {
    let mut status = enrolled();
    status.collector.certificate_expires_at_ns = Some(5);
    assert!(
        Health::new(status.clone())
            .snapshot(4)
            .degradations
            .is_empty()
    );
    assert_eq!(Health::new(status).snapshot(5).degradations.len(), 1);
}
