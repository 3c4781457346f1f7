//! Bodies of the fuzz targets of this part; the targets themselves are
//! one-liners.

use prost::Message;
use proto::v1;

use super::convert::Meant;

/// A message of any bytes: it decodes or not, each record is meant or refused,
/// and what is meant keeps the rules of the inventory.
pub fn finding_batch(bytes: &[u8]) {
    let Ok(batch) = v1::FindingBatch::decode(bytes) else {
        return;
    };
    for record in batch.records {
        let again = record.clone();
        let first = Meant::try_from(record);
        assert!(
            first == Meant::try_from(again),
            "the same record means the same"
        );
        match first {
            Ok(Meant::Sighting(sighting)) => assert!(sighting.check().is_ok()),
            Ok(Meant::Coverage(window)) => assert!(window.check().is_ok()),
            Err(refused) => assert!(!refused.to_string().is_empty()),
        }
    }
}
