#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| host::presence::fuzzing::presence(data));
