//! The closed word lists of the catalogue: category, surface, specificity, confidence and the like.
//!
//! Each word has one spelling, the one in the TOML files, in findings and in exports.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// Says that a word is none of a closed list.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("unknown {list} {word:?}, expected one of {expected}")]
pub struct UnknownWord {
    list: &'static str,
    word: String,
    expected: String,
}

/// Longest unknown word that an error repeats, in characters.
const MAX_SHOWN: usize = 64;

impl UnknownWord {
    pub(crate) fn new(list: &'static str, word: &str, expected: &str) -> Self {
        Self {
            list,
            word: word.chars().take(MAX_SHOWN).collect(),
            expected: expected.into(),
        }
    }
}

macro_rules! vocabulary {
    ($(#[$meta:meta])* $name:ident, $list:literal, { $($(#[$word_meta:meta])* $variant:ident = $word:literal,)+ }) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum $name { $($(#[$word_meta])* $variant,)+ }

        impl $name {
            /// Every word of the list, in order.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)+];

            /// Returns the word as it is spelled in files and exports.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word,)+ }
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(self.as_str())
            }
        }

        impl FromStr for $name {
            type Err = UnknownWord;

            fn from_str(word: &str) -> Result<Self, Self::Err> {
                Self::ALL.iter().copied().find(|known| known.as_str() == word).ok_or_else(|| {
                    UnknownWord::new($list, word, &[$($word,)+].join(", "))
                })
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.as_str())
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
            }
        }
    };
}

vocabulary! {
    /// What kind of AI service it is, in the terms a policy is written in.
    Category, "category", {
        /// A general assistant that people chat with.
        ChatAssistant = "chat-assistant",
        /// A vendor's own models behind an API.
        ModelApi = "model-api",
        /// One API in front of many vendors' models.
        Gateway = "gateway",
        /// Completion and chat inside an editor.
        CodingAssistant = "coding-assistant",
        /// An agent that edits code and runs commands by itself.
        CodingAgent = "coding-agent",
        /// A site that builds whole applications from a prompt.
        AppBuilder = "app-builder",
        /// A browser with an assistant built in.
        AiBrowser = "ai-browser",
        /// Records and summarises meetings.
        MeetingNotes = "meeting-notes",
        /// Makes or edits images.
        Image = "image",
        /// Makes or edits video.
        Video = "video",
        /// Makes, recognises or edits speech and music.
        Audio = "audio",
        /// Answers questions from the web or from documents.
        Search = "search",
        /// Drafts and corrects text.
        Writing = "writing",
        /// Translates text.
        Translation = "translation",
        /// Builds or runs agents and workflows.
        AgentPlatform = "agent-platform",
        /// Hosts models and data sets for download.
        ModelHub = "model-hub",
        /// Runs open models or custom ones for its customers.
        InferenceCloud = "inference-cloud",
        /// A product of another kind with AI features in it.
        EmbeddedAi = "embedded-ai",
        /// Runs models on the device or in the local network.
        LocalRuntime = "local-runtime",
        /// A companion or role-play character.
        Companion = "companion",
        /// Infrastructure that AI sites use like everybody else; never a finding.
        Dependency = "dependency",
        /// None of the others.
        Other = "other",
    }
}

vocabulary! {
    /// By which side of a service contact is made.
    Surface, "surface", {
        /// A page in a browser.
        Web = "web",
        /// A programming interface.
        Api = "api",
        /// A command line program.
        Cli = "cli",
        /// An editor or its plug-in.
        Ide = "ide",
        /// A desktop or mobile application.
        App = "app",
        /// A browser extension.
        Extension = "extension",
        /// A server of the Model Context Protocol.
        Mcp = "mcp",
        /// A model server on the device or in the local network.
        LocalRuntime = "local-runtime",
        /// Usage statistics, crash reports, feature flags.
        Telemetry = "telemetry",
        /// Sign-in only.
        Auth = "auth",
        /// Installers, updates, model files.
        Download = "download",
    }
}

vocabulary! {
    /// How much contact with a name says about AI use.
    Specificity, "specificity", {
        /// The name serves this AI service and nothing else.
        Exclusive = "exclusive",
        /// The name serves a product that also has uses without AI; silent unless an administrator turns the service on.
        Shared = "shared",
        /// Infrastructure that AI sites merely use; known, and always silent.
        ThirdPartyDependency = "third-party-dependency",
    }
}

vocabulary! {
    /// What an indicator rests on.
    Basis, "confidence", {
        /// The vendor's own documentation or code.
        VendorDoc = "vendor-doc",
        /// A maintained public list.
        CuratedList = "curated-list",
        /// One mention somewhere, or lists without a licence only.
        SingleMention = "single-mention",
        /// Believed, not yet confirmed by a source.
        Unverified = "unverified",
    }
}

vocabulary! {
    /// How far an indicator can be relied on; follows from its [`Basis`].
    Confidence, "confidence level", {
        /// The vendor says so.
        High = "high",
        /// A maintained public list says so.
        Medium = "medium",
        /// Somebody says so.
        Low = "low",
    }
}

vocabulary! {
    /// What the vendor documents about training on customer data by default: of the plan that anybody can sign up for.
    ///
    /// Business terms, where [`EnterpriseTier`] says that there are some, usually promise more.
    DataUse, "data_use", {
        /// Trains on what users send.
        Trains = "trains",
        /// Trains unless the user opts out.
        OptOut = "opt-out",
        /// Does not train.
        NoTraining = "no-training",
        /// Not documented, or not yet read.
        Unknown = "unknown",
    }
}

vocabulary! {
    /// Whether the vendor offers a tier with business terms.
    EnterpriseTier, "enterprise_tier", {
        /// Offered.
        Yes = "yes",
        /// Not offered.
        No = "no",
        /// Not yet read.
        Unknown = "unknown",
    }
}

vocabulary! {
    /// An operating system that a process or an artefact belongs to.
    Platform, "platform", {
        /// Every system.
        Any = "any",
        /// Linux.
        Linux = "linux",
        /// macOS.
        Macos = "macos",
        /// Windows.
        Windows = "windows",
    }
}

impl Basis {
    /// Returns how far an indicator with this basis can be relied on.
    #[must_use]
    pub const fn confidence(self) -> Confidence {
        match self {
            Self::VendorDoc => Confidence::High,
            Self::CuratedList => Confidence::Medium,
            Self::SingleMention | Self::Unverified => Confidence::Low,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_reads_back() {
        for category in Category::ALL {
            assert_eq!(category.as_str().parse(), Ok(*category));
        }
        for surface in Surface::ALL {
            assert_eq!(surface.as_str().parse(), Ok(*surface));
        }
    }

    #[test]
    fn an_unknown_word_is_named_with_what_was_expected() {
        let error = "cdn".parse::<Surface>().unwrap_err().to_string();
        assert!(
            error.starts_with("unknown surface \"cdn\", expected one of web, api"),
            "{error}"
        );
    }
}
