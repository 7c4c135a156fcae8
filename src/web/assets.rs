//! Style, scripts and pictures, embedded in the binary. Addresses carry a hash, so that browsers may keep them for ever.

use actix_web::{HttpResponse, web};
use rust_embed::RustEmbed;
use serde::Serialize;

#[derive(RustEmbed)]
#[folder = "assets/"]
struct Assets;

/// The addresses that templates use.
#[derive(Clone, Debug, Serialize)]
pub(super) struct AssetUrls {
    css: String,
    js: String,
    js_form: String,
    js_upload: String,
    icons: String,
    favicon: String,
}

impl AssetUrls {
    pub(super) fn new() -> Self {
        Self {
            css: url("app.css"),
            js: url("app.js"),
            js_form: url("form.js"),
            js_upload: url("upload.js"),
            icons: url("icons.svg"),
            favicon: url("favicon.svg"),
        }
    }
}

fn url(name: &str) -> String {
    let hash = Assets::get(name).map(|file| hex::encode(&file.metadata.sha256_hash()[..6])).unwrap_or_default();
    format!("/static/{name}?v={hash}")
}

/// `GET /static/{name}`.
pub(super) async fn serve(name: web::Path<String>) -> HttpResponse {
    let Some(file) = Assets::get(&name) else { return HttpResponse::NotFound().finish() };
    let kind = match name.rsplit('.').next() {
        Some("css") => "text/css; charset=utf-8",
        Some("js") => "text/javascript; charset=utf-8",
        Some("svg") => "image/svg+xml",
        _ => "application/octet-stream",
    };
    HttpResponse::Ok()
        .content_type(kind)
        .insert_header(("Cache-Control", "public, max-age=31536000, immutable"))
        .body(file.data.into_owned())
}
