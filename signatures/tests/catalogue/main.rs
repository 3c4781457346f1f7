//! Tests of the catalogue that is compiled into the program, through the public interface only.

mod examples;
mod facts;
mod local;
mod names;
mod properties;
mod support;
