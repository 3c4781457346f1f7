-- What no longer matches is not counted, and what moved is marked: the index of the sums knows which is which.
DROP INDEX sighting_sums;
CREATE INDEX sighting_sums ON sighting (
    usage_id, client_class, last_seen, first_seen, stage, flow_count, bytes_out, bytes_in, re_evaluated
);
-- Those that are not counted, by time.
CREATE INDEX sighting_no_longer ON sighting (last_seen, first_seen) WHERE re_evaluated = 'no_longer_matches';
