//! Pages of usage, services and devices: rows with their sums, rolled up as asked.

mod findings;
mod telling;

use inventory::{
    Cursor, DeviceRollup, DeviceUse, Page, PageRequest, Policy, Query, ReEvaluatedUse,
    ServiceRollup, ServiceUse, Stage, Subject, Timestamp, Usage, UsageKey,
};
use rusqlite::Connection;

pub(super) use findings::findings;

use super::devices::Devices;
use super::sums::{self, Next, Order, Sum};
use super::{Failure, policy};
use crate::error::Error;
use telling::{evidence, moved, telling};

/// A usage whose evidence may be asked for.
struct Candidate {
    key: UsageKey,
    id: i64,
    stage: Stage,
}

/// A service while its rows are added up.
struct Service {
    rollup: ServiceRollup,
    candidates: Vec<Candidate>,
    re_evaluated: Option<ReEvaluatedUse>,
}

pub(super) fn usage(
    connection: &Connection,
    query: &Query,
    page: &PageRequest,
    now: Timestamp,
) -> Result<Page<Usage>, Failure> {
    let policy = policy::load(connection)?;
    let after: Option<[String; 7]> = cursor(page)?;
    let limit = limit(page);
    let mut sums: Vec<Sum> = Vec::new();
    let mut more = false;
    let order = Order::Usage {
        after: after.as_ref(),
    };
    sums::each(connection, query, &order, (&policy, now), |sum| {
        more = sums.len() >= limit;
        if more {
            return Ok(Next::Stop);
        }
        sums.push(sum);
        Ok(Next::More)
    })?;
    let next = sums
        .last()
        .filter(|_| more)
        .map(|sum| Cursor(key_texts(&sum.key).to_vec()));
    let mut devices = Devices::new(connection);
    let mut items = Vec::with_capacity(sums.len());
    for Sum {
        usage_id,
        key,
        totals,
        ..
    } in sums
    {
        let telling = telling(connection, (usage_id, key.class), totals.stage, query)?;
        items.push(Usage {
            re_evaluated: moved(connection, (usage_id, key.class), &totals, query)?,
            device: devices.device(&key.device)?,
            totals,
            stage_limit: telling.stage_limit,
            confidence: telling.confidence,
            attribution: telling.attribution,
            specificity: telling.specificity,
            evidence: evidence(connection, telling.sighting)?,
            status_then: policy.verdict_at(&key.subject(), totals.last_seen).status,
            verdict: policy.verdict(&key.subject(), now),
            key,
        });
    }
    Ok(Page { items, next })
}

pub(super) fn services(
    connection: &Connection,
    query: &Query,
    page: &PageRequest,
    now: Timestamp,
) -> Result<Page<ServiceUse>, Failure> {
    let policy = policy::load(connection)?;
    let after: Option<[String; 1]> = cursor(page)?;
    let order = Order::Service {
        after: after.as_ref().map(|[service]| service.as_str()),
    };
    let limit = limit(page);
    let mut rollups: Vec<Service> = Vec::new();
    let mut more = false;
    sums::each(connection, query, &order, (&policy, now), |sum| {
        if rollups
            .last()
            .is_none_or(|last| last.rollup.service() != sum.key.service)
        {
            more = rollups.len() >= limit;
            if more {
                return Ok(Next::Stop);
            }
            rollups.push(Service {
                rollup: ServiceRollup::new(sum.key.service.clone()),
                candidates: Vec::new(),
                re_evaluated: None,
            });
        }
        if let Some(Service {
            rollup,
            candidates,
            re_evaluated,
        }) = rollups.last_mut()
        {
            rollup.add(&sum.key, &sum.totals, sum.status);
            let here = moved(
                connection,
                (sum.usage_id, sum.key.class),
                &sum.totals,
                query,
            )?;
            *re_evaluated = ReEvaluatedUse::join(re_evaluated.take(), here);
            // Only the rows that now say most are worth keeping.
            let Sum {
                key,
                usage_id: id,
                totals,
                ..
            } = sum;
            candidates.push(Candidate {
                key,
                id,
                stage: totals.stage,
            });
            candidates.retain(|one| rollup.telling().any(|telling| *telling == one.key));
        }
        Ok(Next::More)
    })?;
    let next = rollups
        .last()
        .filter(|_| more)
        .map(|last| last.rollup.service().to_owned());
    let finish = |service| finish(connection, service, query, (&policy, now));
    let items = rollups.into_iter().map(finish).collect::<Result<_, _>>()?;
    Ok(Page {
        items,
        next: next.map(|service| Cursor(vec![service])),
    })
}

