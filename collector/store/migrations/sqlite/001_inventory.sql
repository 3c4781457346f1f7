-- Schema 1. Times are nanoseconds since the Unix epoch, UTC. Where a text may be unknown in the
-- domain it is '' here, so that keys compare. Texts of the domain's closed lists are stored as
-- the words that JSON has, except stages, which are ranks so that max() means "furthest".

CREATE TABLE sensor (
    id               TEXT    NOT NULL PRIMARY KEY,
    hostname         TEXT    NOT NULL,
    os               TEXT    NOT NULL,
    agent_version    TEXT    NOT NULL,
    enrolled_at      INTEGER NOT NULL,
    revoked_at       INTEGER,
    last_seen        INTEGER,
    heartbeat_at     INTEGER,
    heartbeat        TEXT -- JSON, as the agent last said
) STRICT;

CREATE TABLE enrolment_token (
    id               INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    secret_hash      BLOB    NOT NULL UNIQUE,
    label            TEXT    NOT NULL,
    created_by       TEXT    NOT NULL,
    created_at       INTEGER NOT NULL,
    expires_at       INTEGER NOT NULL,
    used_at          INTEGER,
    used_by          TEXT    REFERENCES sensor (id),
    revoked_at       INTEGER,
    CHECK ((used_at IS NULL) = (used_by IS NULL))
) STRICT;

CREATE TABLE certificate (
    serial           TEXT    NOT NULL PRIMARY KEY,
    sensor_id        TEXT    NOT NULL REFERENCES sensor (id),
    issued_at        INTEGER NOT NULL,
    not_after        INTEGER NOT NULL
) STRICT;

CREATE INDEX certificate_of_sensor ON certificate (sensor_id, issued_at);

CREATE TABLE user (
    name             TEXT    NOT NULL PRIMARY KEY,
    role             TEXT    NOT NULL CHECK (role IN ('viewer', 'analyst', 'admin')),
    token_hash       BLOB    NOT NULL UNIQUE,
    created_at       INTEGER NOT NULL
) STRICT;

-- Append-only, see the triggers; the chain is described in audit.rs.
CREATE TABLE audit (
    number           INTEGER NOT NULL PRIMARY KEY,
    at               INTEGER NOT NULL,
    actor            TEXT    NOT NULL,
    action           TEXT    NOT NULL,
    target           TEXT    NOT NULL,
    detail           TEXT    NOT NULL,
    hash             BLOB    NOT NULL
) STRICT;

CREATE TRIGGER audit_is_not_changed BEFORE UPDATE ON audit
BEGIN
    SELECT raise(ABORT, 'the audit log is append-only');
END;

CREATE TRIGGER audit_is_not_shortened BEFORE DELETE ON audit
BEGIN
    SELECT raise(ABORT, 'the audit log is append-only');
END;

-- Past decisions stay, so that the past can be judged by what was in force then.
CREATE TABLE decision (
    id               INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    service          TEXT    NOT NULL,
    device           TEXT    NOT NULL, -- '': any
    user             TEXT    NOT NULL, -- '': any
    tenant           TEXT    NOT NULL, -- '': any
    status           TEXT    NOT NULL,
    reason           TEXT    NOT NULL,
    expires          INTEGER,
    decided_by       TEXT    NOT NULL,
    decided_at       INTEGER NOT NULL,
    ended_at         INTEGER
) STRICT;

CREATE UNIQUE INDEX decision_in_force ON decision (service, device, user, tenant)
    WHERE ended_at IS NULL;

CREATE TABLE device (
    id               TEXT    NOT NULL PRIMARY KEY, -- 'SENSOR' or 'SENSOR/identity'
    sensor_id        TEXT    NOT NULL REFERENCES sensor (id),
    identity         TEXT    NOT NULL  -- 'enrolled', 'mac:..', 'ip:..'
) STRICT;

CREATE INDEX device_identity ON device (identity);

CREATE TABLE device_name (
    device_id        TEXT    NOT NULL REFERENCES device (id),
    name             TEXT    NOT NULL,
    last_seen        INTEGER NOT NULL,
    PRIMARY KEY (device_id, name)
) STRICT, WITHOUT ROWID;

CREATE INDEX device_by_name ON device_name (name COLLATE NOCASE);

CREATE TABLE device_address (
    device_id        TEXT    NOT NULL REFERENCES device (id),
    address          TEXT    NOT NULL,
    last_seen        INTEGER NOT NULL,
    PRIMARY KEY (device_id, address)
) STRICT, WITHOUT ROWID;

CREATE INDEX device_by_address ON device_address (address);

-- One row of usage; its counters are the sum over its sightings.
CREATE TABLE usage (
    id               INTEGER NOT NULL PRIMARY KEY,
    service          TEXT    NOT NULL,
    device_id        TEXT    NOT NULL REFERENCES device (id),
    user             TEXT    NOT NULL, -- '': unknown
    process          TEXT    NOT NULL, -- '': unknown
    surface          TEXT    NOT NULL,
    tenant           TEXT    NOT NULL  -- '': none
) STRICT;

