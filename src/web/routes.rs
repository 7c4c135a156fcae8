//! The whole surface, a line per route.

use super::{api, assets, auth, headers, health, page, pages};
use actix_web::guard::{GuardContext, fn_guard};
use actix_web::middleware::from_fn;
use actix_web::web::{PayloadConfig, ServiceConfig, get, resource, scope, to};

/// Largest JSON body of the API, bytes; evidence is streamed and has its own limit.
const JSON_MAX: usize = 2 * 1024 * 1024;

/// Registers every route.
pub fn routes(config: &mut ServiceConfig) {
    config.service(
        scope("/api/v1")
            .app_data(PayloadConfig::new(JSON_MAX))
            .wrap(from_fn(api::problems::speak))
            .wrap(from_fn(headers::harden))
            .configure(api_routes)
            .default_service(to(api::problems::no_such_address)),
    );
    config.service(scope("").guard(fn_guard(is_for_machines)).wrap(from_fn(headers::harden)).configure(machine_routes));
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

/// What machines look at without a session.
fn machine_routes(config: &mut ServiceConfig) {
    config
        .service(resource("/healthz").get(health::alive))
        .service(resource("/readyz").get(health::ready))
        .service(resource("/metrics").get(health::metrics))
        .service(resource("/.well-known/allclear-keys.json").get(health::keys));
}

/// The scope of [`machine_routes`] takes its own addresses only: the pages stand at the root too.
fn is_for_machines(context: &GuardContext) -> bool {
    matches!(context.head().uri.path(), "/healthz" | "/readyz" | "/metrics" | "/.well-known/allclear-keys.json")
}

/// The JSON API. `openapi.rs` documents each line; a test holds the two together.
fn api_routes(config: &mut ServiceConfig) {
    use api::{alarms, audit, automations, bundles, evidence, gate, incidents, openapi, pauses, people, sites};
    use api::{timeline, tokens};
    config
        .service(resource("/openapi.json").get(openapi::show))
        .service(resource("/sites").get(sites::list).post(sites::create))
        .service(resource("/sites/{slug}").get(sites::one))
        .service(resource("/automations").get(automations::list).post(automations::create))
        .service(resource("/automations/{slug}").get(automations::one).patch(automations::change))
        .service(resource("/automations/{slug}/pauses").post(pauses::automation))
        .service(resource("/switches/{name}/pauses").post(pauses::switch))
        .service(resource("/pauses").get(pauses::list))
        .service(resource("/pauses/{id}/release").post(pauses::release))
        .service(resource("/gate/{automation}").get(gate::ask))
        .service(resource("/incidents").get(incidents::list::list).post(incidents::file::create))
        .service(resource("/incidents/{reference}").get(incidents::show::show).patch(incidents::change::change))
        .service(resource("/incidents/{reference}/timeline").post(timeline::create))
        .service(resource("/incidents/{reference}/no-evidence").post(timeline::no_evidence))
        .service(resource("/incidents/{reference}/evidence").post(evidence::create))
        .service(resource("/evidence/{id}").get(evidence::show))
        .service(resource("/evidence/{id}/releases").post(evidence::release))
        .service(resource("/incidents/{reference}/bundles").post(bundles::create))
        .service(resource("/bundles/{id}").get(bundles::show))
        .service(resource("/incidents/{reference}/alarms").get(alarms::list))
        .service(resource("/alarms/{id}/lifting").post(alarms::lift))
        .service(resource("/alarms/{id}/confirmation").post(alarms::confirm))
        .service(resource("/people").get(people::list).post(people::create))
        .service(resource("/people/{id}/role").post(people::set_role))
        .service(resource("/people/{id}/active").post(people::set_active))
        .service(resource("/tokens").get(tokens::list).post(tokens::create))
        .service(resource("/tokens/{id}/revocation").post(tokens::revoke))
        .service(resource("/audit").get(audit::list))
        .service(resource("/audit/verification").get(audit::verify));
}
