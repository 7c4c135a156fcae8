//! `allclear redact`.

use super::{binary, drain, run};
use std::io::Write;
use std::process::{Command, Stdio};

/// A made-up key, put together here so that none lies in this source.
fn key() -> String {
    format!("{}{}", ["AK", "IA"].concat(), "Q3EG7RTX2LMN5PZW")
}

fn redact(arguments: &[&str]) -> Command {
    let mut command = binary();
    command.arg("redact").args(arguments);
    command
}

#[test]
fn secrets_go_and_the_rest_stays() {
    let input = format!("GET /orders 200\naccess key {} here\nlast line without end", key());
    let done = run(redact(&["--explain"]), input.as_bytes());
    assert_eq!(done.code, 0);
    assert!(done.text.starts_with("GET /orders 200\naccess key [aws"), "{}", done.text);
    assert!(done.text.ends_with(" here\nlast line without end"));
    assert!(done.errors.contains("removed 1"), "{}", done.errors);
    assert!(!done.errors.contains(&key()));
    let again = run(redact(&[]), input.as_bytes());
    assert_ne!(again.text, done.text, "placeholders of two runs cannot be joined");
}

#[test]
fn the_report_names_file_rule_and_place_and_no_secret() {
    let place = tempfile::tempdir().unwrap();
    let (one, two) = (place.path().join("one.log"), place.path().join("two.log"));
    std::fs::write(&one, "nothing\n").unwrap();
    std::fs::write(&two, format!("x\n{}\n", key())).unwrap();
    let report = place.path().join("findings.json");
    let files = [one.to_str().unwrap(), two.to_str().unwrap(), "--report", report.to_str().unwrap()];
    let done = run(redact(&files), b"").with(0);
    assert!(done.text.starts_with("nothing\nx\n["));
    let text = std::fs::read_to_string(&report).unwrap();
    assert!(!text.contains(&key()));
    let json: serde_json::Value = serde_json::from_str(&text).unwrap();
    let finding = &json["findings"][0];
    assert_eq!(finding["file"], two.to_str().unwrap());
    assert_eq!((finding["offset"].as_u64(), finding["line"].as_u64()), (Some(2), Some(2)));
    assert!(done.text.contains(finding["placeholder"].as_str().unwrap()));
    assert_eq!(json["counts"][finding["rule"].as_str().unwrap()], 1);
}

#[test]
fn a_file_that_cannot_be_read_leaves_nothing_half_written() {
    let place = tempfile::tempdir().unwrap();
    let good = place.path().join("good.log");
    std::fs::write(&good, "good\n").unwrap();
    let report = place.path().join("findings.json");
    for bad in [place.path().join("none.log"), place.path().to_owned()] {
        let files = [good.to_str().unwrap(), bad.to_str().unwrap(), "--report", report.to_str().unwrap()];
        let refused = run(redact(&files), b"").refused(2, bad.to_str().unwrap());
        assert_eq!(refused.out, b"");
        assert!(!report.exists());
    }
}

#[test]
fn bytes_that_are_no_text_pass_and_hide_nothing() {
    let mut input = b"\xff\xfe\x80 start ".to_vec();
    input.truncate(input.len());
    input.insert(0, b'a');
    input.extend_from_slice(key().as_bytes());
    input.extend_from_slice(b" \xc3\x28 \xed\xa0\x80 end");
    let done = run(redact(&[]), &input);
    assert_eq!(done.code, 0, "{}", done.errors);
    assert!(done.out.starts_with(b"a\xff\xfe\x80 start ["), "{:?}", String::from_utf8_lossy(&done.out));
    assert!(done.out.ends_with(b" \xc3\x28 \xed\xa0\x80 end"));
    assert!(!String::from_utf8_lossy(&done.out).contains(&key()));
}

#[test]
fn one_line_of_any_length_takes_no_more_memory() {
    let mut child = redact(&[]).stdin(Stdio::piped()).spawn().unwrap();
    let (mut stdin, out) = (child.stdin.take().unwrap(), drain(child.stdout.take().unwrap()));
    let piece = format!("{{\"order\":10482,\"note\":\"{}\"}},", "no secret in here, ".repeat(50));
    let mut write = |bytes: usize| {
        let mut written = 0;
        while written < bytes {
            stdin.write_all(piece.as_bytes()).unwrap();
            written += piece.len();
        }
    };
    write(2 << 20);
    let early = peak_memory(child.id());
    write(20 << 20);
    let late = peak_memory(child.id());
    stdin.write_all(key().as_bytes()).unwrap();
    drop(stdin);
    assert_eq!(child.wait().unwrap().code(), Some(0));
    let out = out.join().unwrap();
    assert!(out.len() > 22 << 20);
    assert!(!out.ends_with(key().as_bytes()) && out.ends_with(b"]"));
    assert!(late < early + (4 << 20), "{early} bytes grew to {late}");
}

