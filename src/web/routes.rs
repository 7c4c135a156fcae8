//! The whole surface, a line per route.

use super::{api, assets, auth, headers, page, pages};
use actix_web::middleware::from_fn;
use actix_web::web::{PayloadConfig, ServiceConfig, get, resource, scope};

/// Largest JSON body of the API, bytes; evidence is streamed and has its own limit.
const JSON_MAX: usize = 2 * 1024 * 1024;

/// Registers every route.
pub fn routes(config: &mut ServiceConfig) {
    config.service(scope("/api/v1").app_data(PayloadConfig::new(JSON_MAX)).configure(api_routes));
    config.route("/assets/{name}", get().to(assets::serve));
    config.service(
        scope("")
            .app_data(PayloadConfig::new(super::fields::FORM_MAX))
            .wrap(from_fn(page::show_failures))
            .wrap(from_fn(headers::harden))
            .configure(open_routes)
            .service(scope("").wrap(from_fn(auth::require_session)).configure(page_routes)),
    );
}

/// Pages for anybody.
fn open_routes(config: &mut ServiceConfig) {
    config
        .service(resource("/login").get(pages::sign_in::form).post(pages::sign_in::submit))
        .service(resource("/setup/{link}").get(pages::setup::form).post(pages::setup::submit));
}

/// Pages for people who are signed in.
fn page_routes(config: &mut ServiceConfig) {
    config.service(resource("/logout").post(pages::sign_in::out));
}

/// The JSON API.
fn api_routes(config: &mut ServiceConfig) {
    config
        .service(resource("/gate/{automation}").get(api::gate::ask))
        .service(resource("/incidents").post(api::incidents::create))
        .configure(story_api_routes);
}

/// The JSON API from the bundle to the restart.
fn story_api_routes(config: &mut ServiceConfig) {
    use api::{checks, criteria, escalations, prevention, restarts, review};
    config
        .service(resource("/incidents/{reference}/escalations").get(escalations::list).post(escalations::create))
        .service(resource("/escalations/{id}").get(escalations::show))
        .service(resource("/escalations/{id}/retry").post(escalations::retry))
        .service(resource("/incidents/{reference}/review").get(review::show).put(review::put))
        .service(resource("/incidents/{reference}/review-points").get(review::points).post(review::look))
        .service(resource("/incidents/{reference}/actions").get(prevention::list).post(prevention::create))
        .service(resource("/actions/{id}").get(prevention::show))
        .service(resource("/actions/{id}/completion").post(prevention::complete))
        .service(resource("/actions/{id}/verification").post(prevention::verify))
        .service(resource("/actions/{id}/owner").post(prevention::reassign))
        .service(resource("/incidents/{reference}/checks").get(checks::list).post(checks::create))
        .service(resource("/checks/{id}/results").post(checks::record))
        .service(resource("/incidents/{reference}/criteria").get(criteria::list).post(criteria::create))
        .service(resource("/criteria/{id}/met").post(criteria::show_met))
        .service(resource("/incidents/{reference}/readiness").get(restarts::show_readiness))
        .service(resource("/incidents/{reference}/restart-requests").get(restarts::list).post(restarts::create))
        .service(resource("/restart-requests/{id}").get(restarts::show))
        .service(resource("/restart-requests/{id}/decision").post(restarts::decide));
}
