//! Programs, packages, models, and what runs.

use std::fs;
use std::os::unix::fs::symlink;

use flow::TraceKind;

use super::device::{Device, rows, tool_rows};

#[test]
fn commands_and_applications() {
    let device = Device::new();
    device.put_home(".local/bin/aider", "#!/usr/bin/python3");
    device.put("usr/local/bin/ollama", "elf");
    device.put(
        "usr/bin/goose",
        "a database migration tool of the same name",
    );
    device.put_home(".local/bin/goose", "elf");
    device.put_home("Downloads/Cursor-0.45.11-x86_64.AppImage", "elf");
    device.put_home("Downloads/Budget-2026.AppImage", "elf");
    device.put(
        "usr/share/applications/lm-studio.desktop",
        "[Desktop Entry]\nName=LM Studio\nExec=env A=b /opt/lm/lm-studio --no-sandbox %U\n",
    );
    device.put(
        "usr/share/applications/calculator.desktop",
        "[Desktop Entry]\nExec=calculator\n",
    );
    fs::create_dir_all(device.path("var/lib/flatpak/app/ai.jan.Jan/x86_64")).unwrap();
    device.put("var/lib/dpkg/info/cursor.list", "/.\n");
    let scan = device.scan();
    assert_eq!(scan.degradations, Vec::<String>::new());
    assert_eq!(
        rows(&scan, TraceKind::Application),
        [
            "ai.jan.Jan where=system",
            "cursor",
            "aider form=command where=home",
            "cursor form=appimage where=home",
            "lm-studio form=menu where=system",
            "ollama form=command where=system",
            "goose form=command where=home",
        ]
    );
}

#[test]
fn packages_of_languages() {
    let device = Device::new();
    let node = ".nvm/versions/node/v22.11.0/lib/node_modules";
    device.put_home(
        &format!("{node}/@anthropic-ai/claude-code/package.json"),
        r#"{"name": "@anthropic-ai/claude-code", "version": "2.0.14"}"#,
    );
    device.put_home(
        &format!("{node}/npm/package.json"),
        r#"{"version": "10.9.0"}"#,
    );
    device.put(
        "usr/lib/node_modules/@google/gemini-cli/package.json",
        r#"{"version": "0.9.0"}"#,
    );
    device.put_home("venv/pyvenv.cfg", "home = /usr/bin\n");
    device.put_home(
        "venv/lib/python3.12/site-packages/openai-1.99.1.dist-info/METADATA",
        "",
    );
    device.put_home(
        "venv/lib/python3.12/site-packages/secret_project-0.1.dist-info/METADATA",
        "",
    );
    device.put_home(".local/share/pipx/venvs/aider-chat/lib/python3.12/site-packages/aider_chat-0.86.1.dist-info/METADATA", "");
    device.put_home(
        "thesis/lib/python3.12/site-packages/anthropic-1.0.dist-info/METADATA",
        "no environment",
    );
    assert_eq!(
        rows(&device.scan(), TraceKind::Package),
        [
            "@anthropic-ai/claude-code version=2.0.14 where=home",
            "@google/gemini-cli version=0.9.0 where=system",
            "aider-chat version=0.86.1 where=home",
            "openai version=1.99.1 where=home",
        ]
    );
}

#[test]
fn models_on_the_disk() {
    let device = Device::new();
    let manifest = r#"{"schemaVersion": 2, "layers": [
        {"mediaType": "application/vnd.ollama.image.model", "digest": "sha256:0", "size": 2019377376},
        {"mediaType": "application/vnd.ollama.image.template", "size": 1429}]}"#;
    let library = ".ollama/models/manifests/registry.ollama.ai";
    device.put_home(&format!("{library}/library/llama3.2/3b"), manifest);
    device.put_home(&format!("{library}/mannix/defog/latest"), manifest);
    device.put(
        "usr/share/ollama/.ollama/models/manifests/registry.ollama.ai/library/qwen3/8b",
        manifest,
    );
    device.put_home(".lmstudio/models/lmstudio-community/Qwen2.5-7B-Instruct-GGUF/Qwen2.5-7B-Instruct-Q4_K_M.gguf", [0; 700]);
    device.put_home(
        ".cache/huggingface/hub/models--sentence-transformers--all-MiniLM-L6-v2/blobs/abc",
        [0; 90],
    );
    device.put_home(".cache/huggingface/hub/models--sentence-transformers--all-MiniLM-L6-v2/snapshots/1/model.safetensors", [0; 1]);
    device.put_home(".cache/huggingface/hub/datasets--squad/blobs/abc", [0; 90]);
    device.put_home(
        ".local/share/nomic.ai/GPT4All/Meta-Llama-3-8B-Instruct.Q4_0.gguf",
        [0; 40],
    );
    device.put_home("models/gemma-3-4b-it-q4_0.gguf", [0; 50]);
    device.put_home("models/plan-of-the-house.safetensors", [0; 50]);
    let scan = device.scan();
    assert_eq!(scan.degradations, Vec::<String>::new());
    assert_eq!(
        tool_rows(&scan, TraceKind::LocalModel),
        [
            "gpt4all: Meta-Llama-3-8B-Instruct.Q4_0 bytes=40 format=gguf",
            "huggingface: sentence-transformers/all-MiniLM-L6-v2 bytes=90 format=safetensors",
            "llama-cpp: gemma-3-4b-it-q4_0 bytes=50 format=gguf",
            "lm-studio: lmstudio-community/Qwen2.5-7B-Instruct-GGUF bytes=700 format=gguf",
            "ollama: llama3.2:3b bytes=2019377376 format=gguf",
            "ollama: mannix/defog:latest bytes=2019377376 format=gguf",
            "ollama: qwen3:8b bytes=2019377376 format=gguf",
        ]
    );
}

