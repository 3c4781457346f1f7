-- Every epoch with its whole span, from its first and its last window.
SELECT
    e.id,
    e.sensor_id,
    e.epoch,
    (SELECT c.first_seen FROM coverage AS c WHERE c.epoch_id = e.id ORDER BY c.window_start LIMIT 1)
        AS first_seen,
    l.last_seen,
    l.closed,
    l.replay
FROM epoch AS e
JOIN coverage AS l ON l.epoch_id = e.id
WHERE l.window_start = (SELECT max(c.window_start) FROM coverage AS c WHERE c.epoch_id = e.id)
ORDER BY e.sensor_id, first_seen, e.epoch
