//! [`Store`] over the parts: each method one transaction.

use std::path::Path;

use inventory::{
    Coverage, CoverageWindow, Decision, DeviceId, DeviceUse, FoundSighting, Heartbeat,
    KeptSighting, NewDecision, ObservedValue, Page, PageRequest, Policy, Query, Range, Reading,
    Scope, Sensor, SensorId, ServiceUse, Sighting, Timestamp, Usage,
};

use super::{
    Sqlite, answers, audit, backup, coverage, devices, history, identity, migrate, policy, record,
    sealed, sensors,
};
use crate::{
    AuditCheck, AuditEntry, AuditRecord, Certificate, Error, ImportMode, Imported, NewSensor,
    NewToken, NewUser, Recorded, Redemption, SealedUser, SecretHash, Store, Token, TokenId, User,
};

impl Store for Sqlite {
    fn record(
        &self,
        sensor: &SensorId,
        sightings: &[Sighting],
        coverage: &[CoverageWindow],
        now: Timestamp,
    ) -> Result<Recorded, Error> {
        self.write(|transaction| record::record(transaction, sensor, sightings, coverage, now))
    }

    fn heartbeat(
        &self,
        sensor: &SensorId,
        heartbeat: &Heartbeat,
        now: Timestamp,
    ) -> Result<(), Error> {
        self.write(|transaction| sensors::heartbeat(transaction, sensor, heartbeat, now))
    }

    fn create_token(
        &self,
        token: &NewToken,
        actor: &str,
        now: Timestamp,
    ) -> Result<TokenId, Error> {
        self.write(|transaction| identity::create_token(transaction, token, actor, now))
    }

    fn redeem_token(
        &self,
        secret: &SecretHash,
        sensor: &NewSensor,
        now: Timestamp,
    ) -> Result<Redemption, Error> {
        self.write(|transaction| identity::redeem_token(transaction, secret, sensor, now))
    }

    fn tokens(&self) -> Result<Vec<Token>, Error> {
        self.read(|transaction| identity::tokens(transaction))
    }

    fn revoke_token(&self, token: TokenId, actor: &str, now: Timestamp) -> Result<bool, Error> {
        self.write(|transaction| identity::revoke_token(transaction, token, actor, now))
    }

    fn add_sensor(&self, sensor: &NewSensor, actor: &str, now: Timestamp) -> Result<(), Error> {
        self.write(|transaction| sensors::add(transaction, sensor, actor, now))
    }

    fn sensor(&self, sensor: &SensorId) -> Result<Option<Sensor>, Error> {
        self.read(|transaction| sensors::one(transaction, sensor))
    }

    fn sensors(&self) -> Result<Vec<Sensor>, Error> {
        self.read(|transaction| sensors::all(transaction))
    }

    fn revoke_sensor(&self, sensor: &SensorId, actor: &str, now: Timestamp) -> Result<bool, Error> {
        self.write(|transaction| sensors::revoke(transaction, sensor, actor, now))
    }

    fn add_certificate(&self, certificate: &Certificate, now: Timestamp) -> Result<(), Error> {
        self.write(|transaction| identity::add_certificate(transaction, certificate, now))
    }

    fn certificates(&self, sensor: &SensorId) -> Result<Vec<Certificate>, Error> {
        self.read(|transaction| identity::certificates(transaction, sensor))
    }

    fn add_user(&self, user: &NewUser, actor: &str, now: Timestamp) -> Result<(), Error> {
        self.write(|transaction| identity::add_user(transaction, user, actor, now))
    }

    fn user_by_token(&self, token: &SecretHash) -> Result<Option<User>, Error> {
        self.read(|transaction| identity::user_by_token(transaction, token))
    }

    fn users(&self) -> Result<Vec<User>, Error> {
        self.read(|transaction| identity::users(transaction))
    }

    fn remove_user(&self, name: &str, actor: &str, now: Timestamp) -> Result<bool, Error> {
        self.write(|transaction| identity::remove_user(transaction, name, actor, now))
    }

