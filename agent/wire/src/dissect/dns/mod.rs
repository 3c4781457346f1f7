//! DNS messages (RFC 1035), multicast DNS (RFC 6762) and LLMNR (RFC 4795).

/// A DNS message, as a view into the bytes it was read from.
#[derive(Clone, Copy, Debug)]
pub struct DnsMessage<'a> {
    body: &'a [u8],
}
