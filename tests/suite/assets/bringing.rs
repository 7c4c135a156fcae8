//! What comes in: pictures only, within limits, and of a picture only its pixels.

use super::{Library, encoded, good, made, picture};
use allclear::actions::Limits;
use serde_json::json;

/// A PNG whose header says that it is huge, while the file is small.
fn bomb() -> Vec<u8> {
    let mut bytes = picture(8, 8);
    bytes[16..20].copy_from_slice(&60_000u32.to_be_bytes());
    bytes[20..24].copy_from_slice(&60_000u32.to_be_bytes());
    let sum = crc32fast::hash(&bytes[12..29]);
    bytes[29..33].copy_from_slice(&sum.to_be_bytes());
    bytes
}

/// A JPEG that names a place and a person.
fn with_metadata() -> Vec<u8> {
    let plain = encoded(20, 10, image::ImageFormat::Jpeg);
    let exif = b"Exif\0\0GPS 48.1372N 11.5756E by bob.miller@customer-shop.de";
    let length = u16::try_from(exif.len() + 2).unwrap().to_be_bytes();
    [&plain[..2], &[0xFF, 0xE1], &length, exif, &plain[2..]].concat()
}

#[test]
fn only_pixels_are_kept_and_served_with_safe_headers() {
    let library = Library::start();
    let brought = library.bring("market-stall-photo.jpg", with_metadata());
    let id = made(&brought);
    assert_eq!(brought.header("location"), format!("/api/v1/assets/{id}"));
    let file = library.lead().get(&format!("/assets/{id}/file"));
    assert_eq!((file.status, file.header("content-type")), (200, "image/png"));
    assert!(file.bytes.starts_with(b"\x89PNG"));
    for secret in [&b"GPS"[..], b"bob.miller", b"Exif"] {
        assert!(!file.bytes.windows(secret.len()).any(|window| window == secret));
    }
    assert_eq!(file.header("x-content-type-options"), "nosniff");
    assert_eq!(file.header("content-disposition"), "attachment; filename=\"market-stall-photo.png\"");
    assert!(file.header("content-security-policy").contains("default-src 'none'; sandbox"));
    let shown = library.show(&id);
    use sha2::{Digest, Sha256};
    assert_eq!(shown["sha256"], hex::encode(Sha256::digest(&file.bytes)));
    assert_eq!(shown["original_sha256"], hex::encode(Sha256::digest(with_metadata())));
    assert_eq!((&shown["width"], &shown["height"], &shown["state"]), (&json!(20), &json!(10), &json!("draft")));
    // Nowhere in the data folder either.
    assert!(library.app.files().iter().all(|(_, bytes)| !bytes.windows(10).any(|window| window == b"bob.miller")));
}

#[test]
fn a_large_picture_has_a_small_form() {
    let library = Library::start();
    let id = made(&library.bring("harbour-at-dawn.png", picture(900, 450)));
    let small = library.lead().get(&format!("/assets/{id}/thumbnail"));
    let drawn = image::load_from_memory(&small.bytes).unwrap();
    assert_eq!((drawn.width(), drawn.height()), (320, 160));
    assert_eq!(small.header("content-type"), "image/png");
}

