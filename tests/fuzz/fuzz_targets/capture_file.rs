#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| capture::fuzzing::capture_file(
    &fuzz::place("capture"),
    data
));
