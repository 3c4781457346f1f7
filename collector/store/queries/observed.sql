-- What was observed, for which service, and how many sightings rest on it.
SELECT o.kind, o.value, u.service, count(DISTINCT e.sighting_id) AS sightings
FROM observable AS o
JOIN evidence AS e ON e.observable_id = o.id
JOIN sighting AS s ON s.id = e.sighting_id
JOIN usage AS u ON u.id = s.usage_id
GROUP BY o.kind, o.value, u.service
ORDER BY o.kind, o.value, u.service
