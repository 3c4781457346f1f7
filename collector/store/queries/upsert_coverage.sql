-- Changes a row only when its revision is higher than the one kept.
INSERT INTO coverage (
    epoch_id, window_start, window_length, revision, first_seen, last_seen, closed, replay,
    frames, bytes, frames_dropped, flows, flows_named, flows_hidden,
    flows_unnamed, flows_mid_stream, flows_evicted, flows_encrypted_dns, flows_tunnelled, rejects
)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20)
ON CONFLICT (epoch_id, window_start) DO UPDATE SET
    window_length       = excluded.window_length,
    revision            = excluded.revision,
    first_seen          = excluded.first_seen,
    last_seen           = excluded.last_seen,
    closed              = excluded.closed,
    replay              = excluded.replay,
    frames              = excluded.frames,
    bytes               = excluded.bytes,
    frames_dropped      = excluded.frames_dropped,
    flows               = excluded.flows,
    flows_named         = excluded.flows_named,
    flows_hidden        = excluded.flows_hidden,
    flows_unnamed       = excluded.flows_unnamed,
    flows_mid_stream    = excluded.flows_mid_stream,
    flows_evicted       = excluded.flows_evicted,
    flows_encrypted_dns = excluded.flows_encrypted_dns,
    flows_tunnelled     = excluded.flows_tunnelled,
    rejects             = excluded.rejects
WHERE excluded.revision > coverage.revision
