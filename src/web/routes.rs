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
    story_pages(config);
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

/// From bundle to restart: escalations, the review, and the way back.
fn story_pages(config: &mut ServiceConfig) {
    use pages::{escalations, restarts, review};
    config
        .service(
            resource("/incidents/{reference}/escalations/new")
                .get(escalations::send::form)
                .post(escalations::send::submit),
        )
        .service(resource("/escalations/{id}").get(escalations::show::page))
        .service(resource("/escalations/{id}/retry").post(escalations::show::retry))
        .service(resource("/incidents/{reference}/review").get(review::form).post(review::submit))
        .service(resource("/incidents/{reference}/points/{point}").post(restarts::points::look))
        .service(resource("/incidents/{reference}/restart").get(restarts::show::page))
        .service(resource("/incidents/{reference}/actions").post(restarts::actions::plan))
        .service(resource("/incidents/{reference}/actions/{id}/completion").post(restarts::actions::complete))
        .service(resource("/incidents/{reference}/actions/{id}/verification").post(restarts::actions::verify))
        .service(resource("/incidents/{reference}/actions/{id}/owner").post(restarts::actions::reassign))
        .service(resource("/incidents/{reference}/checks").post(restarts::checks::add))
        .service(resource("/incidents/{reference}/checks/{id}/results").post(restarts::checks::record))
        .service(resource("/incidents/{reference}/criteria").post(restarts::criteria::add))
        .service(resource("/incidents/{reference}/criteria/{id}/met").post(restarts::criteria::show))
        .service(resource("/incidents/{reference}/restart-requests").post(restarts::decide::ask))
        .service(resource("/incidents/{reference}/restart-requests/{id}/decision").post(restarts::decide::decide));
}

/// The JSON API.
fn api_routes(config: &mut ServiceConfig) {
    config
        .service(resource("/gate/{automation}").get(api::gate::ask))
        .service(resource("/incidents").post(api::incidents::create));
}