CREATE UNIQUE INDEX usage_by_service ON usage (service, device_id, user, process, surface, tenant);
CREATE UNIQUE INDEX usage_by_device ON usage (device_id, service, user, process, surface, tenant);

CREATE TABLE epoch (
    id               INTEGER NOT NULL PRIMARY KEY,
    sensor_id        TEXT    NOT NULL REFERENCES sensor (id),
    epoch            BLOB    NOT NULL,
    UNIQUE (sensor_id, epoch)
) STRICT;

-- Texts that repeat from sighting to sighting are kept once.
CREATE TABLE confidence (
    id               INTEGER NOT NULL PRIMARY KEY,
    level            TEXT    NOT NULL,
    factors          TEXT    NOT NULL, -- JSON list
    does_not_prove   TEXT    NOT NULL, -- JSON list
    UNIQUE (level, factors, does_not_prove)
) STRICT;

CREATE TABLE observable (
    id               INTEGER NOT NULL PRIMARY KEY,
    kind             TEXT    NOT NULL,
    value            TEXT    NOT NULL,
    indicator        TEXT    NOT NULL,
    catalogue_version TEXT   NOT NULL,
    UNIQUE (value, kind, indicator, catalogue_version)
) STRICT;

CREATE TABLE attribution (
    id               INTEGER NOT NULL PRIMARY KEY,
    quality          TEXT    NOT NULL,
    reason           TEXT    NOT NULL,
    process          TEXT    NOT NULL, -- JSON of one run, '': unknown
    UNIQUE (process, quality, reason)
) STRICT;

-- The highest revision of each key; the key is (usage, window_start, epoch).
CREATE TABLE sighting (
    id               INTEGER NOT NULL PRIMARY KEY,
    usage_id         INTEGER NOT NULL REFERENCES usage (id),
    window_start     INTEGER NOT NULL,
    epoch_id         INTEGER NOT NULL REFERENCES epoch (id),
    revision         INTEGER NOT NULL,
    stage            INTEGER NOT NULL CHECK (stage BETWEEN 1 AND 5),
    stage_limit      TEXT    NOT NULL, -- '': none
    first_seen       INTEGER NOT NULL,
    last_seen        INTEGER NOT NULL,
    flow_count       INTEGER NOT NULL,
    bytes_out        INTEGER NOT NULL,
    bytes_in         INTEGER NOT NULL,
    specificity      TEXT    NOT NULL,
    confidence_id    INTEGER NOT NULL REFERENCES confidence (id),
    attribution_id   INTEGER NOT NULL REFERENCES attribution (id),
    catalogue_version TEXT   NOT NULL,
    device_names     TEXT    NOT NULL, -- JSON list
    device_address   TEXT    NOT NULL  -- '': none
) STRICT;

CREATE UNIQUE INDEX sighting_key ON sighting (usage_id, window_start, epoch_id);
-- Covers the sums of a usage, so that they never touch the table.
CREATE INDEX sighting_sums ON sighting (usage_id, last_seen, first_seen, stage, flow_count, bytes_out, bytes_in);
-- Covers the choice of a page of findings.
CREATE INDEX sighting_by_window ON sighting (window_start, usage_id, last_seen, first_seen);

CREATE TABLE evidence (
    sighting_id      INTEGER NOT NULL REFERENCES sighting (id),
    ordinal          INTEGER NOT NULL,
    observable_id    INTEGER NOT NULL REFERENCES observable (id),
    count            INTEGER NOT NULL,
    first_seen       INTEGER NOT NULL,
    last_seen        INTEGER NOT NULL,
    PRIMARY KEY (sighting_id, ordinal)
) STRICT, WITHOUT ROWID;

-- The highest revision of each window.
CREATE TABLE coverage (
    epoch_id         INTEGER NOT NULL REFERENCES epoch (id),
    window_start     INTEGER NOT NULL,
    window_length    INTEGER NOT NULL,
    revision         INTEGER NOT NULL,
    first_seen       INTEGER NOT NULL,
    last_seen        INTEGER NOT NULL,
    closed           INTEGER NOT NULL,
    replay           INTEGER NOT NULL,
    frames           INTEGER NOT NULL,
    bytes            INTEGER NOT NULL,
    frames_dropped   INTEGER NOT NULL,
    flows            INTEGER NOT NULL,
    flows_named      INTEGER NOT NULL,
    flows_hidden     INTEGER NOT NULL,
    flows_unnamed    INTEGER NOT NULL,
    flows_mid_stream INTEGER NOT NULL,
    flows_evicted    INTEGER NOT NULL,
    flows_encrypted_dns INTEGER NOT NULL,
    flows_tunnelled  INTEGER NOT NULL,
    rejects          TEXT    NOT NULL, -- JSON object
    PRIMARY KEY (epoch_id, window_start)
) STRICT, WITHOUT ROWID;

CREATE INDEX coverage_by_time ON coverage (last_seen, first_seen);
