//! `catalogue risk`: how the risk scores of this collector are made.

use anyhow::Result;
use inventory::RestsOn;
use serde::Serialize;

use super::super::Place;
use super::super::output::{self, Format, Row};

/// One case of one factor.
#[derive(Debug, Serialize)]
struct CaseRow {
    factor: &'static str,
    weight: u8,
    case: &'static str,
    share_percent: u8,
    means: &'static str,
}

impl Row for CaseRow {
    const HEADER: &'static [&'static str] = &["factor", "weight", "case", "share", "means"];
    const NONE: &'static str = "no factor has a weight";

    fn cells(&self) -> Vec<String> {
        vec![
            self.factor.to_owned(),
            self.weight.to_string(),
            self.case.to_owned(),
            format!("{}%", self.share_percent),
            self.means.to_owned(),
        ]
    }
}

pub(super) fn risk(place: &Place, format: Format) -> Result<()> {
    let model = place.config()?.risk;
    let mut rows = Vec::new();
    for (factor, weight) in model.weights() {
        rows.extend(factor.cases().iter().map(|case| CaseRow {
            factor: factor.as_str(),
            weight,
            case: case.word,
            share_percent: case.share,
            means: case.says,
        }));
    }
    if format == Format::Table {
        let countries: Vec<&str> = model.countries().collect();
        output::line(&explanation(&countries))?;
    }
    output::rows(&rows, format)
}

fn explanation(countries: &[&str]) -> String {
    let declared = if countries.is_empty() {
        "none".to_owned()
    } else {
        countries.join(", ")
    };
    let unknown = RestsOn::Unknown;
    format!(
        "A score goes from 0 to 100: low, from 25 medium, from 50 high, from 75 critical.\n\
         Of each factor one case applies and gives its share of the factor's weight. The\n\
         score is the sum of the points, in percent of the sum of the weights. What is not\n\
         known counts half and is marked {unknown:?}. A score decides nothing.\n\n\
         Countries that are declared a concern: {declared}. Weights and countries are set in\n\
         the config file, [risk] and [risk.weights].\n",
        unknown = unknown.as_str()
    )
}
