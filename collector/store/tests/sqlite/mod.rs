mod files;
mod old;
mod volume;
