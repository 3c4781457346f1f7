#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| collector::privacy::fuzzing::unmask_files(data));
