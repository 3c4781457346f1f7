//! Compiles `v1/*.proto` into `OUT_DIR` with compilers written in Rust, so that
//! a build needs no `protoc`.

use std::error::Error;

const FILES: [&str; 2] = ["v1/enrolment.proto", "v1/findings.proto"];

fn main() -> Result<(), Box<dyn Error>> {
    for file in FILES {
        println!("cargo::rerun-if-changed={file}");
    }
    let descriptors = protox::compile(FILES, ["."])?;
    // Ordered maps: equal messages have equal bytes. Connecting is the agent's
    // and the listener's own work, so no transport is generated.
    tonic_prost_build::configure()
        .btree_map(".")
        .build_transport(false)
        .emit_rerun_if_changed(false)
        .compile_fds(descriptors)?;
    Ok(())
}
