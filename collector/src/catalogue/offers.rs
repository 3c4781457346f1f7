//! What agents are told about the published bundle, and how they get it.

use std::collections::VecDeque;
use std::pin::Pin;

use futures_util::{Stream, stream};
use proto::v1;
use tokio::sync::watch;
use tonic::Status;

use crate::server::Shutdown;
use crate::status;

/// Bytes in one piece of a bundle.
const PIECE_BYTES: usize = 128 << 10;

/// The published bundle.
#[derive(Clone, Debug)]
pub struct Offer {
    /// Its number.
    pub version: u64,
    /// All of it.
    pub bytes: bytes::Bytes,
}

/// An answer in many messages.
pub type Answers<T> = Pin<Box<dyn Stream<Item = Result<T, Status>> + Send>>;

/// Tells the number of the published bundle, and of each that follows, as long as `allowed` says that the agent may know.
pub fn notices(
    mut offers: watch::Receiver<Option<Offer>>,
    shutdown: Shutdown,
    allowed: impl Fn() -> Result<(), Status> + Send + Sync + 'static,
) -> Answers<v1::CatalogueNotice> {
    offers.mark_changed();
    let state = Some((offers, shutdown, allowed));
    Box::pin(stream::unfold(state, |state| async {
        let (mut offers, mut shutdown, allowed) = state?;
        loop {
            let changed = tokio::select! {
                changed = offers.changed() => changed,
                () = shutdown.wait() => return Some((Err(status::stopping()), None)),
            };
            if changed.is_err() {
                return Some((Err(status::stopping()), None));
            }
            if let Err(status) = allowed() {
                return Some((Err(status), None));
            }
            let notice = offers.borrow_and_update().as_ref().map(|offer| {
                let bytes = u64::try_from(offer.bytes.len()).unwrap_or(u64::MAX);
                v1::CatalogueNotice {
                    version: offer.version,
                    bytes,
                }
            });
            if let Some(notice) = notice {
                return Some((Ok(notice), Some((offers, shutdown, allowed))));
            }
        }
    }))
}

/// Gives the published bundle in pieces.
///
/// # Errors
/// `NOT_FOUND` when it is not the one that was asked for; the agent is told of the new one.
pub fn fetch(
    offers: &watch::Receiver<Option<Offer>>,
    version: u64,
) -> Result<Answers<v1::CataloguePiece>, Status> {
    let offer = offers.borrow().clone();
    let offer = offer
        .filter(|offer| offer.version == version)
        .ok_or_else(|| Status::not_found("this bundle is not published any more"))?;
    let mut pieces = VecDeque::new();
    let mut rest = offer.bytes;
    while !rest.is_empty() {
        let piece = rest.split_to(rest.len().min(PIECE_BYTES));
        pieces.push_back(Ok(v1::CataloguePiece {
            data: piece.to_vec(),
        }));
    }
    Ok(Box::pin(stream::iter(pieces)))
}
