mod connection;
mod output;
mod policy;
mod server;
mod unmask;
