//! A server that answers as a test says, and keeps what it was sent: for what the real one never does.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

pub struct Fake {
    pub address: SocketAddr,
    /// `METHOD path` and body of each request.
    pub requests: Arc<Mutex<Vec<(String, String)>>>,
}

impl Fake {
    /// `answer` gets `METHOD path` without its query and gives status and body.
    pub fn start(answer: impl Fn(&str) -> (u16, String) + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let requests = Arc::new(Mutex::new(Vec::new()));
        let (kept, answer) = (requests.clone(), Arc::new(answer));
        std::thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                let (kept, answer) = (kept.clone(), answer.clone());
                std::thread::spawn(move || serve(stream, &kept, &*answer));
            }
        });
        Self { address, requests }
    }

    /// The reports of runs that came, read as JSON.
    pub fn reports(&self) -> Vec<serde_json::Value> {
        let requests = self.requests.lock().unwrap();
        let runs = requests.iter().filter(|(line, _)| line.starts_with("POST") && line.ends_with("/runs"));
        runs.map(|(_, body)| serde_json::from_str(body).unwrap()).collect()
    }
}

fn serve(mut stream: TcpStream, kept: &Mutex<Vec<(String, String)>>, answer: &dyn Fn(&str) -> (u16, String)) {
    let mut reader = BufReader::new(stream.try_clone().unwrap());
    let mut first = String::new();
    if reader.read_line(&mut first).unwrap_or(0) == 0 {
        return;
    }
    let mut length = 0;
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line).unwrap_or(0) == 0 || line.trim().is_empty() {
            break;
        }
        if let Some(value) = line.to_ascii_lowercase().strip_prefix("content-length:") {
            length = value.trim().parse().unwrap();
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).unwrap();
    let mut words = first.split(' ');
    let (method, path) = (words.next().unwrap(), words.next().unwrap().split('?').next().unwrap());
    let line = format!("{method} {path}");
    kept.lock().unwrap().push((line.clone(), String::from_utf8(body).unwrap()));
    let (status, text) = answer(&line);
    let _ = write!(
        stream,
        "HTTP/1.1 {status} Answer\r\nContent-Type: application/json\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{text}",
        text.len()
    );
}
