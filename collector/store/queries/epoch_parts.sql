-- What each epoch saw in a range.
SELECT
    epoch_id,
    min(first_seen)                             AS first_seen,
    max(last_seen)                              AS last_seen,
    CAST(total(frames) AS INTEGER)              AS frames,
    CAST(total(bytes) AS INTEGER)               AS bytes,
    CAST(total(frames_dropped) AS INTEGER)      AS frames_dropped,
    CAST(total(flows) AS INTEGER)               AS flows,
    CAST(total(flows_named) AS INTEGER)         AS flows_named,
    CAST(total(flows_hidden) AS INTEGER)        AS flows_hidden,
    CAST(total(flows_unnamed) AS INTEGER)       AS flows_unnamed,
    CAST(total(flows_mid_stream) AS INTEGER)    AS flows_mid_stream,
    CAST(total(flows_evicted) AS INTEGER)       AS flows_evicted,
    CAST(total(flows_encrypted_dns) AS INTEGER) AS flows_encrypted_dns,
    CAST(total(flows_tunnelled) AS INTEGER)     AS flows_tunnelled
FROM coverage
WHERE last_seen >= :since AND first_seen < :until
GROUP BY epoch_id
