-- Schema 3. What an agent on the device itself knows of a use: what sort of program, and who.
-- Why a client has its class, and who used its socket later; the class itself is in the sighting, so that sums by class
-- never touch a table.
CREATE TABLE client (
    id               INTEGER NOT NULL PRIMARY KEY,
    reason           TEXT    NOT NULL,
    later_user       TEXT    NOT NULL, -- '': none
    UNIQUE (reason, later_user)
) STRICT;

INSERT INTO client (id, reason, later_user) VALUES (1, '', '');

ALTER TABLE sighting ADD COLUMN client_class TEXT NOT NULL DEFAULT 'unknown';
ALTER TABLE sighting ADD COLUMN client_id INTEGER NOT NULL DEFAULT 1;

-- JSON list, '': none.
ALTER TABLE evidence ADD COLUMN attributes TEXT NOT NULL DEFAULT '';

-- Names of users, sealed to two officers; the collector cannot open them. Of each label what each sensor said last: one
-- sensor cannot replace what another said.
CREATE TABLE sealed_user (
    label            TEXT    NOT NULL,
    sensor_id        TEXT    NOT NULL REFERENCES sensor (id),
    sealed           BLOB    NOT NULL,
    last_seen        INTEGER NOT NULL,
    PRIMARY KEY (label, sensor_id)
) STRICT, WITHOUT ROWID;

-- Which classes a row of usage has or had: where its sightings are looked for, so that a range still ends a search early.
CREATE TABLE usage_class (
    usage_id         INTEGER NOT NULL REFERENCES usage (id),
    client_class     TEXT    NOT NULL,
    PRIMARY KEY (usage_id, client_class)
) STRICT, WITHOUT ROWID;

INSERT INTO usage_class (usage_id, client_class) SELECT DISTINCT usage_id, client_class FROM sighting;

CREATE TRIGGER sighting_has_class AFTER INSERT ON sighting
WHEN NOT EXISTS (SELECT 1 FROM usage_class WHERE usage_id = NEW.usage_id AND client_class = NEW.client_class)
BEGIN
    INSERT INTO usage_class (usage_id, client_class) VALUES (NEW.usage_id, NEW.client_class);
END;

CREATE TRIGGER sighting_gets_class AFTER UPDATE OF usage_id, client_class ON sighting
WHEN NOT EXISTS (SELECT 1 FROM usage_class WHERE usage_id = NEW.usage_id AND client_class = NEW.client_class)
BEGIN
    INSERT INTO usage_class (usage_id, client_class) VALUES (NEW.usage_id, NEW.client_class);
END;

DROP INDEX sighting_sums;
CREATE INDEX sighting_sums
    ON sighting (usage_id, client_class, last_seen, first_seen, stage, flow_count, bytes_out, bytes_in);
