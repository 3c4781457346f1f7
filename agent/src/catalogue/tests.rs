use std::fs;
use std::path::Path;
use std::sync::Arc;

use signatures::bundle::{SecretKey, build, sign};
use tempfile::TempDir;

use super::{Running, pin};
use crate::config;
use crate::health::{Health, Status};
use crate::state::StateDir;

fn text(id: &str, name: &str) -> String {
    format!(
        "[[service]]\nid = \"{id}\"\nname = \"{id}\"\nvendor = \"Example\"\ncategory = \"other\"\n\
         last_checked = \"2026-11-20\"\nsources = [\"test\"]\n[service.examples]\nmatch = [\"{name}\"]\n\
         near_miss = [\"not{name}\"]\n[[service.names]]\nsurface = \"web\"\nconfidence = \"vendor-doc\"\n\
         sources = [\"test\"]\nsuffix = [\"{name}\"]\n"
    )
}

fn bundle(number: u64, name: &str, seed: u8) -> Vec<u8> {
    let files = vec![("a.toml".to_owned(), text("own", name))];
    let made = build(&files, number, "2026-11-21T00:00:00Z").unwrap();
    sign(&made, &SecretKey::from_seed([seed; 32]).unwrap()).unwrap()
}

/// A state folder with the key 1 pinned, and a folder for local files.
struct Place {
    folder: TempDir,
    state: StateDir,
    health: Arc<Health>,
}

impl Place {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let state = StateDir::new(&folder.path().join("state"));
        state.create().unwrap();
        let key = SecretKey::from_seed([1; 32]).unwrap().public_key();
        pin(&state, Some(&key)).unwrap();
        fs::create_dir(folder.path().join("local")).unwrap();
        Self {
            folder,
            state,
            health: Arc::new(Health::new(Status::default())),
        }
    }

    fn local(&self, name: &str) -> std::path::PathBuf {
        self.folder.path().join("local").join(name)
    }

    fn open(&self) -> Running {
        let settings = config::Catalogue {
            public_key: None,
            local: Some(self.folder.path().join("local")),
        };
        Running::open(&settings, &self.state, &self.health)
    }

    fn status(&self) -> Status {
        self.health.snapshot(0)
    }
}

fn knows(running: &Running, name: &str) -> bool {
    let catalogue = running.current();
    catalogue.matcher().match_name(name.as_bytes()).is_some()
}

#[test]
fn a_good_bundle_runs_and_survives_a_restart() {
    let place = Place::new();
    let running = place.open();
    assert!(knows(&running, "api.openai.com"));
    let mut seen = 0;
    assert!(running.changed(&mut seen).is_some());
    running.take(&bundle(5, "five.example", 1));
    assert!(running.changed(&mut seen).is_some());
    assert!(running.changed(&mut seen).is_none());
    assert!(knows(&running, "five.example") && !knows(&running, "api.openai.com"));
    assert_eq!(place.status().catalogue.refused, None);
    assert_eq!(place.status().catalogue.bundle, 5);
    assert_eq!(
        place.status().catalogue_version,
        running.current().version()
    );

    let again = place.open();
    assert!(knows(&again, "five.example"));
    assert_eq!(again.newest(), 5);
}

#[test]
fn whatever_is_refused_leaves_what_runs_and_is_shown() {
    let place = Place::new();
    let running = place.open();
    running.take(&bundle(5, "five.example", 1));
    let mut cut = bundle(6, "six.example", 1);
    cut.truncate(cut.len() - 40);
    for (bytes, word) in [
        (bundle(5, "other.example", 1), "version 5"),
        (bundle(4, "other.example", 1), "version 4"),
        (bundle(9, "other.example", 2), "signed with the key"),
        (cut, "signature"),
        (Vec::new(), "no catalogue bundle"),
    ] {
        running.take(&bytes);
        assert!(knows(&running, "five.example"));
        assert_eq!(running.newest(), 5);
        let status = place.status();
        let shown = status.degradations.join("\n");
        assert!(
            shown.contains("not replaced") && shown.contains(word),
            "{shown}"
        );
    }
    running.take(&bundle(7, "seven.example", 1));
    assert!(knows(&running, "seven.example"));
    assert_eq!(place.status().catalogue.refused, None);
    assert_eq!(place.status().counters["catalogue_bundles_refused"], 5);
}

