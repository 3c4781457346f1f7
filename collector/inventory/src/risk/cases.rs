//! The cases of each factor, and the share of its weight that each gives.

use super::Factor;

/// One case of a factor.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Case {
    /// Name of the case; those of the catalogue's word lists have the words of these.
    pub word: &'static str,
    /// Share of the factor's weight, in percent.
    pub share: u8,
    /// What it means, a sentence.
    pub says: &'static str,
}

const fn case(word: &'static str, share: u8, says: &'static str) -> Case {
    Case { word, share, says }
}

/// What stands for a case that no list has.
pub(super) const UNKNOWN: Case = case("unknown", 50, "It is not known.");

const DATA_USE: &[Case] = &[
    case("trains", 100, "The vendor trains on what users send."),
    case(
        "opt-out",
        70,
        "The vendor trains on what users send unless they opt out.",
    ),
    case(
        "no-training",
        0,
        "The vendor does not train on what users send.",
    ),
    case(
        "unknown",
        50,
        "What the vendor does with what users send is not known.",
    ),
];

const ENTERPRISE_TIER: &[Case] = &[
    case("yes", 0, "There is a tier with business terms."),
    case("no", 100, "There is no tier with business terms."),
    case(
        "unknown",
        50,
        "Whether there is a tier with business terms is not known.",
    ),
];

const JURISDICTION: &[Case] = &[
    case("none-declared", 0, "No country is declared a concern."),
    case(
        "declared",
        100,
        "The vendor's headquarters is in a country that is declared a concern.",
    ),
    case(
        "other",
        0,
        "The vendor's headquarters is in no country that is declared a concern.",
    ),
    case(
        "unknown",
        50,
        "Where the vendor's headquarters is, is not known, and countries are declared a concern.",
    ),
];

const CATEGORY: &[Case] = &[
    case(
        "chat-assistant",
        60,
        "People type and upload anything into a general assistant.",
    ),
    case("model-api", 40, "Programs send to a vendor's own models."),
    case(
        "gateway",
        80,
        "Keys and prompts for many vendors pass through one more party.",
    ),
    case(
        "relay",
        100,
        "Keys and prompts for many vendors pass through a party that names no headquarters and no business terms.",
    ),
    case(
        "coding-assistant",
        60,
        "It reads the code that is worked on.",
    ),
    case(
        "coding-agent",
        90,
        "It acts by itself, with the rights of its user, on code and machines.",
    ),
    case(
        "app-builder",
        60,
        "It builds and hosts applications from what it is told.",
    ),
    case(
        "ai-browser",
        90,
        "It reads and acts on every page that its user can open.",
    ),
    case("meeting-notes", 80, "It records what others say, too."),
    case("image", 40, "It makes images from what it is given."),
    case("video", 40, "It makes video from what it is given."),
    case("audio", 50, "It records, copies or makes voices."),
    case("search", 50, "Questions tell what is worked on."),
    case("writing", 60, "Drafts and letters pass through it."),
    case("translation", 60, "Whole documents pass through it."),
    case(
        "agent-platform",
        90,
        "It runs agents that act by themselves on what they are connected to.",
    ),
    case("model-hub", 30, "It is where models and data come from."),
    case(
        "inference-cloud",
        40,
        "Programs send to models that somebody else runs.",
    ),
    case(
        "embedded-ai",
        40,
        "A product of another kind with AI in it.",
    ),
    case(
        "local-runtime",
        10,
        "It runs on the device or in the local network.",
    ),
    case("companion", 80, "People confide in it."),
    case("dependency", 0, "It is infrastructure."),
    case("other", 50, "It is of no common kind."),
    case(
        "unknown",
        50,
        "The catalogue of this collector does not list it.",
    ),
];

const SURFACE: &[Case] = &[
    case("mcp", 100, "Tools act through it for a model."),
    case(
        "extension",
        100,
        "An extension can read what is in the browser or editor.",
    ),
    case(
        "cli",
        80,
        "A program in the terminal reads files and runs commands.",
    ),
    case("ide", 80, "It is in the editor."),
    case("api", 60, "Programs send to it."),
    case("app", 60, "It has a program of its own on the device."),
    case("web", 50, "It is used in a browser."),
    case(
        "local-runtime",
        20,
        "It answers on the device or in the local network.",
    ),
    case("download", 20, "It was fetched from."),
    case("auth", 20, "Only its sign-in was seen."),
    case("telemetry", 10, "Only its usage statistics were seen."),
    case("not-sighted", 0, "It was not sighted in this time."),
    case("unknown", 50, "Which side of it was met is not known."),
];

const SOURCING: &[Case] = &[
    case(
        "vendor-doc",
        0,
        "The vendor documents what it is recognised by.",
    ),
    case(
        "curated-list",
        30,
        "A maintained public list has what it is recognised by.",
    ),
    case(
        "single-mention",
        80,
        "What it is recognised by rests on one mention.",
    ),
    case(
        "unverified",
        100,
        "What it is recognised by is not confirmed.",
    ),
    case(
        "unknown",
        50,
        "The catalogue of this collector does not say what it is recognised by.",
    ),
];

const STAGE: &[Case] = &[
    case("used", 100, "It was used."),
    case("contacted", 60, "It was contacted."),
    case("resolved", 30, "Its name was looked up."),
    case("running", 40, "A program of it was running."),
    case("installed", 20, "It is installed."),
    case("not-sighted", 0, "It was not sighted in this time."),
];

const VOLUME: &[Case] = &[
    case("none", 0, "Nothing was seen to be sent."),
    case(
        "below-100-kb",
        20,
        "Less than 100 kB was sent: questions, not documents.",
    ),
    case("below-1-mb", 40, "Less than 1 MB was sent."),
    case("below-10-mb", 60, "Less than 10 MB was sent."),
    case("below-100-mb", 80, "Less than 100 MB was sent."),
    case("from-100-mb", 100, "100 MB or more was sent."),
];

const SPREAD: &[Case] = &[
    case("none", 0, "No device was seen with it."),
    case("one", 20, "One device."),
    case("few", 50, "Two to five devices."),
    case("many", 80, "Six to fifty devices."),
    case("broad", 100, "More than fifty devices."),
];

impl Factor {
    /// Lists its cases.
    #[must_use]
    pub const fn cases(self) -> &'static [Case] {
        match self {
            Self::DataUse => DATA_USE,
            Self::EnterpriseTier => ENTERPRISE_TIER,
            Self::Jurisdiction => JURISDICTION,
            Self::Category => CATEGORY,
            Self::Surface => SURFACE,
            Self::Sourcing => SOURCING,
            Self::Stage => STAGE,
            Self::Volume => VOLUME,
            Self::Spread => SPREAD,
        }
    }

    /// Returns the case with this word; one that no list has counts as unknown.
    pub(super) fn case(self, word: &str) -> Case {
        let mut cases = self.cases().iter().copied();
        cases.find(|case| case.word == word).unwrap_or(UNKNOWN)
    }
}
