-- Single sightings, latest window first, after a given one.
SELECT
    s.*,
    u.service,
    u.device_id,
    u.user,
    u.process    AS process_key,
    u.surface,
    u.tenant,
    e.epoch,
    e.sensor_id,
    d.identity,
    c.level,
    c.factors,
    c.does_not_prove,
    a.quality,
    a.reason,
    a.process,
    k.reason     AS client_reason,
    k.later_user,
    r.service    AS reported_service
FROM sighting AS s
JOIN usage AS u ON u.id = s.usage_id
JOIN usage AS r ON r.id = s.reported_usage_id
JOIN epoch AS e ON e.id = s.epoch_id
JOIN device AS d ON d.id = u.device_id
JOIN confidence AS c ON c.id = s.confidence_id
JOIN attribution AS a ON a.id = s.attribution_id
JOIN client AS k ON k.id = s.client_id
WHERE s.window_start <= :window
    AND (
        s.window_start < :window
        OR (u.service, u.device_id, u.user, u.process, u.surface, u.tenant, s.client_class, e.epoch, s.id)
            > (:service, :device, :user, :process, :surface, :tenant, :class, :epoch, :id)
    )
    AND (:services IS NULL OR u.service IN (SELECT value FROM json_each(:services)))
    AND (:devices IS NULL OR u.device_id IN (SELECT value FROM json_each(:devices)))
    AND (:users IS NULL OR u.user IN (SELECT value FROM json_each(:users)))
    -- A program by its whole text, or by the file name at its end.
    AND (:processes IS NULL OR EXISTS (
        SELECT 1 FROM json_each(:processes) AS p
        WHERE u.process = p.value
            OR (p.value <> '' AND substr(u.process, -length(p.value) - 1) IN ('/' || p.value, '\' || p.value))
    ))
    AND (:classes IS NULL OR s.client_class IN (SELECT value FROM json_each(:classes)))
    AND s.last_seen >= :since
    AND s.first_seen < :until
ORDER BY
    s.window_start DESC,
    u.service, u.device_id, u.user, u.process, u.surface, u.tenant, s.client_class, e.epoch, s.id
