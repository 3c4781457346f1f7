//! The interface that every backend has.

use std::fmt;
use std::path::Path;

use inventory::{
    Coverage, CoverageWindow, Decision, DeviceId, DeviceUse, FoundSighting, Heartbeat,
    KeptSighting, NewDecision, ObservedValue, Page, PageRequest, Policy, Query, Range, Reading,
    Scope, Sensor, SensorId, ServiceUse, Sighting, Timestamp, Usage,
};

use crate::audit::{AuditCheck, AuditEntry, AuditRecord};
use crate::error::Error;
use crate::identity::{
    Certificate, NewSensor, NewToken, NewUser, Redemption, SecretHash, Token, TokenId, User,
};

/// What became of a batch.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Recorded {
    /// Sightings and windows that were new, or newer than what was kept.
    pub changed: u32,
    /// Those that were known already, in this or a higher revision.
    pub known: u32,
}

/// A user's name as one sensor sealed it last.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SealedUser {
    /// Who sealed it.
    pub sensor: SensorId,
    /// The sealed name; the collector cannot open it.
    pub sealed: Vec<u8>,
    /// Last activity that it was reported with.
    pub last_seen: Timestamp,
}

impl SealedUser {
    /// Sensors whose sealed names of one label are handed out.
    pub const MAX: usize = 64;
}

/// What became of an import of decisions.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Imported {
    /// Decisions that were new or changed.
    pub set: u32,
    /// Decisions that were in force already, word for word.
    pub unchanged: u32,
    /// Decisions that the file does not hold and that were therefore ended.
    pub removed: u32,
}

/// Whether an import also ends what the file does not hold.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ImportMode {
    /// Decisions that the file does not hold stay.
    Merge,
    /// Decisions that the file does not hold end.
    Replace,
}

/// Everything the collector keeps. `actor` is who does it, for the audit log.
pub trait Store: Send + Sync + fmt::Debug {
    /// Keeps what a sensor reported: of each key the highest revision, durable on return.
    ///
    /// # Errors
    /// [`Error::UnknownSensor`] and [`Error::Revoked`]; [`Error::Invalid`] when a record breaks
    /// the rules of `check`, and then nothing of the batch is kept; else the store's state.
    fn record(
        &self,
        sensor: &SensorId,
        sightings: &[Sighting],
        coverage: &[CoverageWindow],
        now: Timestamp,
    ) -> Result<Recorded, Error>;

    /// Keeps a sensor's word about itself, and that it was heard from now.
    ///
    /// # Errors
    /// As [`Store::record`].
    fn heartbeat(
        &self,
        sensor: &SensorId,
        heartbeat: &Heartbeat,
        now: Timestamp,
    ) -> Result<(), Error>;

    /// Adds an enrolment token.
    ///
    /// # Errors
    /// [`Error::Exists`] when the secret is in use.
    fn create_token(&self, token: &NewToken, actor: &str, now: Timestamp)
    -> Result<TokenId, Error>;

    /// Uses up a token and adds the sensor, both or neither.
    ///
    /// # Errors
    /// [`Error::Exists`] when there is a sensor of that id. A token that does not admit is no
    /// error but an outcome.
    fn redeem_token(
        &self,
        secret: &SecretHash,
        sensor: &NewSensor,
        now: Timestamp,
    ) -> Result<Redemption, Error>;

    /// All tokens, newest first.
    ///
    /// # Errors
    /// The store's state.
    fn tokens(&self) -> Result<Vec<Token>, Error>;

    /// Ends a token that was not used. `false`: there is none that waits.
    ///
    /// # Errors
    /// The store's state.
    fn revoke_token(&self, token: TokenId, actor: &str, now: Timestamp) -> Result<bool, Error>;

    /// Adds a sensor without a token.
    ///
    /// # Errors
    /// [`Error::Exists`] when there is a sensor of that id.
    fn add_sensor(&self, sensor: &NewSensor, actor: &str, now: Timestamp) -> Result<(), Error>;

    /// One sensor.
    ///
    /// # Errors
    /// The store's state.
    fn sensor(&self, sensor: &SensorId) -> Result<Option<Sensor>, Error>;

    /// All sensors, in order of id, revoked ones too.
    ///
    /// # Errors
    /// The store's state.
    fn sensors(&self) -> Result<Vec<Sensor>, Error>;

    /// Refuses a sensor from now on. `false`: there is none, or it was revoked before.
    ///
    /// # Errors
    /// The store's state.
    fn revoke_sensor(&self, sensor: &SensorId, actor: &str, now: Timestamp) -> Result<bool, Error>;

    /// Remembers a certificate that was issued.
    ///
    /// # Errors
    /// [`Error::UnknownSensor`]; [`Error::Exists`] when the serial is known.
    fn add_certificate(&self, certificate: &Certificate, now: Timestamp) -> Result<(), Error>;

    /// Certificates of a sensor, newest first.
    ///
    /// # Errors
    /// The store's state.
    fn certificates(&self, sensor: &SensorId) -> Result<Vec<Certificate>, Error>;

    /// Adds a person or a program that may ask.
    ///
    /// # Errors
    /// [`Error::Exists`] when name or token are in use.
    fn add_user(&self, user: &NewUser, actor: &str, now: Timestamp) -> Result<(), Error>;

