#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| spool::fuzzing::spool_open(&fuzz::place("spool"), data));
