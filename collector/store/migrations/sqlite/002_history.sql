-- Schema 2. A newer catalogue may read the kept evidence of a sighting otherwise than the one it was reported with. Then
-- usage_id is the row that it belongs to now, and reported_usage_id the one that it was reported for, which stays its key.
ALTER TABLE sighting ADD COLUMN reported_usage_id INTEGER NOT NULL DEFAULT 0;
-- 'moved', 'no_longer_matches', '': as reported.
ALTER TABLE sighting ADD COLUMN re_evaluated TEXT NOT NULL DEFAULT '';
-- Version of the catalogue that the evidence was read with last; '': it has to be read again.
ALTER TABLE sighting ADD COLUMN evaluated_with TEXT NOT NULL DEFAULT '';

UPDATE sighting SET reported_usage_id = usage_id, evaluated_with = catalogue_version;

DROP INDEX sighting_key;
CREATE UNIQUE INDEX sighting_key ON sighting (reported_usage_id, window_start, epoch_id);
CREATE INDEX sighting_evaluated ON sighting (evaluated_with);
