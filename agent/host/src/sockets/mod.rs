//! Owners of sockets: kernel events where they can be had, else tables of sockets that are read.
