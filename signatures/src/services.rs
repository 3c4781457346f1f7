//! The services of a catalogue, each read from the compiled form when it is asked for first.

use std::sync::OnceLock;

use crate::compiled::Compiled;
use crate::model::Service;

/// All services, by their numbers in the order of their ids.
#[derive(Debug, Default)]
pub(crate) struct Services {
    compiled: Compiled,
    /// `None` in a place: the service cannot be read, which no compiled form that this program makes has.
    read: Box<[OnceLock<Option<Box<Service>>>]>,
}

impl Services {
    pub(crate) fn new(compiled: Compiled) -> Self {
        let places = (0..compiled.services()).map(|_| OnceLock::new());
        Self {
            read: places.collect(),
            compiled,
        }
    }

    pub(crate) const fn compiled(&self) -> &Compiled {
        &self.compiled
    }

    pub(crate) fn len(&self) -> usize {
        self.read.len()
    }

    pub(crate) fn get(&self, number: usize) -> Option<&Service> {
        let place = self.read.get(number)?;
        let read = || self.compiled.service(number).map(Box::new);
        place.get_or_init(read).as_deref()
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &Service> + Clone {
        (0..self.read.len()).filter_map(|number| self.get(number))
    }
}
