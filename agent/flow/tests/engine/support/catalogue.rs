//! A small catalogue of made-up services.

use std::sync::Arc;

use flow::EngineConfig;
use signatures::Catalogue;

const SERVICES: &str = r#"
last_checked = "2026-11-20"

[vendor]
name = "Example"

[[service]]
id = "talk"
name = "Talk"
category = "chat-assistant"
sources = ["https://example.com/"]
[service.examples]
match = ["api.talk.example"]
near_miss = ["nottalk.example"]
[[service.names]]
surface = "api"
suffix = ["api.talk.example"]
confidence = "vendor-doc"
sources = ["https://example.com/"]
[[service.names]]
surface = "web"
exact = ["talk.example"]
confidence = "vendor-doc"
sources = ["https://example.com/"]
[[service.names]]
surface = "web"
specificity = "shared"
suffix = ["office.example"]
confidence = "vendor-doc"
sources = ["https://example.com/"]

[[service]]
id = "draw"
name = "Draw"
category = "image"
sources = ["https://example.com/"]
[service.examples]
match = ["draw.example"]
near_miss = ["withdraw.example"]
[[service.names]]
surface = "api"
suffix = ["draw.example"]
confidence = "curated-list"
sources = ["https://example.com/"]

[[service]]
id = "cloud"
name = "Cloud"
category = "model-api"
sources = ["https://example.com/"]
[service.examples]
match = ["contoso.models.cloud.example"]
near_miss = ["cloud.example"]
[[service.names]]
surface = "api"
pattern = ["{tenant}.models.cloud.example"]
tenant_zone = true
confidence = "vendor-doc"
sources = ["https://example.com/"]

[[service]]
id = "pieces"
name = "Pieces that others use"
category = "dependency"
sources = ["https://example.com/"]
[service.examples]
match = ["pieces.example"]
near_miss = ["apieces.example"]
[[service.names]]
surface = "web"
specificity = "third-party-dependency"
suffix = ["pieces.example"]
confidence = "vendor-doc"
sources = ["https://example.com/"]

[[service]]
id = "home"
name = "Home"
category = "local-runtime"
sources = ["https://example.com/"]
[service.examples]
match = ["POST localhost:11434/api/generate"]
near_miss = ["POST localhost:11434/other"]
[[service.local]]
ports = [11434]
requests = ["POST /api/generate", "GET /api/tags"]
confidence = "vendor-doc"
sources = ["https://example.com/"]

[[service]]
id = "tools"
name = "Tools"
category = "agent-platform"
sources = ["https://example.com/"]
[service.examples]
match = ["POST localhost:8931/mcp mcp"]
near_miss = ["POST localhost:8931/mcp"]
[[service.local]]
mcp = true
surface = "mcp"
requests = ["POST /mcp"]
confidence = "vendor-doc"
sources = ["https://example.com/"]
"#;

/// The usual set-up of a tap, with the made-up services.
pub(crate) fn tap() -> EngineConfig {
    let files = [(String::from("test.toml"), String::from(SERVICES))];
    let catalogue = Catalogue::load(&files).unwrap_or_else(|error| panic!("{error}"));
    EngineConfig {
        catalogue: Arc::new(catalogue),
        ..EngineConfig::default()
    }
}
