//! The bodies of the fuzz targets, one function each: they take any bytes, and panic only when a promise is
//! broken. The targets themselves are one line each and live in `tests/fuzz`.

mod tcp;

pub use tcp::{client_hello, http_head, stream};
