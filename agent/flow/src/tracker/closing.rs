//! Flows by their endpoints, for those who know of them by other means than packets.

use super::flows::Flows;
use super::observer::FlowId;
use crate::key::{FiveTuple, FlowKey};
use crate::table::Flags;

impl Flows {
    fn slot_of(&self, tuple: &FiveTuple) -> Option<u32> {
        let (orig, resp) = (tuple.orig, tuple.resp);
        let (key, _) = FlowKey::with_side(
            orig.ip(),
            orig.port(),
            resp.ip(),
            resp.port(),
            tuple.transport,
        );
        self.table.find(&key, self.table.hash_of(&key))
    }

    pub(super) fn find(&self, tuple: &FiveTuple) -> Option<FlowId> {
        let slot = self.slot_of(tuple)?;
        Some(self.table.get(slot)?.id(slot))
    }

    /// The connection is over, whether its last segments are seen or not.
    pub(super) fn close(&mut self, tuple: &FiveTuple) {
        let tick = self.tick;
        let slot = self.slot_of(tuple);
        if let Some(entry) = slot.and_then(|slot| self.table.get_mut(slot))
            && !entry.is_closed()
        {
            entry.flags.set(Flags::RST);
            entry.last_tick = tick;
        }
    }
}
