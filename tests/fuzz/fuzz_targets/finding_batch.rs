#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| collector::ingest::fuzzing::finding_batch(data));
