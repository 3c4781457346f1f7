//! `interfaces`: which there are, and which `run` would capture on.

use std::net::IpAddr;

use anyhow::Result;
use capture::interfaces::{Interface, list};
use serde::Serialize;

use super::{Answer, print_json};
use crate::cli::Format;
use crate::config::Config;
use crate::console::print;
use crate::pipeline::usual;
use crate::table::{Align, columns, csv};

/// One interface.
#[derive(Serialize)]
struct Row {
    name: String,
    up: bool,
    loopback: bool,
    default_route: bool,
    chosen: bool,
    mac: Option<String>,
    addresses: Vec<String>,
}

/// Prints the machine's interfaces.
pub(crate) fn interfaces(config: &Config, format: Format) -> Result<()> {
    let interfaces = list()?;
    let chosen = match &config.capture.interfaces {
        Some(names) => names.clone(),
        None => usual(&interfaces, config.mode),
    };
    let rows: Vec<Row> = interfaces
        .iter()
        .map(|interface| row(interface, &chosen))
        .collect();
    let missing = chosen.iter().filter(|name| {
        *name != "any" && !interfaces.iter().any(|interface| interface.name == **name)
    });
    for name in missing {
        crate::console::say(&format!("warning: {name} is configured but not there now"));
    }
    match format {
        Format::Json => print_json(&Answer::new(rows)),
        Format::Csv => {
            let header = [
                "name",
                "up",
                "loopback",
                "default_route",
                "chosen",
                "mac",
                "addresses",
            ];
            print(&csv(
                &header,
                &rows.iter().map(csv_row).collect::<Vec<_>>(),
            )?)
        }
        Format::Table => {
            let header = [
                ("INTERFACE", Align::Left),
                ("STATE", Align::Left),
                ("DEFAULT ROUTE", Align::Left),
                ("CAPTURED", Align::Left),
                ("ADDRESSES", Align::Left),
            ];
            print(columns(&header, &rows.iter().map(table_row).collect::<Vec<_>>()).as_bytes())
        }
    }
}

fn row(interface: &Interface, chosen: &[String]) -> Row {
    let mac = interface
        .mac
        .map(|mac| mac.map(|byte| format!("{byte:02x}")).join(":"));
    Row {
        name: interface.name.clone(),
        up: interface.up,
        loopback: interface.loopback,
        default_route: interface.default_route,
        chosen: chosen
            .iter()
            .any(|name| *name == interface.name || name == "any"),
        mac,
        addresses: interface
            .addresses
            .iter()
            .map(|(address, _)| shown(*address))
            .collect(),
    }
}

fn shown(address: IpAddr) -> String {
    address.to_string()
}

fn csv_row(row: &Row) -> Vec<String> {
    vec![
        row.name.clone(),
        row.up.to_string(),
        row.loopback.to_string(),
        row.default_route.to_string(),
        row.chosen.to_string(),
        row.mac.clone().unwrap_or_default(),
        row.addresses.join(" "),
    ]
}

fn table_row(row: &Row) -> Vec<String> {
    let word = |set: bool| if set { "yes" } else { "no" }.to_owned();
    vec![
        row.name.clone(),
        if row.up { "up" } else { "down" }.to_owned(),
        word(row.default_route),
        word(row.chosen),
        row.addresses.join(", "),
    ]
}
