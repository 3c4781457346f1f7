//! What the catalogue knows: services, and the indicators by which each is recognised.

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

use crate::id::ServiceId;
use crate::local::LocalRule;
use crate::vocabulary::{
    Basis, Category, Confidence, DataUse, EnterpriseTier, Platform, Specificity, Surface,
};

/// One AI service: a product that a policy can allow or forbid.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Service {
    /// Stable handle, for example `openai-api`.
    pub id: ServiceId,
    /// Name of the product as people know it.
    pub name: String,
    /// Company or project behind it.
    pub vendor: String,
    /// Kind of service.
    pub category: Category,
    /// Headquarters of the vendor, ISO 3166-1 alpha-2; `None` when unknown or when there is no company.
    pub country: Option<String>,
    /// What the vendor documents about training on customer data.
    pub data_use: DataUse,
    /// Whether there is a tier with business terms.
    pub enterprise_tier: EnterpriseTier,
    /// Public origins of the facts about the service itself.
    pub sources: Vec<String>,
    /// Day of the last review, `YYYY-MM-DD`.
    pub last_checked: String,
    /// Catalogue file that holds the service.
    pub file: Arc<str>,
    /// Line of that file on which it starts, from 1.
    pub line: u32,
    /// Names, patterns and local requests, in file order.
    pub indicators: Vec<Indicator>,
    pub(crate) local_rules: Vec<LocalRule>,
    /// Programs that show the service running.
    pub processes: Vec<Process>,
    /// Traces on a device that show the service installed.
    pub artefacts: Vec<Artefact>,
    /// Names and requests that must match, and look-alikes that must not.
    pub examples: Examples,
}

/// Test vectors of one service, checked by the tests of this crate.
///
/// A text without a space is a host name; one with a space is a request, `METHOD host:port/path`, with ` mcp` behind it
/// when a header of the Model Context Protocol is there.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Examples {
    /// Must give this service.
    pub matches: Vec<String>,
    /// Must not give this service.
    pub near_misses: Vec<String>,
}

/// How an indicator recognises contact.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum IndicatorKind {
    /// The whole name.
    Exact,
    /// The name and everything below it.
    Suffix,
    /// A [pattern](crate::pattern) over the labels of the name.
    Pattern,
    /// A request line to a model server on the device or in the local network.
    Local,
}

impl IndicatorKind {
    /// Every kind.
    pub const ALL: &'static [Self] = &[Self::Exact, Self::Suffix, Self::Pattern, Self::Local];

    /// Returns the word that starts the text form of an indicator.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Exact => "exact",
            Self::Suffix => "suffix",
            Self::Pattern => "pattern",
            Self::Local => "local",
        }
    }
}

/// One way to recognise contact with a service; its text form is `kind:value`, for example `suffix:openai.com`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Indicator {
    pub(crate) kind: IndicatorKind,
    pub(crate) value: Box<str>,
    pub(crate) surface: Surface,
    pub(crate) specificity: Specificity,
    pub(crate) provenance: Provenance,
}

impl Indicator {
    /// Returns how the indicator recognises.
    #[must_use]
    pub const fn kind(&self) -> IndicatorKind {
        self.kind
    }

    /// Returns the name, the pattern or the request line, lower case where names are meant.
    #[must_use]
    pub fn value(&self) -> &str {
        &self.value
    }

    /// Returns the side of the service that it shows.
    #[must_use]
    pub const fn surface(&self) -> Surface {
        self.surface
    }

    /// Returns how much it says about AI use.
    #[must_use]
    pub const fn specificity(&self) -> Specificity {
        self.specificity
    }

    /// Returns what it rests on.
    #[must_use]
    pub const fn basis(&self) -> Basis {
        self.provenance.basis
    }

    /// Returns how far it can be relied on.
    #[must_use]
    pub const fn confidence(&self) -> Confidence {
        self.provenance.basis.confidence()
    }

    /// Returns the public origins of the fact.
    #[must_use]
    pub fn sources(&self) -> &[String] {
        &self.provenance.sources
    }

    /// Returns the catalogue file that holds it.
    #[must_use]
    pub fn file(&self) -> &str {
        &self.provenance.file
    }

    /// Returns the line of the catalogue file, from 1.
    #[must_use]
    pub const fn line(&self) -> u32 {
        self.provenance.line
    }
}

impl fmt::Display for Indicator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.kind.as_str(), self.value)
    }
}

/// Where a fact stands and what it rests on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Provenance {
    /// What it rests on.
    pub basis: Basis,
    /// Public origins: a documentation page, a repository and path.
    pub sources: Arc<[String]>,
    /// Catalogue file.
    pub file: Arc<str>,
    /// Line in that file, from 1.
    pub line: u32,
}

/// A program whose running shows a service `running`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Process {
    /// File name of the executable, compared without regard to case.
    pub name: String,
    /// Text that the executable's path or the command line must hold too; asked for when the name is a common word.
    pub requires: Option<String>,
    /// System it applies to.
    pub platform: Platform,
    /// Side of the service that it shows.
    pub surface: Surface,
    /// Where this comes from.
    pub provenance: Provenance,
}

/// A trace on a device that shows a service `installed`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Artefact {
    /// What sort of trace, lower-kebab: a file or folder (`config-path`, `mcp-config`, `model-dir`), a package
    /// (`npm-package`, `pip-package`, `linux-package`, `flatpak-app`, `snap-package`), an extension of an editor or a
    /// browser (`vscode-extension`, `jetbrains-plugin`, `chrome-extension`, `firefox-extension`) or a `macos-bundle`.
    pub kind: String,
    /// The path (from `~`, `/` or a `%VARIABLE%` of Windows, with forward slashes), extension id (of an editor: lower
    /// case, `publisher.name`) or package name.
    pub value: String,
    /// System it applies to.
    pub platform: Platform,
    /// Side of the service that it shows.
    pub surface: Surface,
    /// Where this comes from.
    pub provenance: Provenance,
}

/// What the matcher says about a name or a request: parts of the catalogue `'c` and of the name `'n`.
#[derive(Clone, Debug)]
pub struct Match<'c, 'n> {
    /// The service that was contacted.
    pub service: &'c Service,
    /// The side of it.
    pub surface: Surface,
    /// How much this says about AI use.
    pub specificity: Specificity,
    /// Why it matched.
    pub indicator: &'c Indicator,
    /// Tenant or resource that a pattern captured, for example `contoso-prod` of `contoso-prod.openai.azure.com`; lower case.
    pub tenant: Option<Cow<'n, str>>,
    /// Cloud region that a pattern captured, for example `eu-central-1`.
    pub region: Option<Cow<'n, str>>,
}
