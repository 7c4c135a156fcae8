//! Uploads: blocking code reads a body that arrives asynchronously, a piece at a time; the parts of a multipart form.

use super::failure::PageFailure;
use crate::actions::Failure;
use actix_multipart::Field;
use actix_web::web::Bytes;
use futures_util::{Stream, StreamExt};
use std::io::Read;
use tokio::sync::mpsc;

/// Pieces that may wait between network and disk: bounds the memory of an upload.
const PIECES_WAITING: usize = 8;

/// Largest text field of a multipart form, bytes.
const TEXT_MAX: usize = 16 * 1024;

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

/// The name that the browser gave; none when no file was chosen.
pub(super) fn file_name(field: &Field) -> Option<String> {
    let name = field.content_disposition()?.get_filename()?;
    (!name.is_empty()).then(|| name.to_owned())
}

/// A name fit for an error message. It may hold a secret itself, so only its cleaned end is said.
pub(super) fn shown_name(name: &str) -> String {
    crate::domain::evidence::safe_name(name).chars().take(60).collect()
}

/// A text field of the form, bounded.
pub(super) async fn text(field: &mut Field) -> Result<String, PageFailure> {
    let mut bytes = Vec::new();
    while let Some(piece) = field.next().await {
        let piece = piece.map_err(|_| broken_off())?;
        if bytes.len() + piece.len() > TEXT_MAX {
            let message = format!("A text field of the form is longer than {} KB. Send it as a file.", TEXT_MAX / 1024);
            return Err(PageFailure(Failure::TooLarge(message)));
        }
        bytes.extend_from_slice(&piece);
    }
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

/// What is said of a form that did not come to its end.
pub(super) fn broken_off() -> PageFailure {
    PageFailure(Failure::Interrupted(
        "The upload broke off before its end; nothing of it was kept. Send it again.".into(),
    ))
}

/// What is said of a form that is not from our page.
pub(super) fn foreign() -> PageFailure {
    PageFailure(Failure::Forbidden(
        "This form did not come from this page, or the page is old. Go back, reload it and send it again.".into(),
    ))
}
