//! Extension types that the sensor reads (IANA "TLS ExtensionType Values").

/// Server name (RFC 6066 section 3).
pub const SERVER_NAME: u16 = 0;
/// Supported groups, once elliptic curves (RFC 8446 section 4.2.7).
pub const SUPPORTED_GROUPS: u16 = 10;
/// Point formats (RFC 8422 section 5.1.2).
pub const POINT_FORMATS: u16 = 11;
/// Signature algorithms (RFC 8446 section 4.2.3).
pub const SIGNATURE_ALGORITHMS: u16 = 13;
/// Application-layer protocol negotiation (RFC 7301).
pub const APPLICATION_PROTOCOLS: u16 = 16;
/// Early data (RFC 8446 section 4.2.10).
pub const EARLY_DATA: u16 = 42;
/// Supported versions (RFC 8446 section 4.2.1).
pub const SUPPORTED_VERSIONS: u16 = 43;
/// Encrypted ClientHello (RFC 9849).
pub const ENCRYPTED_CLIENT_HELLO: u16 = 0xfe0d;
/// Encrypted server name, the drafts before Encrypted ClientHello.
pub const ENCRYPTED_SERVER_NAME: u16 = 0xffce;

/// Whether `kind` is Encrypted ClientHello, of the RFC or of one of the drafts that clients shipped
/// (draft-ietf-tls-esni-08 to -13). The number of draft 07 was the version extension of early TLS 1.3 drafts
/// before, so it says nothing.
pub const fn is_encrypted_client_hello(kind: u16) -> bool {
    matches!(kind, 0xfe08..=ENCRYPTED_CLIENT_HELLO)
}
