//! How much a service wants to be looked at: a score that shows what it is made of.
//!
//! The score goes from 0 to 100 and is a sum over nine [factors](Factor). Each factor has a **weight**, the most points
//! that it can give, and **cases**, of which one applies and gives a share of the weight; [`Factor::cases`] lists them all,
//! and `gnomon-collector catalogue risk` prints them with the weights that a collector uses. Together the default weights
//! make 100, so that the points of the factors add up to the score. Where an administrator has set others, the score is
//! their share of the weights' sum.
//!
//! | factor | default weight | asks |
//! |---|---:|---|
//! | `data_use` | 25 | does the vendor train on what users send? |
//! | `enterprise_tier` | 10 | is there a tier with business terms? |
//! | `jurisdiction` | 10 | is the vendor's headquarters in a country that the administrator has declared a concern? |
//! | `category` | 20 | what can a service of this kind do, and what passes through it? |
//! | `surface` | 5 | over which side of it was it met? |
//! | `sourcing` | 5 | how well is what the catalogue recognises it by sourced? |
//! | `stage` | 10 | how far did it get: installed, looked up, contacted, used? |
//! | `volume` | 10 | how much was sent to it? |
//! | `spread` | 5 | how many devices? |
//!
//! No country is a concern unless an administrator says so. What is not known counts half its weight, is marked as
//! [unknown](RestsOn::Unknown), and [`Risk::least`] and [`Risk::most`] say what the score would be at best and at worst.
//! A score is a hint where to look first. It decides nothing: that is what a policy is for.
//!
//! | score | level |
//! |---|---|
//! | 0 to 24 | low |
//! | 25 to 49 | medium |
//! | 50 to 74 | high |
//! | 75 to 100 | critical |

mod cases;
mod judge;
#[cfg(test)]
mod tests;

use std::collections::BTreeSet;

use signatures::Service;

use crate::answer::ServiceUse;
use crate::words::words;
pub use cases::Case;

/// What a score is made of.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Factor {
    /// Training on what users send.
    DataUse,
    /// A tier with business terms.
    EnterpriseTier,
    /// Headquarters in a declared country.
    Jurisdiction,
    /// Kind of service.
    Category,
    /// Side of the service that was met.
    Surface,
    /// What the catalogue's knowledge rests on.
    Sourcing,
    /// How far it got.
    Stage,
    /// Bytes sent.
    Volume,
    /// Devices.
    Spread,
}

words!(Factor, "factor of a risk score", {
    DataUse => "data_use",
    EnterpriseTier => "enterprise_tier",
    Jurisdiction => "jurisdiction",
    Category => "category",
    Surface => "surface",
    Sourcing => "sourcing",
    Stage => "stage",
    Volume => "volume",
    Spread => "spread",
});

impl Factor {
    /// Returns the most points that it gives unless an administrator says otherwise.
    #[must_use]
    pub const fn default_weight(self) -> u8 {
        match self {
            Self::DataUse => 25,
            Self::Category => 20,
            Self::EnterpriseTier | Self::Jurisdiction | Self::Stage | Self::Volume => 10,
            Self::Surface | Self::Sourcing | Self::Spread => 5,
        }
    }
}

/// What a factor's points rest on.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum RestsOn {
    /// A fact of the catalogue.
    Catalogue,
    /// What sensors saw.
    Observed,
    /// What the administrator said.
    Declared,
    /// Nobody knows; half the weight.
    Unknown,
}

words!(RestsOn, "origin", {
    Catalogue => "catalogue",
    Observed => "observed",
    Declared => "declared",
    Unknown => "unknown",
});

/// A score in one word.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum RiskLevel {
    /// Below 25.
    Low,
    /// From 25.
    Medium,
    /// From 50.
    High,
    /// From 75.
    Critical,
}

words!(RiskLevel, "risk level", {
    Low => "low",
    Medium => "medium",
    High => "high",
    Critical => "critical",
});

impl RiskLevel {
    /// Returns the level of a score.
    #[must_use]
    pub const fn of(score: u8) -> Self {
        match score {
            0..25 => Self::Low,
            25..50 => Self::Medium,
            50..75 => Self::High,
            75.. => Self::Critical,
        }
    }
}

