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
    incident_pages(config);
}

/// Home, incidents, evidence and bundles.
fn incident_pages(config: &mut ServiceConfig) {
    use pages::{bundles, evidence, home, incidents};
    config
        .service(resource("/").get(home::page))
        .service(resource("/incidents").get(incidents::list::page))
        .service(resource("/incidents/new").get(incidents::declare::form).post(incidents::declare::submit))
        .service(resource("/incidents/{reference}").get(incidents::show::page))
        .service(resource("/incidents/{reference}/edit").get(incidents::edit::form).post(incidents::edit::submit))
        .service(resource("/incidents/{reference}/pauses").post(incidents::work::pause))
        .service(resource("/incidents/{reference}/status").post(incidents::work::status))
        .service(resource("/incidents/{reference}/timeline").post(incidents::timeline::add))
        .service(resource("/incidents/{reference}/timeline/{entry}/correction").post(incidents::timeline::correct))
        .service(resource("/incidents/{reference}/evidence/new").get(evidence::seal::form))
        .service(resource("/incidents/{reference}/evidence").post(evidence::seal::files))
        .service(resource("/incidents/{reference}/evidence/paste").post(evidence::seal::paste))
        .service(resource("/incidents/{reference}/no-evidence").post(evidence::seal::none))
        .service(resource("/incidents/{reference}/bundles/new").get(bundles::build::check))
        .service(resource("/incidents/{reference}/bundles").post(bundles::build::build))
        .service(resource("/evidence/{id}").get(evidence::show::page))
        .service(resource("/evidence/{id}/picture").get(evidence::picture::serve))
        .service(resource("/alarms/{id}").post(bundles::alarms::question))
        .service(resource("/alarms/{id}/confirmation").post(bundles::alarms::confirm))
        .service(resource("/bundles/{id}").get(bundles::show::page))
        .service(resource("/bundles/{id}/download").get(bundles::show::download));
}

/// The JSON API.
fn api_routes(config: &mut ServiceConfig) {
    config
        .service(resource("/gate/{automation}").get(api::gate::ask))
        .service(resource("/incidents").post(api::incidents::create));
}
