//! Evidence on its way in and out.

use crate::support::App;
use allclear::actions::Limits;
use serde_json::json;
use std::io::{Read, Write};

/// Files on the shelves: what an upload may leave behind.
fn shelved(app: &App) -> usize {
    app.files().iter().filter(|(path, _)| !path.to_string_lossy().contains("allclear.db")).count()
}

fn pieces(app: &App, reference: &str) -> usize {
    let shown = app.api(&app.token(&app.lead)).get(&format!("/incidents/{reference}"));
    shown.json["evidence"].as_array().unwrap().len()
}

#[test]
fn the_redacted_form_is_shown_and_never_the_original() {
    let app = App::start();
    let reference = app.incident("Mails go out twice");
    let api = app.api(&app.token(&app.lead));
    let secret = format!("gr33n-{}", "lantern!77Qz");
    let body = format!("one\nDB_PASSWORD={secret}\nthree\n");
    let sealed = api.post_bytes(&format!("/incidents/{reference}/evidence?name=debug.log"), body);
    assert_eq!(sealed.status, 201, "{}", sealed.body);
    assert_eq!(sealed.json["name"], "debug.log");
    let shown = api.get(sealed.location().strip_prefix("/api/v1").unwrap());
    assert_eq!((shown.status, shown.header("content-type")), (200, "text/plain; charset=utf-8"));
    assert_eq!(shown.header("content-disposition"), "attachment; filename=\"debug.log.txt\"");
    assert_eq!(shown.header("x-content-type-options"), "nosniff");
    assert!(shown.body.starts_with("one\nDB_PASSWORD=[") && shown.body.ends_with("\nthree\n"), "{}", shown.body);
    assert_eq!(shown.bytes.len() as u64, sealed.json["size"].as_u64().unwrap());
    use sha2::Digest as _;
    assert_eq!(hex::encode(sha2::Sha256::digest(&shown.bytes)), sealed.json["sha256"].as_str().unwrap());
    app.assert_audit_holds();
}

#[test]
fn ladder() {
    let app = App::start();
    let reference = app.incident("Mails go out twice");
    let path = format!("/incidents/{reference}/evidence?name=a.log");
    let lead = app.api(&app.token(&app.lead));
    let outsider = app.api(&app.token(&app.outsider));
    assert_eq!(outsider.post_bytes(&path, "x").status, 404);
    assert_eq!(app.api(&app.token(&app.owner)).post_bytes(&path, "x").status, 403);
    assert_eq!(app.api("").post_bytes(&path, "x").status, 401);
    assert_eq!(lead.post_bytes("/incidents/INC-1999-0001/evidence?name=a.log", "x").status, 404);
    assert_eq!(lead.get(&path).status, 405);
    assert_eq!(lead.post_bytes(&format!("/incidents/{reference}/evidence"), "x").fields(), ["name"]);
    assert_eq!(lead.post_bytes(&format!("{path}&as=root"), "x").fields(), ["as"]);
    assert_eq!(shelved(&app), 0);
    let sealed = lead.post_bytes(&path, "an ordinary line\n");
    let id = sealed.json["id"].as_str().unwrap();
    assert_eq!(outsider.get(&format!("/evidence/{id}")).status, 404);
    assert_eq!(app.api(&app.token(&app.auditor)).get(&format!("/evidence/{id}")).status, 200);
    assert_eq!(lead.get("/evidence/none").status, 404);
    assert_eq!(lead.send(lead.request("DELETE", &format!("/evidence/{id}"))).status, 405);
    let not_a_picture = json!({ "audience": "hosting", "sha256": sealed.json["sha256"] });
    assert_eq!(lead.post(&format!("/evidence/{id}/releases"), &not_a_picture).status, 422);
    assert_eq!(lead.post(&format!("/evidence/{id}/releases"), &json!({})).fields(), ["audience", "sha256"]);
}

#[test]
fn empty_files_and_those_over_the_limit_leave_nothing() {
    let app = App::start_with(Limits { upload_bytes: 100_000, ..Limits::default() });
    let reference = app.incident("Mails go out twice");
    let api = app.api(&app.token(&app.lead));
    let path = format!("/incidents/{reference}/evidence?name=a.log");
    assert_eq!(api.post_bytes(&path, "").fields(), ["file"]);
    let too_large = api.post_bytes(&path, "x".repeat(100_001));
    assert_eq!((too_large.status, too_large.header("content-type")), (413, "application/problem+json"));
    // Without a length said beforehand the limit strikes while the body streams.
    let piece = vec![b'x'; 60_000];
    let pieces_of = futures_util::stream::iter((0..2).map(move |_| Ok::<_, std::io::Error>(piece.clone())));
    let streamed = api.send(api.request("POST", &path).body(reqwest::Body::wrap_stream(pieces_of)));
    assert_eq!(streamed.status, 413, "{}", streamed.body);
    assert_eq!((shelved(&app), pieces(&app, &reference)), (0, 0));
    assert_eq!(api.post_bytes(&path, "x y\n".repeat(25_000)).status, 201, "exactly the limit");
}

