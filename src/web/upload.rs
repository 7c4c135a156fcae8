//! Lets blocking code read a body that arrives asynchronously, a piece at a time.

use actix_web::web::Bytes;
use futures_util::{Stream, StreamExt};
use std::io::Read;
use tokio::sync::mpsc;

/// Pieces that may wait between network and disk: bounds the memory of an upload.
const PIECES_WAITING: usize = 8;

/// The reading end.
pub(super) struct BodyReader {
    pieces: mpsc::Receiver<Option<Bytes>>,
    current: Bytes,
    ended: bool,
}

/// The writing end.
pub(super) struct BodySender(mpsc::Sender<Option<Bytes>>);

/// Both ends.
pub(super) fn pipe() -> (BodySender, BodyReader) {
    let (sender, pieces) = mpsc::channel(PIECES_WAITING);
    (BodySender(sender), BodyReader { pieces, current: Bytes::new(), ended: false })
}

impl BodySender {
    /// Sends all of a body and marks its end. A body that breaks off is left without the mark; a reader that has gone
    /// (it refused the upload) ends the sending.
    pub(super) async fn send_all<E>(self, mut body: impl Stream<Item = Result<Bytes, E>> + Unpin) {
        while let Some(piece) = body.next().await {
            let Ok(piece) = piece else { return };
            if self.0.send(Some(piece)).await.is_err() {
                return;
            }
        }
        let _ = self.0.send(None).await;
    }
}

impl Read for BodyReader {
    fn read(&mut self, out: &mut [u8]) -> std::io::Result<usize> {
        while self.current.is_empty() && !self.ended {
            match self.pieces.blocking_recv() {
                Some(Some(piece)) => self.current = piece,
                Some(None) => self.ended = true,
                None => return Err(std::io::ErrorKind::ConnectionAborted.into()),
            }
        }
        let taken = out.len().min(self.current.len());
        out[..taken].copy_from_slice(&self.current.split_to(taken));
        Ok(taken)
    }
}
