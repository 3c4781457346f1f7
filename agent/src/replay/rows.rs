//! The rows of a scan: put in order as findings, and made only when they are written.

use std::cell::RefCell;
use std::cmp::Reverse;
use std::sync::Arc;

use flow::Finding;
use serde::{Serialize, Serializer};
use signatures::Catalogue;

use crate::row::{Row, device};
use crate::ship::convert;

/// What was found, by service, surface, device and tenant; each is given once.
#[derive(Debug)]
pub(super) struct Rows {
    found: RefCell<Vec<Option<Finding>>>,
    order: Vec<usize>,
    services: usize,
    /// What was looked for.
    catalogue: Arc<Catalogue>,
}

impl Rows {
    /// Of several revisions of a finding, the last one stands for all.
    pub(super) fn new(found: Vec<Finding>, catalogue: Arc<Catalogue>) -> Self {
        let by_key = |place: &usize| {
            found
                .get(*place)
                .map(|found| (&found.key, Reverse(found.revision)))
        };
        let mut order: Vec<usize> = (0..found.len()).collect();
        order.sort_unstable_by(|one, other| by_key(one).cmp(&by_key(other)));
        let key = |place: &usize| found.get(*place).map(|found| &found.key);
        order.dedup_by(|later, earlier| key(later) == key(earlier));

        let devices: Vec<String> = found
            .iter()
            .map(|found| device(Some(&convert::device(found.key.device))))
            .collect();
        let shown = |place: &usize| {
            let key = &found.get(*place)?.key;
            let tenant = key.tenant.as_deref().filter(|tenant| !tenant.is_empty());
            let device = devices.get(*place)?;
            Some((key.service.as_str(), key.surface.as_str(), device, tenant))
        };
        order.sort_by(|one, other| shown(one).cmp(&shown(other)));
        let service = |place: &usize| found.get(*place).map(|found| found.key.service.as_str());
        let mut services: Vec<_> = order.iter().map(service).collect();
        services.dedup();
        Self {
            services: services.len(),
            catalogue,
            order,
            found: RefCell::new(found.into_iter().map(Some).collect()),
        }
    }

    pub(super) const fn is_empty(&self) -> bool {
        self.order.is_empty()
    }

    /// How many services there are.
    pub(super) const fn services(&self) -> usize {
        self.services
    }

    /// The rows; those that were taken are not given again.
    pub(super) fn take(&self) -> impl Iterator<Item = Row> {
        self.order.iter().filter_map(move |place| {
            let found = self.found.borrow_mut().get_mut(*place)?.take()?;
            Some(Row::new(convert::finding(found), &self.catalogue))
        })
    }
}

impl Serialize for Rows {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.take())
    }
}