/// The finished row of a service, with the evidence of its most telling usages.
fn finish(
    connection: &Connection,
    service: Service,
    query: &Query,
    (policy, now): (&Policy, Timestamp),
) -> Result<ServiceUse, Failure> {
    let Service {
        rollup,
        candidates,
        re_evaluated,
    } = service;
    let mut confidence = None;
    let mut merged = Vec::new();
    for key in rollup.telling() {
        let Some(one) = candidates.iter().find(|one| one.key == *key) else {
            continue;
        };
        let telling = telling(connection, (one.id, one.key.class), one.stage, query)?;
        confidence.get_or_insert(telling.confidence);
        merged.extend(evidence(connection, telling.sighting)?);
    }
    let verdict = policy.verdict(&Subject::everybody(rollup.service()), now);
    Ok(ServiceUse {
        re_evaluated,
        ..rollup.finish(verdict, confidence, merged)
    })
}

pub(super) fn devices(
    connection: &Connection,
    query: &Query,
    page: &PageRequest,
    now: Timestamp,
) -> Result<Page<DeviceUse>, Failure> {
    let policy = policy::load(connection)?;
    let after: Option<[String; 1]> = cursor(page)?;
    let order = Order::Device {
        after: after.as_ref().map(|[device]| device.as_str()),
    };
    let limit = limit(page);
    let mut rollups: Vec<DeviceRollup> = Vec::new();
    let mut more = false;
    sums::each(connection, query, &order, (&policy, now), |sum| {
        if rollups
            .last()
            .is_none_or(|last| *last.device() != sum.key.device)
        {
            more = rollups.len() >= limit;
            if more {
                return Ok(Next::Stop);
            }
            rollups.push(DeviceRollup::new(sum.key.device.clone()));
        }
        if let Some(rollup) = rollups.last_mut() {
            rollup.add(&sum.key, &sum.totals, sum.status);
        }
        Ok(Next::More)
    })?;
    let next = rollups
        .last()
        .filter(|_| more)
        .map(|last| last.device().as_str().to_owned());
    let mut known = Devices::new(connection);
    let mut items = Vec::with_capacity(rollups.len());
    for rollup in rollups {
        let device = known.device(rollup.device())?;
        items.extend(rollup.finish(device));
    }
    Ok(Page {
        items,
        next: next.map(|device| Cursor(vec![device])),
    })
}

fn limit(page: &PageRequest) -> usize {
    usize::try_from(page.limit.max(1)).unwrap_or(usize::MAX)
}

fn cursor<const N: usize>(page: &PageRequest) -> Result<Option<[String; N]>, Failure> {
    let Some(Cursor(texts)) = &page.after else {
        return Ok(None);
    };
    let texts: Result<[String; N], _> = texts.clone().try_into();
    texts.map(Some).map_err(|_| Error::BadCursor.into())
}

fn key_texts(key: &UsageKey) -> [String; 7] {
    [
        key.service.clone(),
        key.device.as_str().to_owned(),
        key.user.clone().unwrap_or_default(),
        key.process.clone().unwrap_or_default(),
        key.surface.clone(),
        key.tenant.clone().unwrap_or_default(),
        key.class.to_string(),
    ]
}
