//! Rows of usage with their sums, streamed in the order of an index.

use inventory::{DeviceId, Policy, Query, Range, Stage, Status, Timestamp, Totals, UsageKey};
use rusqlite::types::Value;
use rusqlite::{Connection, Row, ToSql};

use super::{Failure, rows};

const SUMS: &str = include_str!("../../queries/sums.sql");

/// Sides of a range as columns; an open side is beyond every time.
#[derive(Clone, Copy, Debug)]
pub(super) struct Bounds {
    pub(super) since: i64,
    pub(super) until: i64,
}

impl Bounds {
    pub(super) fn of(range: Range) -> Self {
        Self {
            since: range.since.map_or(i64::MIN, Timestamp::as_nanos),
            until: range.until.map_or(i64::MAX, Timestamp::as_nanos),
        }
    }
}

/// The filters of a query as parameters; NULL lets everything through.
pub(super) struct Filters {
    services: Value,
    devices: Value,
    users: Value,
    processes: Value,
    classes: Value,
    bounds: Bounds,
}

impl Filters {
    pub(super) fn of(query: &Query) -> Result<Self, Failure> {
        let list = |texts: &[String]| -> Result<Value, Failure> {
            Ok(if texts.is_empty() {
                Value::Null
            } else {
                Value::Text(rows::to_json(texts)?)
            })
        };
        let classes: Vec<String> = query.classes.iter().map(ToString::to_string).collect();
        let devices = match &query.devices {
            Some(devices) => Value::Text(rows::to_json(devices)?),
            None => Value::Null,
        };
        Ok(Self {
            services: list(&query.services)?,
            devices,
            users: list(&query.users)?,
            processes: list(&query.processes)?,
            classes: list(&classes)?,
            bounds: Bounds::of(query.range),
        })
    }

    pub(super) fn params(&self) -> Vec<(&'static str, &dyn ToSql)> {
        vec![
            (":services", &self.services),
            (":devices", &self.devices),
            (":users", &self.users),
            (":processes", &self.processes),
            (":classes", &self.classes),
            (":since", &self.bounds.since),
            (":until", &self.bounds.until),
        ]
    }
}

/// In which order rows come, and after which they begin.
pub(super) enum Order<'a> {
    /// By service first; `after` is a whole key.
    Usage { after: Option<&'a [String; 7]> },
    /// By service first; `after` is a service, all of it left out.
    Service { after: Option<&'a str> },
    /// By device first; `after` is a device, all of it left out.
    Device { after: Option<&'a str> },
}

impl Order<'_> {
    fn sql(&self) -> String {
        let by_service =
            "u.service, u.device_id, u.user, u.process, u.surface, u.tenant, k.client_class";
        let by_device =
            "u.device_id, u.service, u.user, u.process, u.surface, u.tenant, k.client_class";
        let (order, after) = match self {
            Self::Usage { .. } => (
                by_service,
                "(u.service, u.device_id, u.user, u.process, u.surface, u.tenant, k.client_class)
                    > (:a0, :a1, :a2, :a3, :a4, :a5, :a6)",
            ),
            Self::Service { .. } => (by_service, "u.service > :a0"),
            Self::Device { .. } => (by_device, "u.device_id > :a0"),
        };
        SUMS.replace("{order}", order).replace("{after}", after)
    }

    fn params(&self) -> Vec<(&'static str, String)> {
        let text = |text: Option<&str>| text.unwrap_or_default().to_owned();
        match self {
            Self::Usage { after } => {
                let names = [":a0", ":a1", ":a2", ":a3", ":a4", ":a5", ":a6"];
                let key = after.cloned().unwrap_or_default();
                names.into_iter().zip(key).collect()
            }
            Self::Service { after } | Self::Device { after } => vec![(":a0", text(*after))],
        }
    }
}

/// One row.
pub(super) struct Sum {
    pub(super) usage_id: i64,
    pub(super) key: UsageKey,
    pub(super) totals: Totals,
    /// What applies now.
    pub(super) status: Status,
}

/// Whether to go on.
pub(super) enum Next {
    More,
    Stop,
}

/// Gives every row that the query keeps to `take`, until it has enough.
pub(super) fn each(
    connection: &Connection,
    query: &Query,
    order: &Order<'_>,
    (policy, now): (&Policy, Timestamp),
    mut take: impl FnMut(Sum) -> Result<Next, Failure>,
) -> Result<(), Failure> {
    let filters = Filters::of(query)?;
    let after = order.params();
    let mut params = filters.params();
    params.extend(
        after
            .iter()
            .map(|(name, value)| (*name, value as &dyn ToSql)),
    );
    let mut statement = connection.prepare_cached(&order.sql())?;
    let mut rows = statement.query(params.as_slice())?;
    while let Some(row) = rows.next()? {
        let key = usage_key(row, "process")?;
        let status = policy.verdict(&key.subject(), now).status;
        if !query.statuses.keeps(status) {
            continue;
        }
        let sum = Sum {
            usage_id: row.get("id")?,
            totals: totals(row)?,
            key,
            status,
        };
        if matches!(take(sum)?, Next::Stop) {
            break;
        }
    }
    Ok(())
}

pub(super) fn usage_key(row: &Row<'_>, process: &str) -> rusqlite::Result<UsageKey> {
    Ok(UsageKey {
        service: row.get("service")?,
        device: DeviceId::from_stored(row.get("device_id")?),
        user: rows::text_opt(row, "user")?,
        process: rows::text_opt(row, process)?,
        surface: row.get("surface")?,
        tenant: rows::text_opt(row, "tenant")?,
        class: rows::word(row, "client_class")?,
    })
}

fn totals(row: &Row<'_>) -> Result<Totals, Failure> {
    Ok(Totals {
        stage: Stage::from_rank(row.get("stage")?).ok_or(Failure::Unreadable)?,
        first_seen: rows::time(row, "first_seen")?,
        last_seen: rows::time(row, "last_seen")?,
        flow_count: rows::counter(row, "flow_count")?,
        bytes_out: rows::counter(row, "bytes_out")?,
        bytes_in: rows::counter(row, "bytes_in")?,
        sightings: rows::counter(row, "sightings")?,
        moved: rows::counter(row, "moved")?,
    })
}