#[test]
fn an_upload_that_breaks_off_leaves_nothing() {
    let app = App::start();
    let reference = app.incident("Mails go out twice");
    let token = app.token(&app.lead);
    let head = format!(
        "POST /api/v1/incidents/{reference}/evidence?name=a.log HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {token}\r\n"
    );
    for (framing, part) in [
        ("Content-Length: 500000\r\n\r\n", "an ordinary line\n".repeat(10_000)),
        ("Transfer-Encoding: chunked\r\n\r\n", format!("{:x}\r\n{}\r\n", 100_000, "x".repeat(100_000))),
        ("Transfer-Encoding: chunked\r\n\r\n", "zzz\r\nno chunk\r\n".to_owned()),
    ] {
        let mut stream = std::net::TcpStream::connect(app.address).unwrap();
        stream.write_all(format!("{head}{framing}{part}").as_bytes()).unwrap();
        std::thread::sleep(std::time::Duration::from_millis(200));
        stream.shutdown(std::net::Shutdown::Write).unwrap();
        stream.set_read_timeout(Some(std::time::Duration::from_secs(5))).unwrap();
        let mut answer = String::new();
        let _ = stream.read_to_string(&mut answer);
        assert!(!answer.contains("201 Created"), "{answer}");
    }
    for _ in 0..100 {
        if shelved(&app) == 0 {
            break;
        }
        std::thread::sleep(std::time::Duration::from_millis(50));
    }
    assert_eq!((shelved(&app), pieces(&app, &reference)), (0, 0));
}

#[test]
fn hostile_names_become_harmless() {
    let app = App::start();
    let reference = app.incident("Mails go out twice");
    let api = app.api(&app.token(&app.lead));
    for (offered, kept) in [
        ("../../etc/passwd", "passwd"),
        ("..%5C..%5Cx.log", "x.log"),
        ("a%E2%80%AEgpj.exe", "agpj.exe"),
        ("a%00b%0D%0A.log", "ab.log"),
        ("%22;%3Cscript%3E.log", "_;_script_.log"),
        ("...", "unnamed"),
        ("%FF%FE.log", "\u{FFFD}\u{FFFD}.log"),
    ] {
        let sealed = api.post_bytes(&format!("/incidents/{reference}/evidence?name={offered}"), "an ordinary line\n");
        assert_eq!(sealed.status, 201, "{offered}: {}", sealed.body);
        assert_eq!(sealed.json["name"], kept, "{offered}");
        let shown = api.get(&format!("/evidence/{}", sealed.json["id"].as_str().unwrap()));
        assert!(!shown.header("content-disposition").contains(".."), "{:?}", shown.headers);
    }
    let long = api.post_bytes(&format!("/incidents/{reference}/evidence?name={}.log", "x".repeat(300)), "a line\n");
    assert_eq!(long.json["name"].as_str().unwrap().chars().count(), 120);
    let outside = app.data.parent().unwrap().join("etc");
    assert!(!outside.exists());
}

#[test]
fn uploads_at_the_same_time_all_arrive_and_learn_from_each_other() {
    let app = App::start();
    let reference = app.incident("Mails go out twice");
    let token = app.token(&app.lead);
    let secret = |n: usize| format!("Kx83Qw19{n}Zebra9{n}");
    std::thread::scope(|scope| {
        for n in 0..6 {
            let (api, reference) = (app.api(&token), &reference);
            scope.spawn(move || {
                // Each file reveals one value and mentions its neighbour's.
                let body = format!("DB_PASSWORD='{}'\nworker {} up\n", secret(n), secret((n + 1) % 6));
                let sealed = api.post_bytes(&format!("/incidents/{reference}/evidence?name={n}.log"), body);
                assert_eq!(sealed.status, 201, "{}", sealed.body);
            });
        }
    });
    app.settle();
    let api = app.api(&token);
    let shown = api.get(&format!("/incidents/{reference}"));
    let evidence = shown.json["evidence"].as_array().unwrap();
    assert_eq!(evidence.len(), 6);
    for piece in evidence {
        let text = api.get(&format!("/evidence/{}", piece["id"].as_str().unwrap())).body;
        assert!((0..6).all(|n| !text.contains(&secret(n))), "{text}");
    }
    app.assert_audit_holds();
}

#[test]
fn two_nodes_that_shred_together_shred_once() {
    let app = App::start();
    let reference = app.incident("Long ago");
    let lead = app.api(&app.token(&app.lead));
    for number in 0..12 {
        lead.post_bytes(&format!("/incidents/{reference}/evidence?name={number}.log"), format!("line {number}\n"));
    }
    app.settle();
    app.desk.clock.advance(chrono::Duration::days(40));
    let begin = std::sync::Barrier::new(2);
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                begin.wait();
                allclear::actions::shred::run(&app.desk).unwrap();
            });
        }
    });
    let told = "SELECT COUNT(*) AS number FROM timeline WHERE body LIKE 'Shredded the original%'";
    assert_eq!(app.number(told), 12);
    app.assert_audit_holds();
}

#[test]
fn a_bundle_that_no_row_names_is_swept() {
    let app = App::start();
    let reference = app.complete_incident("Mails go out twice");
    let built = app
        .api(&app.token(&app.lead))
        .post(&format!("/incidents/{reference}/bundles"), &serde_json::json!({ "audience": "hosting" }));
    assert_eq!(built.status, 201, "{}", built.body);
    let shelf = allclear::vault::Shelf::Bundles;
    let named = app.desk.vault.files(shelf).unwrap();
    let orphan = app.desk.vault.path(shelf, &named[0]).unwrap().with_file_name("0123456789abcdef0123456789abcdef.zip");
    std::fs::write(&orphan, "a server died here").unwrap();
    allclear::actions::shred::sweep(&app.desk).unwrap();
    assert!(orphan.exists(), "it may be on its way to its row");
    app.desk.clock.advance(chrono::Duration::hours(7));
    allclear::actions::shred::sweep(&app.desk).unwrap();
    assert_eq!((orphan.exists(), app.desk.vault.files(shelf).unwrap()), (false, named));
}
