//! One batch: from messages to durable rows, or to nothing at all.

use std::sync::Arc;

use inventory::{SensorId, Timestamp};
use prost::Message;
use proto::v1;
use store::Store;
use tonic::Status;

use super::aside::{Aside, Refused};
use super::convert::Meant;
use crate::status;

/// A reason longer than this says nothing more, and the acknowledgement of a
/// batch that is refused as a whole has to stay small.
const MAX_REASON_BYTES: usize = 160;

/// What became of a batch.
#[derive(Debug)]
pub(super) struct Outcome {
    pub(super) ack: v1::BatchAck,
    pub(super) refused: u64,
}

/// Checks what the batch says of itself; its records come later.
pub(super) fn check(batch: &v1::FindingBatch, max_records: usize) -> Result<(), Status> {
    if batch.records.len() > max_records {
        let message = format!("a batch has at most {max_records} records here");
        return Err(Status::invalid_argument(message));
    }
    // Acknowledging what was not sent would lose it.
    if batch
        .records
        .iter()
        .any(|record| record.sequence > batch.last_sequence)
    {
        let message = "a record has a higher sequence than the batch says is its last";
        return Err(Status::invalid_argument(message));
    }
    Ok(())
}

/// Makes `batch` durable. When this fails nothing of it is acknowledged, and it
/// can be sent again. Blocks.
pub(super) fn record(
    store: &Arc<dyn Store>,
    aside: &Aside,
    sensor: &SensorId,
    batch: v1::FindingBatch,
    now: Timestamp,
) -> Result<Outcome, Status> {
    let (mut sightings, mut windows, mut refused) = (Vec::new(), Vec::new(), Vec::new());
    for record in batch.records {
        let (sequence, sent) = (record.sequence, record.encode_to_vec());
        match Meant::try_from(record) {
            Ok(Meant::Sighting(sighting)) => sightings.push(*sighting),
            Ok(Meant::Coverage(window)) => windows.push(window),
            Err(reason) => {
                let reason = super::text::brief(reason.to_string(), MAX_REASON_BYTES);
                refused.push(Refused {
                    sequence,
                    reason,
                    record: sent,
                });
            }
        }
    }
    let recorded = store
        .record(sensor, &sightings, &windows, now)
        .map_err(|error| {
            tracing::debug!(%sensor, %error, "a batch was not recorded");
            status::of_store(&error)
        })?;
    if !refused.is_empty() {
        aside.keep(sensor, &refused, now).map_err(|error| {
            tracing::error!(%error, "refused records cannot be kept aside");
            Status::unavailable("the collector cannot write its data folder")
        })?;
    }
    let ack = v1::BatchAck {
        acknowledged_sequence: batch.last_sequence,
        recorded: recorded.changed.saturating_add(recorded.known),
        refusals: refused
            .iter()
            .map(|refused| v1::Refusal {
                sequence: refused.sequence,
                reason: refused.reason.clone(),
            })
            .collect(),
    };
    Ok(Outcome {
        ack,
        refused: u64::try_from(refused.len()).unwrap_or(u64::MAX),
    })
}
