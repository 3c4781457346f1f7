//! Fuzz bodies, one function for each target.
