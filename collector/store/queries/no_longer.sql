-- Sightings in a range that no longer match the catalogue and are not counted.
SELECT count(*)
FROM sighting
WHERE re_evaluated = 'no_longer_matches'
    AND last_seen >= :since
    AND first_seen < :until
