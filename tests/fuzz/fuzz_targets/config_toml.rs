#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    agent::fuzzing::config_toml(data);
    collector::config::fuzzing::config_toml(data);
});
