//! The messages between agent and collector, and the gRPC services that carry
//! them. The definitions are in `v1/*.proto`; this crate only compiles them:
//! each side converts to its own types in one named file.
//!
//! Rules of the wire, guarded by `tests/compat.rs`:
//! * a field's number, type and meaning never change; fields are only added;
//! * what a receiver does not know it ignores, except that a record without a
//!   body it knows is refused;
//! * no field can carry content, and none may be added that could.

#![forbid(unsafe_code)]

/// Version 1 of the protocol, package `gnomon.v1`.
#[expect(
    clippy::allow_attributes,
    clippy::allow_attributes_without_reason,
    clippy::large_enum_variant,
    clippy::too_many_lines,
    unused_qualifications,
    reason = "generated at build"
)]
pub mod v1 {
    tonic::include_proto!("gnomon.v1");
}
