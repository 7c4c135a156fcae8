//! The audit chain as a download, of any length, a piece at a time.

use super::State;
use super::download::attachment;
use crate::actions::{Failure, export_audit};
use crate::domain::audit_chain::ChainHead;
use crate::domain::person::Actor;
use actix_web::HttpResponse;
use actix_web::http::header::CONTENT_DISPOSITION;
use actix_web::web::{Bytes, Data};
use futures_util::stream;
use serde::Serialize;
use std::io;
use std::sync::Arc;

/// Lines of JSON (RFC 8259), one for the head and one for each entry.
const MEDIA_TYPE: &str = "application/x-ndjson";

/// Answers with the chain, for somebody who may read it. What goes wrong on the way breaks the download off; the head at
/// its beginning tells that the end is missing.
pub(super) async fn send(state: Data<State>, actor: Actor) -> Result<HttpResponse, Failure> {
    let head = Arc::new(state.run(move |desk| export_audit::head(desk, &actor)).await?);
    let name = format!("allclear-audit-{}.jsonl", head.seq);
    let first = line(&*head)?;
    let entries = stream::try_unfold((state, head, 0), |(state, head, seq)| async move {
        let piece = next(&state, head.clone(), seq).await.map_err(|failure| io::Error::other(failure.to_string()))?;
        Ok::<_, io::Error>(piece.map(|(text, last)| (text, (state, head, last))))
    });
    let body = stream::StreamExt::chain(stream::once(async { Ok(first) }), entries);
    Ok(HttpResponse::Ok()
        .content_type(MEDIA_TYPE)
        .insert_header((CONTENT_DISPOSITION, attachment(&name)))
        .streaming(Box::pin(body)))
}

/// The lines behind `seq`, and the position of the last one.
async fn next(state: &State, head: Arc<ChainHead>, seq: i64) -> Result<Option<(Bytes, i64)>, Failure> {
    let entries = state.run(move |desk| export_audit::entries(desk, seq, &head)).await?;
    let Some(last) = entries.last().map(|entry| entry.seq) else { return Ok(None) };
    let mut text = Vec::new();
    for entry in entries {
        text.extend_from_slice(&line(&entry)?);
    }
    Ok(Some((text.into(), last)))
}

fn line(of: &impl Serialize) -> Result<Bytes, Failure> {
    let mut line = serde_json::to_vec(of).map_err(|error| Failure::Broken(error.to_string()))?;
    line.push(b'\n');
    Ok(line.into())
}
