//! Why bytes of a TCP connection were not looked at.

use crate::dissect::reject::reasons;

reasons! {
    /// What reassembly had to leave out.
    pub enum StreamError {
        /// A direction holds as much as its cap allows, and bytes before that are missing.
        HeldTooMuch = "stream_held_too_much",
        /// A segment lies too far from what was seen to belong to this connection.
        OutOfWindow = "stream_out_of_window",
        /// A retransmission had other bytes than what was kept; the first ones count.
        OverlapDiffers = "stream_overlap_differs",
        /// Bytes were never captured, and a later message was searched for behind them.
        Gap = "stream_gap",
    }
}