#[test]
fn what_is_no_still_picture_is_refused_with_a_reason_and_leaves_nothing() {
    let library = Library::start();
    let whole = picture(60, 60);
    let polyglot = [&picture(8, 8)[..], b"<script>alert(document.domain)</script>"].concat();
    let mut damaged = picture(64, 64);
    let middle = damaged.len() / 2;
    damaged[middle..middle + 8].fill(0xAA);
    for (what, bytes, words) in [
        ("nothing", Vec::new(), "The file is empty"),
        ("a text", b"just words".to_vec(), "This is not a picture"),
        ("a page", b"<html><script>alert(1)</script></html>".to_vec(), "This is not a picture"),
        ("an archive", b"PK\x03\x04................".to_vec(), "This is not a picture"),
        ("an SVG", b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>".to_vec(), "can hold script"),
        ("a cut picture", whole[..whole.len() - 30].to_vec(), "breaks off before its end"),
        ("a polyglot", polyglot, "Behind the end of the picture there are 39 more bytes"),
        ("a damaged picture", damaged, "cannot be decoded"),
        ("a bomb", bomb(), "unfolds to 60000 by 60000 pixels"),
    ] {
        let refused = library.bring("winter-tea-gift-box.png", bytes);
        assert_eq!((refused.status, refused.fields()), (422, vec!["file"]), "{what}: {}", refused.body);
        assert!(refused.body.contains(words), "{what}: {}", refused.body);
    }
    assert_eq!(library.files(), 0, "nothing is half-written");
    assert_eq!(library.lead().get("/assets").json["items"], json!([]));
    library.app.assert_audit_holds();
}

#[test]
fn the_limits_are_named_and_hold_whether_or_not_a_size_is_announced() {
    let limits = Limits { asset_bytes: 2048, asset_pixels: 1024, ..Limits::default() };
    let library = Library::start_with(limits);
    let large = vec![7u8; 4096];
    let announced = library.bring("winter-tea-gift-box.png", large.clone());
    assert_eq!(announced.status, 413, "{}", announced.body);
    assert!(announced.body.contains("larger than 2048 bytes") && announced.body.contains("ALLCLEAR_ASSET_BYTES"));
    let lead = library.lead();
    let pieces: Vec<Result<Vec<u8>, std::io::Error>> = large.chunks(512).map(|piece| Ok(piece.to_vec())).collect();
    let body = reqwest::Body::wrap_stream(futures_util::stream::iter(pieces));
    let path = format!("/assets?site={}&name=winter-tea-gift-box.png", library.app.site);
    assert_eq!(lead.send(lead.request("POST", &path).body(body)).status, 413);
    let wide = library.bring("winter-tea-gift-box.png", picture(40, 30));
    assert!(wide.body.contains("40 by 30 pixels; 1024 in all are allowed"), "{}", wide.body);
    assert_eq!(library.files(), 0);
}

#[test]
fn two_hundred_megabytes_are_refused_before_they_are_read() {
    use std::io::{Read, Write};
    let library = Library::start();
    let token = library.app.token(&library.app.lead);
    let mut line = std::net::TcpStream::connect(library.app.address).unwrap();
    let head = format!(
        "POST /api/v1/assets?site={}&name=winter-tea-gift-box.png HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {token}\r\n\
         content-length: 209715200\r\nconnection: close\r\n\r\n",
        library.app.site
    );
    line.write_all(head.as_bytes()).unwrap();
    // Not a byte of the body was sent, and it is answered.
    let mut answer = String::new();
    let _ = line.read_to_string(&mut answer);
    assert!(answer.starts_with("HTTP/1.1 413"), "{answer}");
    assert!(answer.contains("larger than 20971520 bytes"), "{answer}");
    assert_eq!(library.files(), 0);
}

#[test]
fn the_same_request_is_answered_once() {
    let library = Library::start();
    let lead = library.lead();
    let send = |bytes: Vec<u8>| {
        let path = format!("/assets?site={}&name=winter-tea-gift-box.png", library.app.site);
        lead.send(lead.request("POST", &path).header("idempotency-key", "one").body(bytes))
    };
    let first = made(&send(picture(9, 9)));
    assert_eq!(made(&send(picture(9, 9))), first);
    assert_eq!(send(picture(9, 8)).status, 422);
    assert_eq!(library.files(), 2, "one picture and its small form");
}

#[test]
fn the_address_says_where_it_goes_and_free_text_is_redacted() {
    let library = Library::start();
    let lead = library.lead();
    assert_eq!(lead.post_bytes("/assets", picture(4, 4)).fields(), ["site", "name"]);
    assert_eq!(lead.post_bytes("/assets?site=shop-south&name=a.png", picture(4, 4)).fields(), ["site"]);
    assert_eq!(lead.post_bytes("/assets?site=shop-north&name=a.png&x=1", picture(4, 4)).fields(), ["x"]);
    let id = library.draft();
    let key = "sk-proj-4f9QmZx7Lw2TnV8cYb3RkH6sJd1PaEu5Kb7Rt2Yv";
    let record = json!({ "source_note": format!("Made with {key} for bob.miller@customer-shop.de") });
    good(&library.lead().patch(&format!("/assets/{id}"), &record));
    let shown = library.show(&id)["source_note"].as_str().unwrap().to_owned();
    assert!(shown.contains("Made with [") && !shown.contains(key) && !shown.contains("bob.miller"), "{shown}");
    assert!(
        library.app.files().iter().all(|(_, bytes)| !bytes.windows(20).any(|window| window == &key.as_bytes()[..20]))
    );
}
