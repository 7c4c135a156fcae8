//! Talking to the app: as a program with a token, or as a browser without JavaScript.

use super::pages;
use reqwest::cookie::Jar;
use reqwest::redirect::Policy;
use std::net::SocketAddr;
use std::sync::{Arc, OnceLock};

/// One runtime for all requests of all tests.
fn block<T>(future: impl Future<Output = T>) -> T {
    static RUNTIME: OnceLock<tokio::runtime::Runtime> = OnceLock::new();
    RUNTIME
        .get_or_init(|| tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap())
        .block_on(future)
}

/// An answer, read to its end.
#[derive(Debug)]
pub struct Reply {
    pub status: u16,
    pub headers: reqwest::header::HeaderMap,
    pub bytes: Vec<u8>,
    pub body: String,
    /// Null when it is no JSON.
    pub json: serde_json::Value,
}

impl Reply {
    fn read(response: reqwest::Response) -> Self {
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let bytes = block(response.bytes()).unwrap().to_vec();
        let body = String::from_utf8_lossy(&bytes).into_owned();
        let json = serde_json::from_slice(&bytes).unwrap_or(serde_json::Value::Null);
        Self { status, headers, bytes, body, json }
    }

    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }

    pub fn location(&self) -> &str {
        self.header("location")
    }

    /// The codes of a refusal's reasons.
    pub fn codes(&self) -> Vec<&str> {
        let reasons = self.json["reasons"].as_array().map(Vec::as_slice).unwrap_or_default();
        reasons.iter().filter_map(|reason| reason["code"].as_str()).collect()
    }

    /// The fields of a validation error.
    pub fn fields(&self) -> Vec<&str> {
        let errors = self.json["errors"].as_array().map(Vec::as_slice).unwrap_or_default();
        errors.iter().filter_map(|error| error["field"].as_str()).collect()
    }
}

/// A program with a token.
pub struct Api {
    base: String,
    token: String,
    client: reqwest::Client,
}

impl Api {
    pub fn new(address: SocketAddr, token: &str) -> Self {
        Self { base: format!("http://{address}/api/v1"), token: token.to_owned(), client: reqwest::Client::new() }
    }

    pub fn request(&self, method: &str, path: &str) -> reqwest::RequestBuilder {
        let request = self.client.request(method.parse().unwrap(), format!("{}{path}", self.base));
        if self.token.is_empty() { request } else { request.bearer_auth(&self.token) }
    }

    pub fn send(&self, request: reqwest::RequestBuilder) -> Reply {
        Reply::read(block(request.send()).unwrap())
    }

    pub fn get(&self, path: &str) -> Reply {
        self.send(self.request("GET", path))
    }

    pub fn post(&self, path: &str, body: &serde_json::Value) -> Reply {
        self.send(self.request("POST", path).json(body))
    }

    pub fn put(&self, path: &str, body: &serde_json::Value) -> Reply {
        self.send(self.request("PUT", path).json(body))
    }

    /// A post to a server that may be killed meanwhile: none when there was no whole answer.
    pub fn try_post(&self, path: &str, body: &serde_json::Value) -> Option<Reply> {
        let response = block(self.request("POST", path).json(body).send()).ok()?;
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let bytes = block(response.bytes()).ok()?.to_vec();
        let body = String::from_utf8_lossy(&bytes).into_owned();
        let json = serde_json::from_slice(&bytes).unwrap_or(serde_json::Value::Null);
        Some(Reply { status, headers, bytes, body, json })
    }

    pub fn patch(&self, path: &str, body: &serde_json::Value) -> Reply {
        self.send(self.request("PATCH", path).json(body))
    }

    /// A raw body, as evidence is sent.
    pub fn post_bytes(&self, path: &str, body: impl Into<Vec<u8>>) -> Reply {
        self.send(self.request("POST", path).body(body.into()))
    }
}

/// A browser without JavaScript: cookies are kept, redirects are not followed by themselves.
pub struct Browserlike {
    base: String,
    cookies: Arc<Jar>,
    client: reqwest::Client,
}

impl Browserlike {
    pub fn new(address: SocketAddr) -> Self {
        let cookies = Arc::new(Jar::default());
        let client =
            reqwest::Client::builder().cookie_provider(cookies.clone()).redirect(Policy::none()).build().unwrap();
        Self { base: format!("http://{address}"), cookies, client }
    }

    /// A cookie that a script of the page would set.
    pub fn keep_cookie(&self, name: &str, value: &str) {
        self.cookies.add_cookie_str(&format!("{name}={value}; Path=/"), &self.base.parse().unwrap());
    }

    pub fn sign_in(&self, email: &str, password: &str) {
        let reply = self.submit("/login", "/login", &[("email", email), ("password", password)]);
        assert_eq!(reply.status, 303, "{}", reply.body);
    }

    pub fn request(&self, method: &str, path: &str) -> reqwest::RequestBuilder {
        self.client.request(method.parse().unwrap(), format!("{}{path}", self.base))
    }

    /// What holds for every page is looked at in each one that any test meets.
    pub fn send(&self, request: reqwest::RequestBuilder) -> Reply {
        let reply = Reply::read(block(request.send()).unwrap());
        if reply.header("content-type").starts_with("text/html") {
            pages::hold(&reply.body);
        }
        reply
    }

    pub fn get(&self, path: &str) -> Reply {
        self.send(self.request("GET", path))
    }

    /// Opens `page`, takes its hidden `csrf` and `once`, and posts the fields to `action`.
    pub fn submit(&self, page: &str, action: &str, fields: &[(&str, &str)]) -> Reply {
        let shown = self.get(page);
        let mut all: Vec<(&str, &str)> = fields.to_vec();
        let (csrf, once) = (hidden(&shown.body, "csrf"), hidden(&shown.body, "once"));
        all.push(("csrf", &csrf));
        if !fields.iter().any(|(name, _)| *name == "once") {
            all.push(("once", &once));
        }
        self.send(self.request("POST", action).form(&all))
    }

    /// Posts fields as they are, without looking at a page first.
    pub fn post(&self, action: &str, fields: &[(&str, &str)]) -> Reply {
        self.send(self.request("POST", action).form(fields))
    }
}

/// The value of a page's hidden field; empty when there is none.
pub fn hidden(html: &str, name: &str) -> String {
    let mark = format!("name=\"{name}\" value=\"");
    let Some(start) = html.find(&mark) else { return String::new() };
    let rest = &html[start + mark.len()..];
    rest[..rest.find('"').unwrap_or(0)].to_owned()
}
