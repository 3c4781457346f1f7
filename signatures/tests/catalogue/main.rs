//! Tests of the catalogue that is compiled into the program, through the public interface only.

mod examples;
mod facts;
mod figures;
mod local;
mod names;
mod overlay;
mod properties;
mod support;
