//! Files of the data folder on their way out, a piece at a time.

use actix_web::HttpResponseBuilder;
use actix_web::body::SizedStream;
use actix_web::web::Bytes;
use futures_util::stream;
use std::io;
use tokio::io::AsyncReadExt;

/// Bytes read at once.
const PIECE: usize = 64 * 1024;

/// Ends a response with a file of this size, never held in memory.
pub(in crate::web) fn send(
    mut response: HttpResponseBuilder,
    file: std::fs::File,
    size: u64,
) -> actix_web::HttpResponse {
    let pieces = stream::unfold(tokio::fs::File::from_std(file), |mut file| async move {
        let mut piece = vec![0; PIECE];
        match file.read(&mut piece).await {
            Ok(0) => None,
            Ok(read) => {
                piece.truncate(read);
                Some((Ok::<_, io::Error>(Bytes::from(piece)), file))
            }
            Err(error) => Some((Err(error), file)),
        }
    });
    response.body(SizedStream::new(size, Box::pin(pieces)))
}

/// A file name fit for `Content-Disposition`: plain ASCII, without what could end the quotes.
pub(in crate::web) fn attachment(name: &str) -> String {
    let plain: String = name
        .chars()
        .map(|c| if c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_' | ' ') { c } else { '_' })
        .collect();
    format!("attachment; filename=\"{plain}\"")
}

#[cfg(test)]
mod tests {
    use super::attachment;

    #[test]
    fn a_file_name_cannot_leave_its_quotes() {
        assert_eq!(attachment("a\"; x=\r\nb.log"), "attachment; filename=\"a__ x___b.log\"");
        assert_eq!(attachment("[email:k7f2q9].log"), "attachment; filename=\"_email_k7f2q9_.log\"");
    }
}
