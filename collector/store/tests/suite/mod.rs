//! The contract of a store. `contract!(name, open)` makes a test of every function named here;
//! `open` opens what is in a folder, again too.

pub(crate) mod answers;
pub(crate) mod history;
pub(crate) mod identity;
pub(crate) mod policy;
pub(crate) mod record;

use inventory::testing::{self, START};
use inventory::{Inventory, PageRequest, SensorId, Sighting, Timestamp};
use store::{NewSensor, Store};

#[macro_export]
macro_rules! contract {
    ($name:ident, $open:path) => {
        mod $name {
            $crate::contract!(@tests $open; answers:
                agrees_with_the_reference,
                pages_are_the_whole_cut_in_pieces,
                refuses_a_cursor_of_another_query,
                finds_devices_by_every_name,
                coverage_adds_up_and_shows_gaps,
                an_empty_answer_still_has_coverage,
            );
            $crate::contract!(@tests $open; history:
                a_reading_moves_a_sighting_and_back,
                a_later_revision_of_a_moved_sighting_is_no_second_one,
                moved_sightings_stand_on_pages_once_each,
                what_moved_is_marked_and_what_no_longer_matches_is_not_counted,
            );
            $crate::contract!(@tests $open; identity:
                a_token_admits_once,
                tokens_that_do_not_admit_say_why,
                of_two_at_once_one_is_admitted,
                sensors_report_until_revoked,
                certificates_belong_to_sensors,
                users_are_found_by_token,
                the_audit_log_is_chained,
            );
            $crate::contract!(@tests $open; policy:
                a_decision_replaces_the_one_before,
                imports_merge_or_replace,
                verdicts_follow_decisions,
            );
            $crate::contract!(@tests $open; record:
                keeps_the_highest_revision,
                any_order_gives_the_same,
                a_bad_record_keeps_the_whole_batch_out,
                what_was_acknowledged_is_there_after_reopening,
                counters_that_no_network_carries_are_refused,
                a_backup_opens_as_a_store,
                many_threads_read_and_write,
            );
        }
    };
    (@tests $open:path; $module:ident: $($test:ident),+ $(,)?) => {
        $(
            #[test]
            fn $test() {
                let folder = tempfile::tempdir().unwrap();
                let path = folder.path().join("data");
                $crate::suite::$module::$test(&|| $open(&path));
            }
        )+
    };
}

/// Opens the store of one test.
pub(crate) type Open<'a> = &'a dyn Fn() -> Box<dyn Store>;

pub(crate) const ALL: PageRequest = PageRequest::first(100_000);

/// Later than everything that is sighted.
pub(crate) fn now() -> Timestamp {
    START.saturating_add(testing::WINDOW * 1000)
}

pub(crate) fn new_sensor(id: &SensorId) -> NewSensor {
    NewSensor {
        id: id.clone(),
        hostname: format!("host-{id}"),
        os: "linux".to_owned(),
        agent_version: "0.1.0".to_owned(),
    }
}

/// A store with the sensors of the made-up sightings, and the reference that knows them too.
pub(crate) fn with_sensors(open: Open<'_>) -> (Box<dyn Store>, Inventory) {
    let (store, mut reference) = (open(), Inventory::default());
    for sensor in testing::sensors() {
        store
            .add_sensor(&new_sensor(&sensor), "test", START)
            .unwrap();
        reference.name_sensor(&sensor, &format!("host-{sensor}"));
    }
    (store, reference)
}

/// Reports in batches of `batch`, each of one sensor.
pub(crate) fn record(store: &dyn Store, reports: &[(SensorId, Sighting)], batch: usize) {
    for chunk in reports.chunks(batch) {
        for sensor in testing::sensors() {
            let own = chunk.iter().filter(|(other, _)| *other == sensor);
            let own: Vec<Sighting> = own.map(|(_, sighting)| sighting.clone()).collect();
            store.record(&sensor, &own, &[], now()).unwrap();
        }
    }
}