#[test]
fn when_the_files_are_gone_the_newest_is_taken_again_and_no_older_one() {
    let place = Place::new();
    place.open().take(&bundle(5, "five.example", 1));
    let folder = place.state.catalogue_dir();
    fs::remove_file(folder.join("current.gnomcat")).unwrap();
    let running = place.open();
    assert!(knows(&running, "api.openai.com"), "the program's own runs");
    assert!(!running.wants(4) && running.wants(5) && running.wants(6));
    let refused = place.status().catalogue.refused.unwrap();
    assert!(refused.contains("version 4"), "{refused}");
    running.take(&bundle(4, "four.example", 1));
    assert!(!knows(&running, "four.example"));
    running.take(&bundle(5, "five.example", 1));
    assert!(knows(&running, "five.example"));
    assert!(!running.wants(4) && place.status().catalogue.refused.is_some());
    assert!(!running.wants(5) && place.status().catalogue.refused.is_none());
}

#[test]
fn a_damaged_bundle_gives_way_to_the_one_before() {
    let place = Place::new();
    let running = place.open();
    running.take(&bundle(5, "five.example", 1));
    running.take(&bundle(6, "six.example", 1));
    let path = place.state.catalogue_dir().join("current.gnomcat");
    fs::write(path, b"GNOMCAT").unwrap();
    let running = place.open();
    assert!(knows(&running, "five.example"));
    assert_eq!(running.newest(), 6);
    assert!(
        place
            .status()
            .catalogue
            .refused
            .unwrap()
            .contains("cut off")
    );
}

#[test]
fn without_a_key_no_bundle_runs() {
    let place = Place::new();
    pin(&place.state, None).unwrap();
    let running = place.open();
    running.take(&bundle(5, "five.example", 1));
    assert!(!knows(&running, "five.example"));
    assert!(place.status().catalogue.refused.unwrap().contains("no key"));
}

#[test]
fn the_key_of_the_configuration_goes_before_the_one_of_the_enrolment() {
    let place = Place::new();
    let file = place.folder.path().join("other.pub");
    let settings = config::Catalogue {
        public_key: Some(file.clone()),
        local: None,
    };
    let running = Running::open(&settings, &place.state, &place.health);
    running.take(&bundle(5, "five.example", 2));
    assert!(
        place
            .status()
            .catalogue
            .refused
            .unwrap()
            .contains("cannot read")
    );
    let key = SecretKey::from_seed([2; 32]).unwrap().public_key();
    fs::write(file, key.to_file()).unwrap();
    running.take(&bundle(5, "five.example", 1));
    assert!(!knows(&running, "five.example"));
    running.take(&bundle(5, "five.example", 2));
    assert!(knows(&running, "five.example"));
}

#[test]
fn local_files_come_and_go_and_a_bad_one_leaves_those_before() {
    let place = Place::new();
    fs::write(place.local("own.toml"), text("gateway", "llm.corp.example")).unwrap();
    let running = place.open();
    assert!(knows(&running, "llm.corp.example") && knows(&running, "api.openai.com"));
    assert!(running.current().version().contains(".local."));

    fs::write(place.local("bad.toml"), "[[service]]\nid = 5\n").unwrap();
    running.reload_local();
    assert!(knows(&running, "llm.corp.example"));
    let problem = place.status().catalogue.local_problem.unwrap();
    assert!(problem.contains("bad.toml:2: "), "{problem}");

    fs::remove_file(place.local("bad.toml")).unwrap();
    running.reload_local();
    assert_eq!(place.status().catalogue.local_problem, None);
    running.take(&bundle(5, "five.example", 1));
    assert!(knows(&running, "llm.corp.example") && knows(&running, "five.example"));
    fs::remove_file(place.local("own.toml")).unwrap();
    running.reload_local();
    assert!(!knows(&running, "llm.corp.example") && knows(&running, "five.example"));
}

#[test]
fn a_bundle_that_claims_what_a_local_file_claims_is_refused() {
    let place = Place::new();
    fs::write(place.local("own.toml"), text("gateway", "five.example")).unwrap();
    let running = place.open();
    running.take(&bundle(5, "five.example", 1));
    assert!(knows(&running, "api.openai.com"));
    let refused = place.status().catalogue.refused.unwrap();
    assert!(
        refused.contains("local files") && refused.contains("own.toml"),
        "{refused}"
    );
    fs::remove_file(place.local("own.toml")).unwrap();
    running.reload_local();
    running.take(&bundle(5, "five.example", 1));
    assert!(knows(&running, "five.example"));
}

#[test]
fn a_folder_that_is_not_there_is_said() {
    let place = Place::new();
    let settings = config::Catalogue {
        public_key: None,
        local: Some(Path::new("/nowhere/at/all").to_owned()),
    };
    let running = Running::open(&settings, &place.state, &place.health);
    assert!(knows(&running, "api.openai.com"));
    assert!(
        place
            .status()
            .degradations
            .join("\n")
            .contains("/nowhere/at/all")
    );
}
