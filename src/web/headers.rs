//! What holds for every request and every answer: HEAD, and the headers.

use actix_web::Error;
use actix_web::body::{BodySize, BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::Method;
use actix_web::http::header::{
    CACHE_CONTROL, HeaderMap, HeaderName, HeaderValue, STRICT_TRANSPORT_SECURITY, X_CONTENT_TYPE_OPTIONS,
};
use actix_web::middleware::Next;

/// Nothing is loaded from elsewhere, nothing runs inline, nobody frames us, nobody learns where people came from.
const ALWAYS: [(&str, &str); 6] = [
    (
        "content-security-policy",
        "default-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; object-src 'none'",
    ),
    ("referrer-policy", "same-origin"),
    ("x-content-type-options", "nosniff"),
    ("x-frame-options", "DENY"),
    ("cross-origin-opener-policy", "same-origin"),
    ("permissions-policy", "camera=(), microphone=(), geolocation=()"),
];

/// Is there a NUL in the path?
pub(super) fn holds_nul(request: &ServiceRequest) -> bool {
    request.path().contains('\0') || request.path().contains("%00")
}

/// Answers HEAD as GET without the body (RFC 9110, 9.3.2). The server leaves the body out and keeps its length; of an
/// answer that streams on, nothing is made.
pub(super) async fn head_as_get(
    mut request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let is_head = request.method() == Method::HEAD;
    if is_head {
        request.head_mut().method = Method::GET;
    }
    let response = next.call(request).await?.map_into_boxed_body();
    let streams = response.response().body().size() == BodySize::Stream;
    Ok(if is_head && streams { response.map_body(|_, _| BoxBody::new(())) } else { response })
}

pub(super) async fn harden(
    request: ServiceRequest,
    next: Next<impl MessageBody>,
) -> Result<ServiceResponse<impl MessageBody>, Error> {
    let https = request.app_data::<actix_web::web::Data<super::State>>().is_some_and(|state| state.is_https());
    let mut response = next.call(request).await?;
    let headers = response.headers_mut();
    for (name, value) in ALWAYS {
        let name = HeaderName::from_static(name);
        if !headers.contains_key(&name) {
            headers.insert(name, HeaderValue::from_static(value));
        }
    }
    keep_from_caches(headers, https);
    Ok(response)
}

/// Headers of an answer that is data for a program alone, never shown as a page: what governs pages is left out.
pub(super) fn harden_data(headers: &mut HeaderMap, https: bool) {
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    keep_from_caches(headers, https);
}

fn keep_from_caches(headers: &mut HeaderMap, https: bool) {
    if !headers.contains_key(CACHE_CONTROL) {
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    }
    if https {
        headers.insert(STRICT_TRANSPORT_SECURITY, HeaderValue::from_static("max-age=63072000"));
    }
}
