mod coverage;
mod fold;
mod identity;
