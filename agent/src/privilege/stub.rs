//! Systems where opening the interface is the only way to know.

pub(crate) fn missing_for_capture() -> Option<&'static str> {
    None
}
