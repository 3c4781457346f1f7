//! The score of a service, with everything that it is made of.

use inventory::{RestsOn, Risk, RiskFactor};
use serde::{Deserialize, Serialize};

use super::Provenance;

/// How much a service wants to be looked at; `gnomon-collector catalogue risk` says how it is made.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct RiskView {
    /// `low`, `medium`, `high`, `critical`.
    pub level: String,
    /// From 0 to 100.
    pub score: u8,
    /// The score if everything that is unknown were harmless.
    pub least: u8,
    /// The score if everything that is unknown were as bad as can be.
    pub most: u8,
    /// What the score is made of.
    pub factors: Vec<RiskFactorView>,
}

/// One factor of a score.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct RiskFactorView {
    /// `data_use`, `category` and so on.
    pub factor: String,
    /// Points that it gives.
    pub points: u8,
    /// Most points that it could give.
    pub most: u8,
    /// What the points rest on.
    pub basis: Provenance,
    /// Which of the factor's cases applies.
    pub case: String,
    /// The same as a sentence.
    pub sentence: String,
}

impl From<&Risk> for RiskView {
    fn from(risk: &Risk) -> Self {
        Self {
            level: risk.level.to_string(),
            score: risk.score,
            least: risk.least,
            most: risk.most,
            factors: risk.factors.iter().map(RiskFactorView::from).collect(),
        }
    }
}

impl From<&RiskFactor> for RiskFactorView {
    fn from(one: &RiskFactor) -> Self {
        Self {
            factor: one.factor.to_string(),
            points: one.points,
            most: one.most,
            basis: match one.rests_on {
                RestsOn::Catalogue => Provenance::Catalogue,
                RestsOn::Observed => Provenance::Observed,
                RestsOn::Declared => Provenance::Declared,
                RestsOn::Unknown => Provenance::Unknown,
            },
            case: one.case.to_owned(),
            sentence: one.sentence.clone(),
        }
    }
}