#[test]
fn folders_of_settings_that_the_catalogue_lists() {
    let device = Device::new();
    fs::create_dir_all(device.home(".codex/log")).unwrap();
    fs::create_dir_all(device.home(".ollama/models/blobs")).unwrap();
    fs::create_dir_all(device.home(".unknown-tool")).unwrap();
    let mut found = rows(&device.scan(), TraceKind::Configuration);
    found.dedup();
    assert_eq!(found, ["~/.codex", "~/.ollama", "~/.ollama/models"]);
}

fn process(device: &Device, pid: u32, executable: &str, name: &str, line: &str) {
    let folder = device.path(&format!("proc/{pid}/comm"));
    fs::write(&folder, format!("{name}\n")).unwrap();
    device.put(&format!("proc/{pid}/cmdline"), line.replace(' ', "\0"));
    symlink(executable, device.path(&format!("proc/{pid}/exe"))).unwrap();
}

#[test]
fn programs_that_run() {
    let device = Device::new();
    process(
        &device,
        10,
        "/usr/local/bin/node",
        "MainThread",
        "node /home/kowalska/.npm-global/lib/node_modules/@openai/codex/bin/codex.js exec secret-prompt",
    );
    process(
        &device,
        11,
        "/home/kowalska/.local/share/claude/versions/2.0.1",
        "claude",
        "claude --resume secret-session",
    );
    process(
        &device,
        12,
        "/usr/local/bin/node",
        "node",
        "node /srv/app/server.js",
    );
    process(
        &device,
        13,
        "/usr/bin/python3.12",
        "aider",
        "/usr/bin/python3.12 /home/kowalska/.local/bin/aider --message secret-message",
    );
    process(&device, 14, "/tmp/work/claude", "claude", "./claude");
    process(
        &device,
        15,
        "/usr/bin/python3.12",
        "python3",
        "python3 -m vllm.entrypoints.openai.api_server --api-key secret-key",
    );
    fs::create_dir_all(device.path("proc/2/comm").parent().unwrap()).unwrap();
    device.put("proc/2/comm", "claude\n");
    let scan = device.scan();
    assert_eq!(
        rows(&scan, TraceKind::Process),
        [
            "aider path=/usr/bin/python3.12",
            "claude path=/…/claude",
            "claude path=~/…/2.0.1",
            "python3.12 path=/usr/bin/python3.12",
            "node path=/usr/local/bin/node",
            "node path=/usr/local/bin/node",
            "python3.12 path=/usr/bin/python3.12",
        ]
    );
    let told = format!("{scan:?}");
    assert!(!told.contains("secret"), "{told}");
    assert!(
        scan.traces
            .iter()
            .all(|trace| trace.login.as_deref() == Some("kowalska"))
    );
}

#[test]
fn model_servers_with_their_ports() {
    let device = Device::new();
    process(
        &device,
        20,
        "/usr/local/bin/ollama",
        "ollama",
        "ollama serve",
    );
    process(
        &device,
        21,
        "/opt/llama/llama-server",
        "llama-server",
        "llama-server -m model.gguf",
    );
    let table = "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n\
        0: 0100007F:2CAA 00000000:0000 0A 00000000:00000000 00:00000000 00000000  1000        0 5001 1 0 100 0 0 10 0\n\
        1: 00000000:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000  1000        0 5002 1 0 100 0 0 10 0\n\
        2: 0100007F:2CAA 0100007F:D431 01 00000000:00000000 00:00000000 00000000  1000        0 5003 1 0 20 4 30 10 -1\n";
    for (pid, inode) in [(20, 5001), (21, 5002)] {
        device.put(&format!("proc/{pid}/net/tcp"), table);
        symlink(
            format!("socket:[{inode}]"),
            device.path(&format!("proc/{pid}/fd/3")),
        )
        .unwrap();
        symlink("/dev/null", device.path(&format!("proc/{pid}/fd/0"))).unwrap();
    }
    assert_eq!(
        rows(&device.scan(), TraceKind::Listener),
        [
            "llama-server bind=network port=8080",
            "ollama bind=loopback port=11434"
        ]
    );
}
