-- The most telling sighting of one usage in a range: the given (highest) stage, then the latest.
SELECT
    s.id,
    s.stage_limit,
    s.specificity,
    c.level,
    c.factors,
    c.does_not_prove,
    a.quality,
    a.reason,
    a.process,
    s.client_class,
    k.reason AS client_reason,
    k.later_user
FROM sighting AS s
JOIN epoch AS e ON e.id = s.epoch_id
JOIN confidence AS c ON c.id = s.confidence_id
JOIN attribution AS a ON a.id = s.attribution_id
JOIN client AS k ON k.id = s.client_id
WHERE s.usage_id = :usage
    AND s.client_class = :class
    AND s.stage = :stage
    AND s.re_evaluated <> 'no_longer_matches'
    AND s.last_seen >= :since
    AND s.first_seen < :until
ORDER BY s.last_seen DESC, s.window_start DESC, e.epoch
LIMIT 1
