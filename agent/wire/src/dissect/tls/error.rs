//! Why bytes that look like a TLS handshake are none.

use crate::dissect::reject::reasons;

reasons! {
    /// What was wrong with a handshake message or with the records that carry it.
    pub enum TlsError {
        /// The handshake message is not a ClientHello.
        NotClientHello = "tls_not_client_hello",
        /// A length inside the hello runs past its end, or a list has half an element.
        BadLength = "tls_bad_length",
        /// A record is longer than RFC 8446 section 5.2 allows, or its header makes no sense.
        BadRecord = "tls_bad_record",
        /// The hello is longer than the sensor keeps.
        TooLong = "tls_too_long",
        /// The hello did not arrive in full, and its name was not in the part that did.
        Incomplete = "tls_incomplete",
    }
}
