//! Requests to model servers on the device and in the local network.

use signatures::{Catalogue, Confidence, LocalRequest, Surface};

use crate::support::service_of;

#[test]
fn ports_and_paths_together_name_the_runtime() {
    for (request, service) in [
        ("GET localhost:11434/api/tags", "ollama"),
        ("POST 127.0.0.1:11434/api/generate", "ollama"),
        ("POST [::1]:11434/api/chat?stream=1", "ollama"),
        ("HEAD 127.0.0.1:11434/api/blobs/sha256:29fd", "ollama"),
        (
            "POST ollama.internal.example:11434/v1/chat/completions",
            "ollama",
        ),
        ("POST ollama:80/api/chat", "ollama"),
        ("POST OLLAMA.Corp.example:80/v1/chat/completions", "ollama"),
        ("POST 127.0.0.1:1234/v1/chat/completions", "lm-studio"),
        ("POST 127.0.0.1:8080/completion", "llama-cpp"),
        ("POST 127.0.0.1:8080/v1/chat/completions", "llama-cpp"),
        ("POST vllm.corp.example:8080/v1/chat/completions", "vllm"),
        ("POST gpu:8000/v1/chat/completions", "vllm"),
        ("POST 127.0.0.1:8080/models/apply", "localai"),
        ("POST 127.0.0.1:3000/api/chat/completions", "open-webui"),
        ("POST 127.0.0.1:5001/api/v1/generate", "koboldcpp"),
        ("POST 127.0.0.1:8188/prompt", "comfyui"),
        (
            "GET 127.0.0.1:7860/sdapi/v1/sd-models",
            "stable-diffusion-webui",
        ),
        ("POST 127.0.0.1:4891/v1/chat/completions", "gpt4all"),
        (
            "POST 127.0.0.1:9999/v1/chat/completions",
            "openai-compatible-server",
        ),
    ] {
        assert_eq!(service_of(request), Some(service), "{request}");
    }
}

#[test]
fn neither_a_port_nor_a_part_of_a_path_is_enough() {
    for request in [
        "GET localhost:11434/",
        "GET localhost:11434/index.html",
        "POST localhost:3000/api/chat",
        "POST localhost:8080/api/generate",
        "POST localhost:80/my/api/generate",
        "POST localhost:11434/api/generate/more",
        "POST localhost:11434/API/generate",
        "post localhost:11434/api/generate",
        "GET localhost:9999/v1/models",
        "GET localhost:9999/v1/chat/completions",
        "POST localhost:9999/v1/chat/completions/",
        "POST localhost:9999/proxy/v1/chat/completions",
        "GET localhost:8080/health",
        "GET localhost:7860/sdapi/v1",
        "GET localhost:5000/v2/_catalog",
        "POST ollama.example.ollama.com:80/api/chat",
    ] {
        assert_eq!(service_of(request), None, "{request}");
    }
}

#[test]
fn a_name_of_the_catalogue_is_no_local_server() {
    assert_eq!(
        service_of("POST api.openai.com:80/v1/chat/completions"),
        None
    );
    assert_eq!(service_of("POST ollama.com:11434/api/chat"), None);
}

#[test]
fn the_unnamed_server_has_low_confidence() {
    let request = LocalRequest {
        host: None,
        method: b"POST",
        path: b"/v1/chat/completions",
        port: 40_000,
        user_agent: Some(b"OpenAI/Python 1.0"),
        mcp: false,
    };
    let found = Catalogue::builtin()
        .matcher()
        .match_local(&request)
        .unwrap();
    assert_eq!(found.service.id.as_str(), "openai-compatible-server");
    assert_eq!(found.indicator.confidence(), Confidence::Low);
    assert_eq!(found.surface, Surface::LocalRuntime);
    assert_eq!(
        found.indicator.to_string(),
        "local:POST /v1/chat/completions"
    );
}
