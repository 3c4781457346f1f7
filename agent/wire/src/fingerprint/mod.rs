//! Fingerprints of TLS clients: JA3 and JA4.
