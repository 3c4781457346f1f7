-- Devices that a text names: see Store::find_devices.
SELECT id FROM device WHERE id = :text
UNION
SELECT id FROM sensor WHERE id = :text OR hostname = :text COLLATE NOCASE
UNION
SELECT id FROM device WHERE identity IN (:lower, 'mac:' || :lower, 'ip:' || :lower)
UNION
SELECT device_id FROM device_name WHERE name = :text COLLATE NOCASE
UNION
SELECT device_id FROM device_address WHERE address = :lower
ORDER BY id
LIMIT :limit
