//! An upload that is cut off, and one that goes on while somebody works beside it.

use super::Installation;
use super::crash::{filing, shop};
use std::io::Write;
use std::time::Duration;

#[test]
fn an_upload_that_was_cut_off_leaves_nothing() {
    let (place, token) = shop();
    let server = place.serve();
    let filed = server.api(&token).post("/incidents", &filing("Upload"));
    let reference = filed.json["reference"].as_str().unwrap().to_owned();
    let mut upload = std::net::TcpStream::connect(server.address).unwrap();
    let secret = "planted-and-never-to-lie-around-94c1";
    write!(
        upload,
        "POST /api/v1/incidents/{reference}/evidence?name=big.log HTTP/1.1\r\nHost: {}\r\nAuthorization: Bearer {token}\r\nContent-Length: 50000000\r\n\r\n",
        server.address
    )
    .unwrap();
    let line = format!("2026-11-20 request failed, password={secret}\n");
    for _ in 0..40_000 {
        upload.write_all(line.as_bytes()).unwrap();
    }
    upload.flush().unwrap();
    wait_for_half_written(&place);
    server.kill();

    place.run(&["audit", "verify"]).with(0);
    let server = place.serve();
    assert_eq!(half_written(&place), 0, "the next start sweeps out what was half-written");
    for entry in walk(&place.data) {
        let bytes = std::fs::read(&entry).unwrap();
        assert!(!bytes.windows(secret.len()).any(|window| window == secret.as_bytes()), "{}", entry.display());
    }
    assert_eq!(rows_of_evidence(&place, &reference), 1, "only the error report of the filing");
    drop(server);
}

/// Waits until the upload has reached the disk.
fn wait_for_half_written(place: &Installation) {
    for _ in 0..400 {
        if half_written(place) > 0 {
            return;
        }
        std::thread::sleep(Duration::from_millis(25));
    }
    panic!("the upload never reached the disk");
}

fn half_written(place: &Installation) -> usize {
    walk(&place.data).iter().filter(|path| path.extension().is_some_and(|ending| ending == "part")).count()
}

fn walk(folder: &std::path::Path) -> Vec<std::path::PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() { found.extend(walk(&path)) } else { found.push(path) }
    }
    found
}

fn rows_of_evidence(place: &Installation, reference: &str) -> usize {
    place
        .desk()
        .read(|connection| {
            let incident = allclear::store::incidents::by_reference(connection, reference)?.unwrap();
            Ok(allclear::store::evidence::of_incident(connection, &incident.id)?.len())
        })
        .unwrap()
}

#[test]
fn a_command_beside_an_upload_leaves_it_alone() {
    let (place, token) = shop();
    let server = place.serve();
    let filed = server.api(&token).post("/incidents", &filing("Upload"));
    let path = format!("/incidents/{}/evidence?name=slow.log", filed.json["reference"].as_str().unwrap());
    let mut upload = std::net::TcpStream::connect(server.address).unwrap();
    let body = "all is well in this line of the log\n".repeat(20_000);
    write!(
        upload,
        "POST /api/v1{path} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {token}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
        body.len()
    )
    .unwrap();
    let half = body.len() / 2;
    upload.write_all(&body.as_bytes()[..half]).unwrap();
    wait_for_half_written(&place);
    place.person("lena@example.org", "support_lead");
    upload.write_all(&body.as_bytes()[half..]).unwrap();
    let mut answer = String::new();
    std::io::Read::read_to_string(&mut upload, &mut answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 201"), "{answer}");
    drop(server);
}
