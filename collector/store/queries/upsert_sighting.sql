-- Returns the id when the row is new or its revision is higher than the one kept.
INSERT INTO sighting (
    usage_id, window_start, epoch_id, revision, stage, stage_limit, first_seen, last_seen,
    flow_count, bytes_out, bytes_in, specificity, confidence_id, attribution_id,
    catalogue_version, device_names, device_address, reported_usage_id, evaluated_with,
    client_class, client_id
)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?1, ?15, ?18, ?19)
ON CONFLICT (reported_usage_id, window_start, epoch_id) DO UPDATE SET
    revision          = excluded.revision,
    stage             = excluded.stage,
    stage_limit       = excluded.stage_limit,
    first_seen        = excluded.first_seen,
    last_seen         = excluded.last_seen,
    flow_count        = excluded.flow_count,
    bytes_out         = excluded.bytes_out,
    bytes_in          = excluded.bytes_in,
    specificity       = excluded.specificity,
    confidence_id     = excluded.confidence_id,
    attribution_id    = excluded.attribution_id,
    catalogue_version = excluded.catalogue_version,
    device_names      = excluded.device_names,
    device_address    = excluded.device_address,
    client_class      = excluded.client_class,
    client_id         = excluded.client_id,
    -- One that was re-evaluated stays what it is until its new evidence has been read.
    evaluated_with    = CASE sighting.re_evaluated WHEN '' THEN excluded.catalogue_version ELSE '' END
WHERE excluded.revision > sighting.revision
RETURNING id
