//! The one call to the C library that has no safe form.
#![expect(unsafe_code, reason = "calls into the system's C library")]

/// Lets this thread run only when nothing else wants to. A refusal does no harm.
pub(super) fn lower_priority() {
    const LEAST: libc::c_int = 19;
    // SAFETY: takes numbers only; 0 means the calling thread.
    let _refused = unsafe { libc::setpriority(libc::PRIO_PROCESS, 0, LEAST) };
}
