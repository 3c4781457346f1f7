//! SQLite.
use crate::*;
use inventory::*;
use std::path::Path;
/// Newest schema.
pub const SCHEMA_VERSION: u32 = 1;
/// How to open.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// Most bytes the inventory may take on disk; `None`: as much as there is.
    pub max_bytes: Option<u64>,
}
/// The embedded store.
#[derive(Debug)]
pub struct Sqlite;
impl Sqlite {
    /// Opens the inventory in a folder, and makes it when there is none.
    ///
    /// # Errors
    /// Whatever keeps it from being read and written.
    pub fn open(dir: &Path) -> Result<Self, Error> {
        Self::open_with(dir, &Options::default())
    }
    /// The same, with options.
    ///
    /// # Errors
    /// As [`Sqlite::open`].
    pub fn open_with(_dir: &Path, _options: &Options) -> Result<Self, Error> {
        Ok(Self)
    }
}
impl Store for Sqlite {
    fn record(
        &self,
        _sensor: &SensorId,
        _sightings: &[Sighting],
        _coverage: &[CoverageWindow],
        _now: Timestamp,
    ) -> Result<Recorded, Error> {
        Err(Error::BadCursor)
    }
    fn heartbeat(
        &self,
        _sensor: &SensorId,
        _heartbeat: &Heartbeat,
        _now: Timestamp,
    ) -> Result<(), Error> {
        Err(Error::BadCursor)
    }
    fn create_token(
        &self,
        _token: &NewToken,
        _actor: &str,
        _now: Timestamp,
    ) -> Result<TokenId, Error> {
        Err(Error::BadCursor)
    }
    fn redeem_token(
        &self,
        _secret: &SecretHash,
        _sensor: &NewSensor,
        _now: Timestamp,
    ) -> Result<Redemption, Error> {
        Err(Error::BadCursor)
    }
    fn tokens(&self) -> Result<Vec<Token>, Error> {
        Err(Error::BadCursor)
    }
    fn revoke_token(&self, _token: TokenId, _actor: &str, _now: Timestamp) -> Result<bool, Error> {
        Err(Error::BadCursor)
    }
    fn add_sensor(&self, _sensor: &NewSensor, _actor: &str, _now: Timestamp) -> Result<(), Error> {
        Err(Error::BadCursor)
    }
    fn sensor(&self, _sensor: &SensorId) -> Result<Option<Sensor>, Error> {
        Err(Error::BadCursor)
    }
    fn sensors(&self) -> Result<Vec<Sensor>, Error> {
        Err(Error::BadCursor)
    }
    fn revoke_sensor(
        &self,
        _sensor: &SensorId,
        _actor: &str,
        _now: Timestamp,
    ) -> Result<bool, Error> {
        Err(Error::BadCursor)
    }
    fn add_certificate(&self, _certificate: &Certificate, _now: Timestamp) -> Result<(), Error> {
        Err(Error::BadCursor)
    }
    fn certificates(&self, _sensor: &SensorId) -> Result<Vec<Certificate>, Error> {
        Err(Error::BadCursor)
    }
    fn add_user(&self, _user: &NewUser, _actor: &str, _now: Timestamp) -> Result<(), Error> {
        Err(Error::BadCursor)
    }
    fn user_by_token(&self, _token: &SecretHash) -> Result<Option<User>, Error> {
        Err(Error::BadCursor)
    }
    fn users(&self) -> Result<Vec<User>, Error> {
        Err(Error::BadCursor)
    }
    fn remove_user(&self, _name: &str, _actor: &str, _now: Timestamp) -> Result<bool, Error> {
        Err(Error::BadCursor)
    }
    fn audit(&self, _entry: &AuditEntry, _now: Timestamp) -> Result<(), Error> {
        Err(Error::BadCursor)
    }
    fn audit_log(&self, _after: u64, _limit: u32) -> Result<Vec<AuditRecord>, Error> {
        Err(Error::BadCursor)
    }
    fn verify_audit(&self) -> Result<AuditCheck, Error> {
        Err(Error::BadCursor)
    }
    fn policy(&self) -> Result<Policy, Error> {
        Err(Error::BadCursor)
    }
    fn set_decision(
        &self,
        _decision: &NewDecision,
        _actor: &str,
        _now: Timestamp,
    ) -> Result<Decision, Error> {
        Err(Error::BadCursor)
    }
    fn remove_decision(
        &self,
        _service: &str,
        _scope: &Scope,
        _actor: &str,
        _now: Timestamp,
    ) -> Result<bool, Error> {
        Err(Error::BadCursor)
    }
    fn import_decisions(
        &self,
        _decisions: &[NewDecision],
        _mode: ImportMode,
        _actor: &str,
        _now: Timestamp,
    ) -> Result<Imported, Error> {
        Err(Error::BadCursor)
    }
    fn find_devices(&self, _text: &str) -> Result<Vec<DeviceId>, Error> {
        Err(Error::BadCursor)
    }
    fn has_service(&self, _service: &str) -> Result<bool, Error> {
        Err(Error::BadCursor)
    }
    fn usage(
        &self,
        _query: &Query,
        _page: &PageRequest,
        _now: Timestamp,
    ) -> Result<Page<Usage>, Error> {
        Err(Error::BadCursor)
    }
    fn services(
        &self,
        _query: &Query,
        _page: &PageRequest,
        _now: Timestamp,
    ) -> Result<Page<ServiceUse>, Error> {
        Err(Error::BadCursor)
    }
    fn devices(
        &self,
        _query: &Query,
        _page: &PageRequest,
        _now: Timestamp,
    ) -> Result<Page<DeviceUse>, Error> {
        Err(Error::BadCursor)
    }
    fn findings(
        &self,
        _query: &Query,
        _page: &PageRequest,
        _now: Timestamp,
    ) -> Result<Page<FoundSighting>, Error> {
        Err(Error::BadCursor)
    }
    fn coverage(&self, _range: Range, _now: Timestamp) -> Result<Coverage, Error> {
        Err(Error::BadCursor)
    }
    fn backup(&self, _to: &Path) -> Result<(), Error> {
        Err(Error::BadCursor)
    }
    fn schema_version(&self) -> Result<u32, Error> {
        Err(Error::BadCursor)
    }
}
