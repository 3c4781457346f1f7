//! Makes the bytes of a catalogue.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use super::names::{self, Node};
use super::texts::{Lists, Texts};
use super::{FORMAT, NAME, Owner, SECTIONS, record};
use crate::model::{Indicator, IndicatorKind, Service};
use crate::pattern::Pattern;
use crate::vocabulary::Specificity;

/// Says that a catalogue has more than numbers of 32 bits can count.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the catalogue is too large for its compiled form")]
pub(crate) struct TooLarge;

/// Makes the bytes of a catalogue; `services` are in the order of their ids and free of problems.
///
/// # Errors
/// When something in it cannot be counted with 32 bits.
pub(crate) fn compile(version: &str, services: &[Service]) -> Result<Vec<u8>, TooLarge> {
    let mut writer = Writer::default();
    let mut starts = Vec::new();
    for service in services {
        starts.push(writer.records.len());
        record::write_service(&mut writer, service);
    }
    let mut names = Names::default();
    for (service, known) in services.iter().enumerate() {
        for (indicator, one) in known.indicators.iter().enumerate() {
            names.add(one, Owner { service, indicator })?;
        }
    }
    let patterns = names.finish(&mut writer)?;
    let has_rules = |(_, service): &(usize, &Service)| !service.local_rules.is_empty();
    let local = services.iter().enumerate().filter(has_rules);
    let services_start = writer.lists.records().len();
    let starts = starts
        .iter()
        .map(|start| start.saturating_add(services_start));
    let records = [writer.lists.records(), &writer.records].concat();
    let nodes = names.nodes(&mut writer.texts)?;
    let slots = names::slots(names.nodes.keys().map(|name| name.as_bytes()));
    let owners = names.owners.iter();
    join(&[
        version.as_bytes().to_vec(),
        numbers(writer.texts.ends().iter().copied())?,
        writer.texts.bytes().to_vec(),
        numbers(writer.lists.starts().iter().copied())?,
        numbers(starts)?,
        records,
        slots,
        nodes,
        numbers(owners.flat_map(|owner| [owner.service, owner.indicator]))?,
        patterns,
        numbers(local.map(|(number, _)| number))?,
    ])
}

/// Puts the sections behind the table of their ends.
fn join(sections: &[Vec<u8>; SECTIONS]) -> Result<Vec<u8>, TooLarge> {
    let mut bytes = NAME.to_vec();
    bytes.push(FORMAT);
    let mut end = 0_usize;
    let ends = sections.iter().map(|section| {
        end = end.saturating_add(section.len());
        end
    });
    bytes.extend(numbers(ends)?);
    bytes.extend(sections.concat());
    Ok(bytes)
}

fn numbers(numbers: impl Iterator<Item = usize>) -> Result<Vec<u8>, TooLarge> {
    let bytes = numbers.map(|one| narrow(one).map(u32::to_le_bytes));
    Ok(bytes.collect::<Result<Vec<_>, _>>()?.into_flattened())
}

fn narrow(number: usize) -> Result<u32, TooLarge> {
    u32::try_from(number).map_err(|_| TooLarge)
}

/// The records of services, and what they refer to.
#[derive(Debug, Default)]
pub(super) struct Writer<'s> {
    texts: Texts<'s>,
    lists: Lists<'s>,
    records: Vec<u8>,
}

impl<'s> Writer<'s> {
    pub(super) fn size(&mut self, number: usize) {
        write_number(&mut self.records, number);
    }

    pub(super) fn number(&mut self, number: u32) {
        self.size(super::size(number));
    }

    pub(super) fn text(&mut self, text: &'s str) {
        let number = self.texts.number(text);
        self.size(number);
    }

    pub(super) fn optional(&mut self, text: Option<&'s str>) {
        let number = text.map(|text| self.texts.number(text).saturating_add(1));
        self.size(number.unwrap_or(0));
    }

    pub(super) fn list(&mut self, list: &'s [String]) {
        let number = self.lists.number(list, &mut self.texts);
        self.size(number);
    }

    pub(super) fn many<T>(&mut self, items: &'s [T], write: impl Fn(&mut Self, &'s T)) {
        self.size(items.len());
        for item in items {
            write(self, item);
        }
    }
}

/// Writes a number, seven bits a byte; one that does not fit into 32 bits is refused with the section that it counts.
pub(super) fn write_number(bytes: &mut Vec<u8>, number: usize) {
    let mut rest = number;
    while rest >= 0x80 {
        bytes.push(rest.to_le_bytes().first().map_or(0, |byte| byte | 0x80));
        rest >>= 7;
    }
    bytes.extend(rest.to_le_bytes().first());
}

/// Every listed name and every name above one, and the patterns under each.
#[derive(Debug, Default)]
struct Names<'s> {
    nodes: BTreeMap<&'s str, Node>,
    owners: Vec<Owner>,
    patterns: BTreeMap<&'s str, Vec<(Pattern, &'s str, Owner)>>,
}

impl<'s> Names<'s> {
    fn add(&mut self, indicator: &'s Indicator, owner: Owner) -> Result<(), TooLarge> {
        let value: &'s str = &indicator.value;
        match indicator.kind {
            IndicatorKind::Local => {}
            IndicatorKind::Pattern => {
                let Ok(pattern) = Pattern::parse(value) else {
                    debug_assert!(false, "patterns are checked at load");
                    return Ok(());
                };
                let start = value.len().saturating_sub(pattern.anchor().len());
                let anchor = value.get(start..).unwrap_or_default();
                self.insert(anchor);
                let patterns = self.patterns.entry(anchor).or_default();
                patterns.push((pattern, value, owner));
            }
            IndicatorKind::Exact | IndicatorKind::Suffix => {
                self.owners.push(owner);
                let number = narrow(self.owners.len())?;
                let node = self.insert(value);
                if indicator.kind == IndicatorKind::Exact {
                    node.exact = number;
                } else if indicator.specificity == Specificity::Exclusive {
                    node.exclusive = number;
                } else {
                    node.silent = number;
                }
            }
        }
        Ok(())
    }

    /// Returns the node of a name, made together with the nodes above it when it is new.
    fn insert(&mut self, name: &'s str) -> &mut Node {
        let above = name.split_once('.').map(|(_, above)| above);
        if let Some(above) = above.filter(|above| above.contains('.')) {
            self.insert(above);
        }
        self.nodes.entry(name).or_default()
    }

    /// Orders the patterns under each anchor, those with more fixed letters first, and writes them.
    fn finish(&mut self, writer: &mut Writer<'s>) -> Result<Vec<u8>, TooLarge> {
        let mut written = Vec::new();
        for (anchor, patterns) in &mut self.patterns {
            patterns.sort_by_key(|(pattern, ..)| Reverse(pattern.literal_bytes()));
            if let Some(node) = self.nodes.get_mut(anchor) {
                node.first_pattern = narrow(written.len() / 3)?;
                node.patterns = narrow(patterns.len())?;
            }
            for (_, text, owner) in patterns {
                written.extend([writer.texts.number(text), owner.service, owner.indicator]);
            }
        }
        numbers(written.into_iter())
    }

    fn nodes(&self, texts: &mut Texts<'s>) -> Result<Vec<u8>, TooLarge> {
        let mut nodes = Vec::new();
        for (name, node) in &self.nodes {
            let number = texts.number(name);
            let (start, length) = (narrow(texts.start(number))?, narrow(name.len())?);
            names::write(&mut nodes, start, length, *node);
        }
        Ok(nodes)
    }
}
