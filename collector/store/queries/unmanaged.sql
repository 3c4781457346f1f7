-- Devices that only a tap saw use something in a range.
SELECT count(*)
FROM device AS d
WHERE d.identity <> 'enrolled'
    AND EXISTS (
        SELECT 1
        FROM usage AS u
        CROSS JOIN sighting AS s INDEXED BY sighting_sums ON s.usage_id = u.id
        WHERE u.device_id = d.id AND s.last_seen >= :since AND s.first_seen < :until
    )