/// The most memory that a process ever held, bytes.
fn peak_memory(process: u32) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).unwrap();
    let line = status.lines().find(|line| line.starts_with("VmHWM:")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse::<u64>().unwrap() * 1024
}

const OWN: &str = r#"
[[rule]]
id = "own-crm-number"
title = "Client number"
why = "It names a client."
level = "likely"
pattern = "CRM-[0-9]{6}"
goes = [["client CRM-104233 called", "CRM-104233"]]
stays = ["CRM-Export finished"]
"#;

#[test]
fn rules_of_ones_own_stand_beside_those_of_the_product() {
    let place = tempfile::tempdir().unwrap();
    let rules = place.path().join("own.toml");
    std::fs::write(&rules, OWN).unwrap();
    let input = format!("client CRM-777888 with {}\n", key());
    let done = run(redact(&["--explain", "--rules", rules.to_str().unwrap()]), input.as_bytes()).with(0);
    assert!(done.text.starts_with("client [own-crm-number:") && !done.text.contains(&key()), "{}", done.text);
    assert!(done.errors.contains("own-crm-number (likely): removed 1; It names a client."), "{}", done.errors);
}

#[test]
fn what_is_wrong_with_a_rule_file_is_said_with_file_line_and_reason() {
    let place = tempfile::tempdir().unwrap();
    let rules = place.path().join("own.toml");
    let name = rules.to_str().unwrap();
    for (text, place, reason) in [
        (OWN.replace("likely", "sure"), ":6:", "unknown variant"),
        (OWN.replace("pattern =", "patern ="), ":7:", "unknown field"),
        (OWN.replace("CRM-[0-9]{6}", "[0-9]{6}"), ":3: rule own-crm-number:", "must begin with fixed text"),
        (OWN.replace("CRM-[0-9]{6}", "CRM-(?:[0-9A-Za-z]{900}){900}"), ":3: rule", "bytes when compiled"),
        (OWN.replace("CRM-Export finished", "CRM-999999"), ":3: rule own-crm-number:", "should stay"),
        (OWN.replace("own-crm-number", "email"), ":3: rule email:", "already a rule with this id"),
        (OWN.replace("CRM-[0-9]{6}", "CRM-[^\\\\n]*[^ -~]"), "", "as much as a plain word"),
    ] {
        std::fs::write(&rules, &text).unwrap();
        let refused = run(redact(&["--rules", name]), b"client CRM-777888").refused(2, reason);
        assert!(place.is_empty() || refused.errors.contains(&format!("{name}{place}")), "{}", refused.errors);
        assert_eq!(refused.out, b"", "{reason}");
    }
    run(redact(&["--rules", "/nowhere.toml"]), b"").refused(2, "/nowhere.toml");
}

#[test]
fn several_files_come_out_in_their_order() {
    let place = tempfile::tempdir().unwrap();
    let mut expected = Vec::new();
    let files: Vec<String> = (0..9)
        .map(|number| {
            // The first takes longest; some are larger than what waits in memory.
            let lines = [60_000, 3, 20_000][number % 3];
            let text = format!("{}{} {number}\n", format!("{number} nothing to see\n").repeat(lines), key());
            expected.push((lines, number));
            let path = place.path().join(format!("{number}.log"));
            std::fs::write(&path, text).unwrap();
            path.to_str().unwrap().to_owned()
        })
        .collect();
    let report = place.path().join("findings.json");
    let mut arguments: Vec<&str> = files.iter().map(String::as_str).collect();
    arguments.extend(["--explain", "--report", report.to_str().unwrap()]);
    let done = run(redact(&arguments), b"").with(0);
    let mut rest = done.text.as_str();
    for (lines, number) in expected {
        rest = rest.strip_prefix(&format!("{number} nothing to see\n").repeat(lines)).unwrap();
        let (line, next) = rest.split_once('\n').unwrap();
        assert!(line.starts_with("[aws") && line.ends_with(&format!("] {number}")), "{line}");
        rest = next;
    }
    assert_eq!(rest, "");
    let json: serde_json::Value = serde_json::from_slice(&std::fs::read(&report).unwrap()).unwrap();
    let named: Vec<&str> = json["findings"].as_array().unwrap().iter().map(|f| f["file"].as_str().unwrap()).collect();
    assert_eq!(named, files);
    assert!(done.errors.contains("removed 9") && done.errors.contains("0.log:60001, "), "{}", done.errors);
}
