//! A file out of the data folder, sent piece by piece.

use crate::actions::Failure;
use actix_web::HttpResponse;
use actix_web::body::SizedStream;
use actix_web::web::Bytes;
use futures_util::stream;
use std::path::PathBuf;
use tokio::io::AsyncReadExt;

/// Bytes that are read at once.
const PIECE: usize = 64 * 1024;

/// The file as an attachment under this name, which is plain ASCII.
pub(super) async fn attachment(path: PathBuf, kind: &str, name: &str) -> Result<HttpResponse, Failure> {
    let broken = |e: std::io::Error| Failure::Broken(format!("a file cannot be read: {e}"));
    let file = tokio::fs::File::open(path).await.map_err(broken)?;
    let size = file.metadata().await.map_err(broken)?.len();
    let pieces = stream::unfold(file, |mut file| async move {
        let mut piece = vec![0; PIECE];
        match file.read(&mut piece).await {
            Ok(0) => None,
            Ok(read) => {
                piece.truncate(read);
                Some((Ok::<_, std::io::Error>(Bytes::from(piece)), file))
            }
            Err(e) => Some((Err(e), file)),
        }
    });
    Ok(HttpResponse::Ok()
        .content_type(kind)
        .insert_header(("Content-Disposition", format!("attachment; filename=\"{name}\"")))
        .body(SizedStream::new(size, Box::pin(pieces))))
}
