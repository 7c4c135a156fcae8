//! The re-encoded picture: pixels only. It is served with its own type and nothing else, so that it can never be read
//! as a page.

use crate::actions::{Desk, Failure, sight};
use crate::domain::evidence::Media;
use crate::domain::ids::EvidenceId;
use crate::domain::person::Act;
use crate::store::evidence::{self, VersionRow};
use crate::vault::Shelf;
use crate::web::State;
use crate::web::auth::Signed;
use crate::web::failure::PageFailure;
use actix_web::{HttpResponse, web};
use serde::Serialize;
use std::io::Read;

/// A picture as a page shows it.
#[derive(Serialize)]
pub(in crate::web) struct Shown {
    pub(in crate::web) src: String,
    pub(in crate::web) width: u32,
    pub(in crate::web) height: u32,
}

/// Address and size of the picture.
pub(in crate::web) fn shown(desk: &Desk, id: &EvidenceId, version: &VersionRow) -> Result<Shown, Failure> {
    let mut head = [0; 24];
    desk.vault.read(Shelf::Redacted, &version.file)?.read_exact(&mut head).map_err(broken)?;
    let (width, height) = png_size(&head);
    Ok(Shown { src: format!("/evidence/{id}/picture"), width, height })
}

/// Width and height out of a PNG's first chunk. The pictures on the shelf are PNG because we wrote them.
fn png_size(head: &[u8; 24]) -> (u32, u32) {
    let number = |at: usize| u32::from_be_bytes([head[at], head[at + 1], head[at + 2], head[at + 3]]);
    (number(16), number(20))
}

/// `GET /evidence/{id}/picture`.
pub(in crate::web) async fn serve(
    state: web::Data<State>,
    signed: Signed,
    id: web::Path<String>,
) -> Result<HttpResponse, PageFailure> {
    let actor = signed.actor();
    let bytes = state
        .run(move |desk| {
            let version = desk.read(|connection| {
                let (row, _) = sight::evidence(connection, &actor, &id, Act::ReadIncidents)?;
                if row.media != Media::Picture {
                    return Err(Failure::NotFound);
                }
                evidence::current_version(connection, &row)?.ok_or(Failure::NotFound)
            })?;
            let mut bytes = Vec::new();
            desk.vault.read(Shelf::Redacted, &version.file)?.read_to_end(&mut bytes).map_err(broken)?;
            Ok(bytes)
        })
        .await?;
    Ok(HttpResponse::Ok()
        .content_type("image/png")
        .insert_header(("Content-Disposition", "inline"))
        .insert_header(("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'"))
        .insert_header(("Cache-Control", "private, no-store"))
        .body(bytes))
}

fn broken(error: std::io::Error) -> Failure {
    Failure::Broken(format!("a picture cannot be read: {error}"))
}
