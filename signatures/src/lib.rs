//! The catalogue of AI services, and the matcher over it.
//!
//! A **service** is a product that a policy can allow or forbid. Its **indicators** are the names and requests by which
//! contact with it is recognised on the wire; **processes** and **artefacts** are the traces of it on a device.
//!
//! ```
//! use signatures::{Catalogue, Specificity};
//!
//! let found = Catalogue::builtin().matcher().match_name(b"Contoso-Prod.openai.azure.com.").expect("listed");
//! assert_eq!(found.service.id, "azure-openai");
//! assert_eq!(found.tenant.as_deref(), Some("contoso-prod"));
//! assert_eq!(found.specificity, Specificity::Exclusive);
//! assert_eq!(found.indicator.to_string(), "pattern:{tenant}.openai.azure.com");
//! ```
//!
//! This crate reads texts and bytes that it is given; reading and watching files is the programs' business. Nothing here
//! depends on time or on an order that could change from run to run.
//!
//! Whatever a catalogue is loaded from, it lies in memory in one compact form (the page of `compiled` says which), and a
//! service is read from it when it is asked for first. The program carries its own catalogue in that form: the build
//! script reads the files of the folder `catalogue` with the same code and fails, with file and line, where one is wrong.
//!
//! # The format
//!
//! A catalogue is a set of TOML files, one for each vendor or family. An unknown key, a wrong type, a name claimed twice
//! or an unreachable one refuses the whole set, and [`LoadError`] lists every problem with file and line.
//!
//! ```toml
//! last_checked = "2026-11-20"          # day of the review; a service may have its own
//!
//! [vendor]                             # optional: what the services of the file share
//! name = "OpenAI"
//! country = "US"                       # optional: ISO 3166-1 alpha-2 of the headquarters
//!
//! [[service]]
//! id = "openai-api"                    # lower-kebab, unique, never reused
//! name = "OpenAI API platform"
//! vendor = "OpenAI"                    # needed where [vendor] is missing, like last_checked
//! country = "US"                       # optional, goes before [vendor]
//! category = "model-api"               # a word of `Category`
//! data_use = "no-training"             # optional: trains, opt-out, no-training, unknown
//! enterprise_tier = "yes"              # optional: yes, no, unknown
//! sources = ["https://..."]            # where the facts about the service come from
//!
//! [service.examples]                   # needed with `names` or `local`; the tests check them
//! match = ["api.openai.com", "eu.api.openai.com"]
//! near_miss = ["notopenai.com", "openai.com.evil.example"]
//!
//! [[service.names]]                    # any number of groups; a group shares everything but its names
//! surface = "api"                      # a word of `Surface`
//! specificity = "exclusive"            # optional: exclusive, shared, third-party-dependency
//! exact = ["platform.example.com"]     # the whole name
//! suffix = ["api.openai.com"]          # the name and everything below it
//! pattern = ["{tenant}.example.com"]   # see the page of `pattern`
//! tenant_zone = false                  # optional: true where the vendor owns the hosting zone that the names are in
//! confidence = "vendor-doc"            # vendor-doc, curated-list, single-mention, unverified
//! sources = ["https://..."]
//!
//! [[service.local]]                    # a model server on the device or in the local network, see `LocalRequest`
//! ports = [11434]
//! hosts = ["ollama"]                   # first label of the request's host
//! user_agents = ["example-client/"]    # start of the User-Agent, a product and a slash
//! mcp = false                          # true: a header of the Model Context Protocol, on any port
//! any_port = false                     # true only without the four above
//! requests = ["POST /api/generate", "HEAD /api/blobs/*"]
//! surface = "local-runtime"            # optional, this is the default
//! confidence = "vendor-doc"
//! sources = ["https://..."]
//!
//! [[service.process]]
//! names = ["node", "node.exe"]         # file names of the executable
//! requires = "@openai/codex"           # optional: text that path or command line must hold too
//! platform = "any"                     # optional: any, linux, macos, windows
//! surface = "cli"                      # optional, default app
//! confidence = "curated-list"
//! sources = ["https://..."]
//!
//! [[service.artefact]]
//! kind = "npm-package"
//! values = ["@openai/codex"]
//! platform = "any"                     # optional
//! surface = "cli"                      # optional, default app
//! confidence = "curated-list"
//! sources = ["https://..."]
//! ```
//!
//! # Local files
//!
//! An administrator's own files have the same format, and may say what to do about services of the catalogue:
//!
//! ```toml
//! [[exception]]
//! service = "example-chat"
//! action = "silence"                   # never report it; or "report-shared": report contact with its shared names, too
//! reason = "our own contract"          # optional, for people
//! ```
//!
//! # What the words promise
//!
//! - **exclusive**: the name serves this AI service and nothing else. Only such a name makes a finding by itself.
//! - **shared**: the name also serves uses without AI; contact with the product is not AI use. Silent by default.
//! - **third-party-dependency**: infrastructure that everybody uses. Known, so that a person who asks gets an answer;
//!   never a finding.
//!
//! A public suffix is no indicator. A hosting zone (`hf.space`, `lovable.app`, `github.io`) is one only for its owner, in
//! a group with `tenant_zone = true`. Names that rest on lists without a licence alone stay at `single-mention`.
//! Whatever an exclusive suffix above it would always hide (a pattern, a shared suffix) is refused at load: see the
//! order of look-up at [`Matcher`].

#![forbid(unsafe_code)]
#![warn(missing_docs)]

pub mod bundle;
mod catalogue;
mod compiled;
mod counts;
mod diff;
pub mod fuzzing;
mod id;
mod labels;
mod layers;
mod lint;
mod load;
mod local;
mod matcher;
mod model;
mod name;
pub mod pattern;
mod public_suffix;
mod services;
mod version;
mod vocabulary;

pub use catalogue::Catalogue;
pub use counts::counts;
pub use diff::{Change, ChangeKind, diff};
pub use id::{InvalidServiceId, MAX_SERVICE_ID, ServiceId};
pub use layers::Layers;
pub use lint::lint;
pub use load::{LoadError, MAX_FILE_BYTES, MAX_FILES, MAX_INDICATORS, MAX_SERVICES, Problem};
pub use local::LocalRequest;
pub use matcher::Matcher;
pub use model::{
    Artefact, Examples, Indicator, IndicatorKind, Match, Process, Provenance, Service,
};
pub use name::MAX_NAME;
pub use vocabulary::{
    Basis, Category, Confidence, DataUse, EnterpriseTier, Platform, Specificity, Surface,
    UnknownWord,
};
