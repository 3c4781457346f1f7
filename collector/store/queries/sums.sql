-- Rows of usage with the sums of their sightings in a range. What is in braces is filled in by
-- sums.rs from texts of its own; the order is an index's, so that a page stops early.
SELECT
    u.id,
    u.service,
    u.device_id,
    u.user,
    u.process,
    u.surface,
    u.tenant,
    k.client_class,
    max(s.stage)                             AS stage,
    min(s.first_seen)                        AS first_seen,
    max(s.last_seen)                         AS last_seen,
    -- total() cannot overflow, as sum() could on numbers that a sensor made up.
    CAST(total(s.flow_count) AS INTEGER)     AS flow_count,
    CAST(total(s.bytes_out) AS INTEGER)      AS bytes_out,
    CAST(total(s.bytes_in) AS INTEGER)       AS bytes_in,
    count(*)                                 AS sightings,
    count(*) FILTER (WHERE s.re_evaluated = 'moved') AS moved
FROM usage AS u
CROSS JOIN usage_class AS k ON k.usage_id = u.id
CROSS JOIN sighting AS s INDEXED BY sighting_sums
    ON s.usage_id = u.id AND s.client_class = k.client_class
WHERE {after}
    AND (:services IS NULL OR u.service IN (SELECT value FROM json_each(:services)))
    AND (:devices IS NULL OR u.device_id IN (SELECT value FROM json_each(:devices)))
    AND (:users IS NULL OR u.user IN (SELECT value FROM json_each(:users)))
    -- A program by its whole text, or by the file name at its end.
    AND (:processes IS NULL OR EXISTS (
        SELECT 1 FROM json_each(:processes) AS p
        WHERE u.process = p.value
            OR (p.value <> '' AND substr(u.process, -length(p.value) - 1) IN ('/' || p.value, '\' || p.value))
    ))
    AND (:classes IS NULL OR k.client_class IN (SELECT value FROM json_each(:classes)))
    -- What no longer matches is left out; findings show it.
    AND s.re_evaluated <> 'no_longer_matches'
    AND s.last_seen >= :since
    AND s.first_seen < :until
GROUP BY {order}
ORDER BY {order}
