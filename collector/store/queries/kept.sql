-- Sightings that were not read with a catalogue yet.
SELECT
    s.id,
    s.revision,
    s.catalogue_version,
    r.service,
    r.surface,
    r.tenant
FROM sighting AS s
JOIN usage AS r ON r.id = s.reported_usage_id
WHERE s.evaluated_with < :version OR s.evaluated_with > :version
LIMIT :limit