/// One factor of a score.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct RiskFactor {
    /// Which.
    pub factor: Factor,
    /// Points that it gives.
    pub points: u8,
    /// Most points that it could give: its weight.
    pub most: u8,
    /// What the points rest on.
    pub rests_on: RestsOn,
    /// Which of its cases applies.
    pub case: &'static str,
    /// The same as a sentence.
    pub sentence: String,
}

/// A score and everything that it is made of.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Risk {
    /// The score in one word.
    pub level: RiskLevel,
    /// From 0 to 100.
    pub score: u8,
    /// The score if everything that is unknown were harmless.
    pub least: u8,
    /// The score if everything that is unknown were as bad as can be.
    pub most: u8,
    /// Every factor with a weight, in the order of [`Factor::ALL`].
    pub factors: Vec<RiskFactor>,
}

/// What an administrator can say about scores.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct RiskModel {
    /// In the order of [`Factor::ALL`].
    weights: [u8; Factor::ALL.len()],
    /// ISO 3166-1 alpha-2.
    countries: BTreeSet<String>,
}

impl Default for RiskModel {
    fn default() -> Self {
        let mut weights = [0; Factor::ALL.len()];
        for (weight, factor) in weights.iter_mut().zip(Factor::ALL) {
            *weight = factor.default_weight();
        }
        Self {
            weights,
            countries: BTreeSet::new(),
        }
    }
}

impl RiskModel {
    /// Sets the most points that a factor gives; 0 leaves it out.
    pub fn set_weight(&mut self, factor: Factor, weight: u8) {
        for (known, one) in self.weights.iter_mut().zip(Factor::ALL) {
            if *one == factor {
                *known = weight;
            }
        }
    }

    /// Declares a country, ISO 3166-1 alpha-2 in upper case, a concern.
    pub fn declare_country(&mut self, country: &str) {
        self.countries.insert(country.to_owned());
    }

    /// Lists the countries that are declared a concern, in order.
    pub fn countries(&self) -> impl Iterator<Item = &str> {
        self.countries.iter().map(String::as_str)
    }

    /// Lists the factors with their weights.
    pub fn weights(&self) -> impl Iterator<Item = (Factor, u8)> {
        Factor::ALL.iter().copied().zip(self.weights)
    }

    /// Judges a service by what the catalogue knows, if it knows it, and by what was seen of it.
    #[must_use]
    pub fn risk(&self, known: Option<&Service>, seen: &ServiceUse) -> Risk {
        let mut factors = Vec::new();
        for (factor, weight) in self.weights().filter(|(_, weight)| *weight > 0) {
            let found = judge::judge(factor, known, seen, &self.countries);
            factors.push(RiskFactor {
                factor,
                points: share_of(weight, found.case.share),
                most: weight,
                rests_on: found.rests_on,
                case: found.case.word,
                sentence: found.sentence(),
            });
        }
        let score = |points: fn(&RiskFactor) -> u8| score(&factors, points);
        let as_is = score(|one| one.points);
        Risk {
            level: RiskLevel::of(as_is),
            score: as_is,
            least: score(|one| if one.is_unknown() { 0 } else { one.points }),
            most: score(|one| {
                if one.is_unknown() {
                    one.most
                } else {
                    one.points
                }
            }),
            factors,
        }
    }
}

impl RiskFactor {
    fn is_unknown(&self) -> bool {
        self.rests_on == RestsOn::Unknown
    }
}

/// A share in percent of a weight, to the nearest point.
fn share_of(weight: u8, percent: u8) -> u8 {
    let points = (u32::from(weight) * u32::from(percent) + 50) / 100;
    u8::try_from(points).unwrap_or(u8::MAX)
}

/// The share of the points in the sum of the weights, in percent.
fn score(factors: &[RiskFactor], points: fn(&RiskFactor) -> u8) -> u8 {
    let points: u32 = factors.iter().map(|one| u32::from(points(one))).sum();
    let all: u32 = factors.iter().map(|one| u32::from(one.most)).sum();
    let percent = (points * 100 + all / 2).checked_div(all).unwrap_or(0);
    u8::try_from(percent.min(100)).unwrap_or(100)
}