    /// Who has this token.
    ///
    /// # Errors
    /// The store's state.
    fn user_by_token(&self, token: &SecretHash) -> Result<Option<User>, Error>;

    /// All users, in order of name.
    ///
    /// # Errors
    /// The store's state.
    fn users(&self) -> Result<Vec<User>, Error>;

    /// Removes a user. `false`: there is none.
    ///
    /// # Errors
    /// The store's state.
    fn remove_user(&self, name: &str, actor: &str, now: Timestamp) -> Result<bool, Error>;

    /// Logs what no other method logs by itself: exports, for example.
    ///
    /// # Errors
    /// The store's state.
    fn audit(&self, entry: &AuditEntry, now: Timestamp) -> Result<(), Error>;

    /// Log entries after number `after` (0: from the first), oldest first.
    ///
    /// # Errors
    /// The store's state.
    fn audit_log(&self, after: u64, limit: u32) -> Result<Vec<AuditRecord>, Error>;

    /// Walks the whole log and checks that nothing in it was changed, added or taken out.
    ///
    /// # Errors
    /// The store's state; a broken chain is no error but an outcome.
    fn verify_audit(&self) -> Result<AuditCheck, Error>;

    /// All decisions, past ones too.
    ///
    /// # Errors
    /// The store's state.
    fn policy(&self) -> Result<Policy, Error>;

    /// Puts a decision in force; one for the same service and scope ends. Setting what is in
    /// force already, word for word, changes nothing and returns that.
    ///
    /// # Errors
    /// The store's state.
    fn set_decision(
        &self,
        decision: &NewDecision,
        actor: &str,
        now: Timestamp,
    ) -> Result<Decision, Error>;

    /// Ends a decision. `false`: there is none in force for exactly this scope.
    ///
    /// # Errors
    /// The store's state.
    fn remove_decision(
        &self,
        service: &str,
        scope: &Scope,
        actor: &str,
        now: Timestamp,
    ) -> Result<bool, Error>;

    /// Puts many decisions in force, all or none.
    ///
    /// # Errors
    /// The store's state.
    fn import_decisions(
        &self,
        decisions: &[NewDecision],
        mode: ImportMode,
        actor: &str,
        now: Timestamp,
    ) -> Result<Imported, Error>;

    /// Ids of the devices that `text` names: an id, an identity (`mac:..`), a sensor's or a
    /// device's name in any case, or an address.
    ///
    /// # Errors
    /// The store's state.
    fn find_devices(&self, text: &str) -> Result<Vec<DeviceId>, Error>;

    /// Whether anything was ever sighted of a service.
    ///
    /// # Errors
    /// The store's state.
    fn has_service(&self, service: &str) -> Result<bool, Error>;

    /// Usage, in order of its key.
    ///
    /// # Errors
    /// [`Error::BadCursor`]; the store's state. So for the three that follow.
    fn usage(
        &self,
        query: &Query,
        page: &PageRequest,
        now: Timestamp,
    ) -> Result<Page<Usage>, Error>;

    /// Services that were sighted, in order of id.
    ///
    /// # Errors
    /// As [`Store::usage`].
    fn services(
        &self,
        query: &Query,
        page: &PageRequest,
        now: Timestamp,
    ) -> Result<Page<ServiceUse>, Error>;

    /// Devices that used a service, in order of id.
    ///
    /// # Errors
    /// As [`Store::usage`].
    fn devices(
        &self,
        query: &Query,
        page: &PageRequest,
        now: Timestamp,
    ) -> Result<Page<DeviceUse>, Error>;

    /// Single sightings, latest window first.
    ///
    /// # Errors
    /// As [`Store::usage`].
    fn findings(
        &self,
        query: &Query,
        page: &PageRequest,
        now: Timestamp,
    ) -> Result<Page<FoundSighting>, Error>;

    /// What the sensors saw and could not see in a range.
    ///
    /// # Errors
    /// The store's state.
    fn coverage(&self, range: Range, now: Timestamp) -> Result<Coverage, Error>;

    /// Sightings whose evidence was not yet read with this version of the catalogue, at most `limit`.
    ///
    /// # Errors
    /// The store's state.
    fn kept(&self, version: &str, limit: u32) -> Result<Vec<KeptSighting>, Error>;

    /// Notes how this version of the catalogue reads sightings; those that have a later revision by now are left out.
    /// Returns how many are something else than before.
    ///
    /// # Errors
    /// The store's state.
    fn read_again(&self, version: &str, readings: &[(KeptSighting, Reading)])
    -> Result<u64, Error>;

    /// Every value that was observed, with the services that it counts for.
    ///
    /// # Errors
    /// The store's state.
    fn observed(&self) -> Result<Vec<ObservedValue>, Error>;

    /// The names that sensors sealed for a label, the latest first, at most [`SealedUser::MAX`].
    ///
    /// # Errors
    /// The store's state.
    fn sealed_users(&self, label: &str) -> Result<Vec<SealedUser>, Error>;

    /// Writes a complete copy to a file that does not exist, while others go on reading and
    /// writing.
    ///
    /// # Errors
    /// [`Error::Exists`] when the file is there; else the state of the store or the target.
    fn backup(&self, to: &Path) -> Result<(), Error>;

    /// Version of the tables.
    ///
    /// # Errors
    /// The store's state.
    fn schema_version(&self) -> Result<u32, Error>;
}
