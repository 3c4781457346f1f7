#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| signatures::fuzzing::bundle(data));
