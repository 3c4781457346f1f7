-- Services that the moved sightings of a usage were reported for.
SELECT DISTINCT r.service
FROM sighting AS s
JOIN usage AS r ON r.id = s.reported_usage_id
WHERE s.usage_id = :usage
    AND s.client_class = :class
    AND s.re_evaluated = 'moved'
    AND s.last_seen >= :since
    AND s.first_seen < :until
ORDER BY r.service
LIMIT 20
