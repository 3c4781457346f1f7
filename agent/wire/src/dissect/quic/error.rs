//! Why bytes that look like QUIC gave no hello.

use crate::dissect::reject::reasons;

reasons! {
    /// What was wrong with an Initial packet or with what it carried.
    pub enum QuicError {
        /// A length in the long header runs past the datagram, or a connection id is too long.
        BadHeader = "quic_bad_header",
        /// The packet does not open with the keys of its connection id: it comes from the server, from the
        /// middle of a connection, or is no QUIC.
        NotOpened = "quic_not_opened",
        /// The opened packet holds a frame that an Initial packet must not hold (RFC 9000 section 12.4).
        BadFrame = "quic_bad_frame",
        /// CRYPTO data lies past what is kept of a hello.
        TooFar = "quic_crypto_too_far",
        /// CRYPTO data came in more pieces than are kept.
        TooManyPieces = "quic_too_many_pieces",
        /// The hello did not arrive in full, and its name was not in the part that did.
        Incomplete = "quic_incomplete",
        /// A length in the client hello of Google QUIC runs past its end.
        BadGquicHello = "gquic_bad_hello",
    }
}