    fn audit(&self, entry: &AuditEntry, now: Timestamp) -> Result<(), Error> {
        self.write(|transaction| audit::append(transaction, entry, now))
    }

    fn audit_log(&self, after: u64, limit: u32) -> Result<Vec<AuditRecord>, Error> {
        self.read(|transaction| audit::list(transaction, after, limit))
    }

    fn verify_audit(&self) -> Result<AuditCheck, Error> {
        self.read(|transaction| audit::verify(transaction))
    }

    fn policy(&self) -> Result<Policy, Error> {
        self.read(|transaction| policy::load(transaction))
    }

    fn set_decision(
        &self,
        decision: &NewDecision,
        actor: &str,
        now: Timestamp,
    ) -> Result<Decision, Error> {
        self.write(|transaction| Ok(policy::set(transaction, decision, actor, now)?.0))
    }

    fn remove_decision(
        &self,
        service: &str,
        scope: &Scope,
        actor: &str,
        now: Timestamp,
    ) -> Result<bool, Error> {
        self.write(|transaction| policy::remove(transaction, service, scope, actor, now))
    }

    fn import_decisions(
        &self,
        decisions: &[NewDecision],
        mode: ImportMode,
        actor: &str,
        now: Timestamp,
    ) -> Result<Imported, Error> {
        self.write(|transaction| policy::import(transaction, decisions, mode, actor, now))
    }

    fn find_devices(&self, text: &str) -> Result<Vec<DeviceId>, Error> {
        self.read(|transaction| devices::find(transaction, text))
    }

    fn has_service(&self, service: &str) -> Result<bool, Error> {
        self.read(|transaction| {
            let mut statement =
                transaction.prepare_cached("SELECT 1 FROM usage WHERE service = ?1 LIMIT 1")?;
            Ok(statement.exists([service])?)
        })
    }

    fn usage(
        &self,
        query: &Query,
        page: &PageRequest,
        now: Timestamp,
    ) -> Result<Page<Usage>, Error> {
        self.read(|transaction| answers::usage(transaction, query, page, now))
    }

    fn services(
        &self,
        query: &Query,
        page: &PageRequest,
        now: Timestamp,
    ) -> Result<Page<ServiceUse>, Error> {
        self.read(|transaction| answers::services(transaction, query, page, now))
    }

    fn devices(
        &self,
        query: &Query,
        page: &PageRequest,
        now: Timestamp,
    ) -> Result<Page<DeviceUse>, Error> {
        self.read(|transaction| answers::devices(transaction, query, page, now))
    }

    fn findings(
        &self,
        query: &Query,
        page: &PageRequest,
        now: Timestamp,
    ) -> Result<Page<FoundSighting>, Error> {
        self.read(|transaction| answers::findings(transaction, query, page, now))
    }

    fn coverage(&self, range: Range, now: Timestamp) -> Result<Coverage, Error> {
        self.read(|transaction| coverage::coverage(transaction, range, now))
    }

    fn kept(&self, version: &str, limit: u32) -> Result<Vec<KeptSighting>, Error> {
        self.read(|transaction| history::kept(transaction, version, limit))
    }

    fn read_again(
        &self,
        version: &str,
        readings: &[(KeptSighting, Reading)],
    ) -> Result<u64, Error> {
        self.write(|transaction| history::read_again(transaction, version, readings))
    }

    fn observed(&self) -> Result<Vec<ObservedValue>, Error> {
        self.read(|transaction| history::observed(transaction))
    }

    fn sealed_users(&self, label: &str) -> Result<Vec<SealedUser>, Error> {
        self.read(|transaction| sealed::sealed_users(transaction, label))
    }

    fn backup(&self, to: &Path) -> Result<(), Error> {
        backup::backup(self, to)
    }

    fn schema_version(&self) -> Result<u32, Error> {
        self.read(|transaction| migrate::version(transaction))
    }
}
