//! The whole surface, a line per route.

use super::{api, assets, auth, headers, health, page, pages};
use actix_web::guard;
use actix_web::middleware::from_fn;
use actix_web::web::{PayloadConfig, ServiceConfig, get, resource, scope, to};

/// Largest JSON body of the API, bytes; evidence is streamed and has its own limit.
const JSON_MAX: usize = 2 * 1024 * 1024;

/// Registers every route.
pub fn routes(config: &mut ServiceConfig) {
    // Asked before every run, so that it takes the short way: a fixed beginning is matched without an expression, and
    // nothing wraps it. All but a plain GET goes the way of other requests.
    config.service(scope(api::gate::ADDRESS).guard(guard::Get()).default_service(to(api::gate::ask_shortly)));
    config.service(
        scope("")
            .wrap(from_fn(headers::harden))
            .wrap(from_fn(headers::head_as_get))
            .service(
                scope("/api/v1")
                    .app_data(PayloadConfig::new(JSON_MAX))
                    .wrap(from_fn(api::problems::speak))
                    .configure(api_routes)
                    .default_service(to(api::problems::no_such_address)),
            )
            .configure(machine_routes)
            .route("/static/{name}", get().to(assets::serve))
            .service(
                scope("")
                    .wrap(from_fn(page::show_failures))
                    .configure(open_routes)
                    .service(scope("").wrap(from_fn(auth::require_session)).configure(page_routes)),
            ),
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
    registry_pages(config);
    run_pages(config);
    practice_pages(config);
    asset_pages(config);
    operator_pages(config);
    rule_pages(config);
}

/// The organisation's rules of redaction, the bench, and past evidence.
fn rule_pages(config: &mut ServiceConfig) {
    use pages::rules;
    config
        .service(resource("/rules").get(rules::list::page))
        .service(resource("/rules/new").get(rules::form::new).post(rules::form::create))
        .service(resource("/rules/bench").get(rules::bench::form).post(rules::bench::submit))
        .service(resource("/rules/previews/{id}").get(rules::preview::page).post(rules::preview::save))
        .service(resource("/rules/reruns").post(rules::rerun::ask))
        .service(resource("/rules/reruns/{id}").get(rules::rerun::page))
        .service(resource("/rules/{name}").get(rules::show::page))
        .service(resource("/rules/{name}/edit").get(rules::form::edit).post(rules::form::change))
        .service(resource("/rules/{name}/switch").post(rules::show::switch))
        .service(resource("/rotations/{id}/completion").post(rules::rotate::complete));
}

/// Home, incidents, evidence and bundles.
fn incident_pages(config: &mut ServiceConfig) {
    use pages::{bundles, evidence, home, incidents, waiting};
    config
        .service(resource("/").get(home::page))
        .service(resource("/waiting").get(waiting::page))
        .service(resource("/incidents").get(incidents::list::page))
        .service(resource("/incidents/new").get(incidents::declare::form).post(incidents::declare::submit))
        .service(resource("/incidents/{reference}").get(incidents::show::page))
        .service(resource("/incidents/{reference}/edit").get(incidents::edit::form).post(incidents::edit::submit))
        .service(resource("/incidents/{reference}/pauses").post(incidents::work::pause))
        .service(resource("/incidents/{reference}/status").post(incidents::work::status))
        .service(resource("/incidents/{reference}/withdrawal").post(incidents::work::withdraw))
        .service(resource("/incidents/{reference}/timeline").post(incidents::timeline::add))
        .service(resource("/incidents/{reference}/timeline/{entry}/correction").post(incidents::timeline::correct))
        .service(resource("/incidents/{reference}/evidence/new").get(evidence::seal::form))
        .service(resource("/incidents/{reference}/evidence").post(evidence::seal::files))
        .service(resource("/incidents/{reference}/evidence/paste").post(evidence::seal::paste))
        .service(resource("/incidents/{reference}/no-evidence").post(evidence::seal::none))
        .service(resource("/incidents/{reference}/bundles/new").get(bundles::build::check))
        .service(resource("/incidents/{reference}/bundles").post(bundles::build::build))
        .service(resource("/evidence/{id}").get(evidence::show::page))
        .service(resource("/evidence/{id}/removals").post(evidence::remove::submit))
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
        .service(resource("/escalations/{id}/deliveries").post(escalations::by_hand::deliver))
        .service(resource("/escalations/{id}/answers").post(escalations::by_hand::answer))
        .service(resource("/escalations/{id}/answers/{answer}").post(escalations::show::read_answer))
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

/// Pages about sites, automations, people, tokens, the audit chain, and one's own account.
fn registry_pages(config: &mut ServiceConfig) {
    use pages::{account, audit, automations, people, resume, sites, switches, tokens};
    config
        .service(resource("/sites").get(sites::list::page))
        .service(resource("/sites/new").get(sites::form::new).post(sites::form::create))
        .service(resource("/sites/{slug}").get(sites::show::page))
        .service(resource("/sites/{slug}/edit").get(sites::form::edit).post(sites::form::change))
        .service(resource("/sites/{slug}/pauses").post(automations::pause::site))
        .service(resource("/automations").get(automations::list::page))
        .service(resource("/automations/new").get(automations::form::new).post(automations::form::create))
        .service(resource("/automations/{slug}").get(automations::show::page))
        .service(resource("/automations/{slug}/edit").get(automations::form::edit).post(automations::form::change))
        .service(resource("/automations/{slug}/pauses").post(automations::pause::automation))
        .service(resource("/switches").get(switches::page))
        .service(resource("/switches/pauses").post(automations::pause::switch))
        .service(resource("/switches/drills").post(switches::drill::submit))
        .service(resource("/pauses/{id}/release").post(automations::release::submit))
        .service(resource("/pauses/{id}/reason").post(automations::amend::give_reason))
        .service(resource("/pauses/{id}/fates").post(automations::amend::set_fates))
        .service(resource("/people").get(people::list::page))
        .service(resource("/people/new").get(people::new::form).post(people::new::submit))
        .service(resource("/people/{id}").get(people::show::page))
        .service(resource("/people/{id}/grants").post(people::change::give_role))
        .service(resource("/people/{id}/grants/{grant}/revoke").post(people::change::take_role))
        .service(resource("/people/{id}/training").post(people::change::train))
        .service(resource("/people/{id}/password").post(people::change::password))
        .service(resource("/people/{id}/deactivate").post(people::change::deactivate))
        .service(resource("/people/{id}/activate").post(people::change::activate))
        .service(resource("/tokens").get(tokens::list::page).post(tokens::make::submit))
        .service(resource("/tokens/{id}/revoke").post(tokens::revoke::submit))
        .service(resource("/account").get(account::page))
        .service(resource("/account/preferences").post(account::prefer))
        .service(resource("/account/password").post(account::password))
        .service(resource("/account/sessions/end").post(account::end_sessions))
        .service(resource("/resume").get(resume::form).post(resume::submit))
        .service(resource("/audit").get(audit::page))
        .service(resource("/audit/export").get(audit::export))
        .service(resource("/audit/verify").post(audit::verify))
        .service(resource("/audit/differences/{table}/{id}/settlement").post(audit::settle));
}

/// Practices, what is held against them, and playbooks.
fn practice_pages(config: &mut ServiceConfig) {
    use pages::{playbooks, practices};
    config
        .service(resource("/practices").get(practices::list::page))
        .service(resource("/practices/{name}").get(practices::show::page))
        .service(resource("/practices/{name}/lines").post(practices::change::add))
        .service(resource("/practices/{name}/lines/{line}").post(practices::change::change))
        .service(resource("/practices/{name}/lines/{line}/removal").post(practices::change::remove))
        .service(resource("/practices/{name}/runs").post(practices::change::hold))
        .service(resource("/practice-runs/{id}").get(practices::run::page))
        .service(resource("/practice-runs/{id}/attestations").post(practices::run::attest))
        .service(resource("/practice-runs/{id}/version").post(practices::run::move_on))
        .service(resource("/practice-runs/{id}/reviews/{review}").post(practices::run::review))
        .service(resource("/practice-runs/{id}/escalations/{escalation}").post(practices::run::dismiss))
        .service(resource("/playbooks").get(playbooks::list::page))
        .service(resource("/playbooks/new").get(playbooks::form::new).post(playbooks::form::create))
        .service(resource("/playbooks/import").get(playbooks::import::form).post(playbooks::import::submit))
        .service(resource("/playbooks/{id}").get(playbooks::show::page))
        .service(resource("/playbooks/{id}/edit").get(playbooks::form::edit).post(playbooks::form::change))
        .service(resource("/playbooks/{id}/exports/{export}").get(playbooks::work::file))
        .service(resource("/playbooks/{id}/first-runs/{run}/review").post(playbooks::work::review))
        .service(resource("/playbooks/{id}/flags/{flag}/settlement").post(playbooks::work::settle))
        .service(resource("/playbooks/{id}/{what}").post(playbooks::work::submit))
        .service(
            resource("/incidents/{reference}/playbooks")
                .get(playbooks::incident::page)
                .post(playbooks::incident::begin),
        )
        .service(resource("/incidents/{reference}/playbooks/{step}/{what}").post(playbooks::incident::work));
}

/// Operators: procedures, training, first weeks, the set-up and roll-out of a site.
fn operator_pages(config: &mut ServiceConfig) {
    use pages::operators::{list, procedure_form, procedures, setup, show, week};
    config
        .service(resource("/procedures").get(procedures::list).post(procedures::adopt))
        .service(resource("/procedures/new").get(procedure_form::new).post(procedure_form::create))
        .service(resource("/procedures/{slug}").get(procedures::page))
        .service(resource("/procedures/{slug}/edit").get(procedure_form::edit).post(procedure_form::change))
        .service(resource("/procedures/{slug}/acknowledgement").post(procedures::acknowledge))
        .service(resource("/procedures/{slug}/checks").post(procedures::answer))
        .service(resource("/operators").get(list::page))
        .service(resource("/operators/{id}").get(show::page))
        .service(resource("/operators/{id}/checks/{check}/judgement").post(show::judge))
        .service(resource("/waivers/{id}/acknowledgement").post(list::acknowledge))
        .service(resource("/week-reviews/{id}").get(week::page))
        .service(resource("/week-reviews/{id}/notes").post(week::note))
        .service(resource("/week-reviews/{id}/closure").post(week::close))
        .service(resource("/week-reviews/{id}/tasks/{task}/completion").post(week::complete))
        .service(resource("/sites/{slug}/setup").get(setup::page))
        .service(resource("/sites/{slug}/setup/{what}").post(setup::submit))
        .service(resource("/sites/{slug}/setups/{id}/signature").post(setup::sign))
        .service(resource("/sites/{slug}/diagnostics").post(setup::diagnostics));
}

/// Runs, the reviews and flags that they lead to, and outside events; scopes, break-glass and certificates.
fn run_pages(config: &mut ServiceConfig) {
    use pages::automations::gate;
    use pages::restarts::certificate;
    use pages::runs::{changes, list, show, standing};
    config
        .service(resource("/automations/{slug}/gate").get(gate::page))
        .service(resource("/automations/{slug}/phases").post(gate::widen))
        .service(resource("/automations/{slug}/overrides").post(gate::break_glass))
        .service(resource("/overrides/{id}/confirmation").post(gate::confirm))
        .service(resource("/overrides/{id}/end").post(gate::end))
        .service(resource("/overrides/{id}/review").post(gate::review))
        .service(resource("/restart-requests/{id}/certificate").get(certificate::page))
        .service(resource("/restart-requests/{id}/certificate.json").get(certificate::download))
        .service(resource("/automations/{slug}/runs").get(list::page))
        .service(resource("/runs/{id}").get(show::page))
        .service(resource("/runs/{id}/review").post(show::review))
        .service(resource("/runs/{id}/explanation").post(show::explain))
        .service(resource("/automations/{slug}/reviews").get(standing::page))
        .service(resource("/automations/{slug}/approval-relaxation").post(standing::relax))
        .service(resource("/automation-reviews/{id}/completion").post(standing::complete))
        .service(resource("/flags/{id}/dismissal").post(standing::dismiss))
        .service(resource("/sites/{slug}/changes").get(changes::page).post(changes::submit));
}

/// Generated assets.
fn asset_pages(config: &mut ServiceConfig) {
    use pages::assets::{around, bring, form, list, picture, show, work};
    config
        .service(resource("/assets").get(list::page))
        .service(resource("/assets/new").get(bring::form).post(bring::submit))
        .service(resource("/assets/changes").get(around::changes).post(around::report))
        .service(resource("/assets/placements").get(around::placements))
        .service(resource("/assets/{id}").get(show::page))
        .service(resource("/assets/{id}/edit").get(form::edit).post(form::change))
        .service(resource("/assets/{id}/picture").get(picture::serve))
        .service(resource("/assets/{id}/thumbnail").get(picture::small))
        .service(resource("/assets/{id}/reviews/{review}").post(work::review))
        .service(resource("/assets/{id}/placements/{placement}/cleaning").post(work::clean))
        .service(resource("/assets/{id}/{what}").post(work::submit));
}

/// What machines look at without a session.
fn machine_routes(config: &mut ServiceConfig) {
    config
        .service(resource("/healthz").get(health::alive))
        .service(resource("/readyz").get(health::ready))
        .service(resource("/metrics").get(health::metrics))
        .service(resource("/.well-known/allclear-keys.json").get(health::keys));
}

/// The JSON API. `openapi.rs` documents each line; a test holds the two together.
fn api_routes(config: &mut ServiceConfig) {
    use api::{alarms, audit, automations, bundles, evidence, incidents, openapi, pauses, people, sites};
    use api::{timeline, tokens};
    config
        .configure(gate_api_routes)
        .service(resource("/openapi.json").get(openapi::show))
        .service(resource("/sites").get(sites::list).post(sites::create))
        .service(resource("/sites/{slug}").get(sites::one))
        .service(resource("/automations").get(automations::list).post(automations::create))
        .service(resource("/automations/{slug}").get(automations::one).patch(automations::change))
        .service(resource("/automations/{slug}/pauses").post(pauses::automation))
        .service(resource("/switches/{name}/pauses").post(pauses::switch))
        .service(resource("/pauses").get(pauses::list))
        .service(resource("/pauses/{id}/release").post(pauses::release))
        .service(resource("/pauses/{id}/reason").post(pauses::give_reason))
        .service(resource("/pauses/{id}/fates").post(pauses::set_fates))
        .service(resource("/incidents").get(incidents::list::list).post(incidents::file::create))
        .service(resource("/incidents/{reference}").get(incidents::show::show).patch(incidents::change::change))
        .service(resource("/incidents/{reference}/withdrawal").post(incidents::change::withdraw))
        .service(resource("/incidents/{reference}/timeline").post(timeline::create))
        .service(resource("/incidents/{reference}/no-evidence").post(timeline::no_evidence))
        .service(resource("/incidents/{reference}/evidence").post(evidence::create))
        .service(resource("/incidents/{reference}/removals").post(evidence::remove_value))
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
        .service(resource("/audit/export").get(audit::export))
        .service(resource("/audit/verification").get(audit::verify))
        .service(resource("/audit/differences").get(audit::differences))
        .service(resource("/audit/differences/{table}/{id}/settlement").post(audit::settle))
        .configure(story_api_routes)
        .configure(run_api_routes)
        .configure(phase_api_routes)
        .configure(practice_api_routes)
        .configure(operator_api_routes)
        .configure(rule_api_routes)
        .configure(asset_api_routes);
}

/// The JSON API about runs, the reviews and flags that they lead to, and outside events.
fn run_api_routes(config: &mut ServiceConfig) {
    use api::{cadence, runs};
    config
        .service(resource("/automations/{slug}/runs").get(runs::list).post(runs::create))
        .service(resource("/runs/{id}").get(runs::show))
        .service(resource("/runs/{id}/review").post(runs::review))
        .service(resource("/runs/{id}/explanation").post(runs::explain))
        .service(resource("/automations/{slug}/approval-relaxation").post(runs::relax))
        .service(resource("/automations/{slug}/reviews").get(cadence::reviews))
        .service(resource("/automation-reviews/{id}/completion").post(cadence::complete))
        .service(resource("/automations/{slug}/flags").get(cadence::list_flags))
        .service(resource("/flags/{id}/dismissal").post(cadence::dismiss))
        .service(resource("/changes").get(cadence::changes).post(cadence::report_change));
}

/// The JSON API of scopes, explanations, break-glass and certificates.
fn phase_api_routes(config: &mut ServiceConfig) {
    use api::{overrides, phases, restarts};
    config
        .service(resource("/automations/{slug}/phases").get(phases::list).post(phases::create))
        .service(resource("/automations/{slug}/explanation").get(phases::explain))
        .service(resource("/automations/{slug}/overrides").get(overrides::list).post(overrides::create))
        .service(resource("/overrides/{id}").get(overrides::show))
        .service(resource("/overrides/{id}/confirmation").post(overrides::confirm))
        .service(resource("/overrides/{id}/end").post(overrides::end))
        .service(resource("/overrides/{id}/review").post(overrides::review))
        .service(resource("/restart-requests/{id}/certificate").get(restarts::certificate));
}

/// The gate: asked before every run, so that it stands before all others; and the switches that close it.
fn gate_api_routes(config: &mut ServiceConfig) {
    use api::{gate, gate_events, switches};
    config
        .service(resource("/gate/{automation}").get(gate::ask))
        .service(resource("/gate-events").get(gate_events::listen))
        .service(resource("/switches").get(switches::list))
        .service(resource("/switches/{name}/drills").post(switches::drill))
        .service(resource("/automations/{slug}/drills").post(switches::drill_automation))
        .service(resource("/drills").get(switches::list_drills));
}

/// The JSON API from the bundle to the restart.
fn story_api_routes(config: &mut ServiceConfig) {
    use api::{checks, criteria, escalations, prevention, restarts, review};
    config
        .service(resource("/incidents/{reference}/escalations").get(escalations::list).post(escalations::create))
        .service(resource("/escalations/{id}").get(escalations::show))
        .service(resource("/escalations/{id}/retry").post(escalations::retry))
        .service(resource("/escalations/{id}/deliveries").post(escalations::deliver))
        .service(resource("/escalations/{id}/replies").post(escalations::reply))
        .service(resource("/replies/{id}/reading").post(escalations::read))
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

/// The JSON API of the organisation's rules of redaction.
fn rule_api_routes(config: &mut ServiceConfig) {
    use api::{rule_work, rules};
    config
        .service(resource("/redaction-rules").get(rules::list).post(rules::create))
        .service(resource("/redaction-rules/{name}").get(rules::one).put(rules::put))
        .service(resource("/redaction-rules/{name}/versions").get(rules::versions))
        .service(resource("/redaction-rules/{name}/switch").post(rules::switch))
        .service(resource("/redaction-rule-file").get(rules::file))
        .service(resource("/redaction-trials").post(rules::try_text))
        .service(resource("/redaction-previews").post(rule_work::create_preview))
        .service(resource("/redaction-previews/{id}").get(rule_work::preview))
        .service(resource("/redaction-reruns").get(rule_work::reruns).post(rule_work::create_rerun))
        .service(resource("/redaction-reruns/{id}").get(rule_work::rerun))
        .service(resource("/incidents/{reference}/rotations").get(rule_work::rotations))
        .service(resource("/rotations/{id}/completion").post(rule_work::complete_rotation));
}

/// The JSON API of practices and playbooks.
fn practice_api_routes(config: &mut ServiceConfig) {
    use api::{playbook_runs, playbooks, practice_runs, practices};
    config
        .service(resource("/practices").get(practices::list))
        .service(resource("/practices/{name}").get(practices::one).put(practices::put))
        .service(resource("/practices/{name}/versions").get(practices::versions))
        .service(resource("/practice-runs").get(practice_runs::list).post(practice_runs::create))
        .service(resource("/practice-runs/{id}").get(practice_runs::one))
        .service(resource("/practice-runs/{id}/attestations").post(practice_runs::attest))
        .service(resource("/practice-runs/{id}/version").post(practice_runs::move_on))
        .service(resource("/practice-reviews/{id}/completion").post(practice_runs::complete_review))
        .service(resource("/practice-escalations/{id}/dismissal").post(practice_runs::dismiss))
        .service(resource("/playbooks").get(playbooks::list).post(playbooks::create))
        .service(resource("/playbooks/{id}").get(playbooks::one).put(playbooks::put))
        .service(resource("/playbooks/{id}/owner").post(playbooks::set_owner))
        .service(resource("/playbooks/{id}/exports").post(playbooks::export))
        .service(resource("/playbook-exports/{id}").get(playbooks::file))
        .service(resource("/playbook-imports").post(playbooks::import))
        .service(resource("/playbooks/{id}/localisation").post(playbooks::localise))
        .service(resource("/playbooks/{id}/first-runs").post(playbooks::first_run))
        .service(resource("/playbook-first-runs/{id}/review").post(playbooks::review))
        .service(resource("/playbooks/{id}/production").post(playbooks::release))
        .service(resource("/playbooks/{id}/flags").post(playbooks::flag))
        .service(resource("/playbook-flags/{id}/settlement").post(playbooks::settle))
        .service(resource("/incidents/{reference}/playbook-runs").get(playbook_runs::list).post(playbook_runs::create))
        .service(resource("/playbook-steps/{id}/approval-request").post(playbook_runs::ask))
        .service(resource("/playbook-steps/{id}/approval").post(playbook_runs::approve))
        .service(resource("/playbook-steps/{id}/completion").post(playbook_runs::tick));
}

/// The JSON API of operators: procedures, training, roll-outs, first weeks, set-ups.
fn operator_api_routes(config: &mut ServiceConfig) {
    use api::{operators, procedures, site_setup};
    config
        .service(resource("/procedure-templates").get(procedures::templates))
        .service(resource("/procedures").get(procedures::list).post(procedures::create))
        .service(resource("/procedures/{slug}").get(procedures::one).put(procedures::put))
        .service(resource("/procedures/{slug}/versions").get(procedures::versions))
        .service(resource("/procedures/{slug}/acknowledgements").post(procedures::acknowledge))
        .service(resource("/procedures/{slug}/checks").post(procedures::answer))
        .service(resource("/scenario-checks").get(operators::checks))
        .service(resource("/scenario-checks/{id}/judgement").post(operators::judge))
        .service(resource("/operators").get(operators::list))
        .service(resource("/operators/{id}").get(operators::one))
        .service(resource("/people/{id}/training").post(operators::enrol))
        .service(resource("/week-reviews").get(operators::weeks))
        .service(resource("/week-reviews/{id}").get(operators::one_week))
        .service(resource("/week-reviews/{id}/notes").post(operators::note))
        .service(resource("/week-reviews/{id}/closure").post(operators::close))
        .service(resource("/procedure-tasks/{id}/completion").post(operators::complete_task))
        .service(resource("/sites/{slug}/rollout").get(site_setup::rollout).post(site_setup::start))
        .service(resource("/sites/{slug}/setup").get(site_setup::setup))
        .service(resource("/sites/{slug}/readiness").post(site_setup::prove))
        .service(resource("/sites/{slug}/setups").post(site_setup::write_down))
        .service(resource("/setups/{id}/signature").post(site_setup::sign))
        .service(resource("/sites/{slug}/diagnostics").post(site_setup::diagnostics))
        .service(resource("/waivers").get(site_setup::waivers))
        .service(resource("/waivers/{id}/acknowledgement").post(site_setup::acknowledge_waiver));
}

/// The JSON API of generated assets.
fn asset_api_routes(config: &mut ServiceConfig) {
    use api::assets::{self, around};
    config
        .service(resource("/assets").get(assets::list).post(assets::create))
        .service(resource("/assets/{id}").get(assets::one).patch(assets::change))
        .service(resource("/assets/{id}/file").get(assets::file))
        .service(resource("/assets/{id}/thumbnail").get(assets::thumbnail))
        .service(resource("/assets/{id}/approval").post(assets::approve))
        .service(resource("/assets/{id}/rejection").post(assets::reject))
        .service(resource("/assets/{id}/removal").post(assets::remove))
        .service(resource("/assets/{id}/reuse").get(assets::reuse))
        .service(resource("/assets/{id}/reuse-decisions").post(assets::decide))
        .service(resource("/assets/{id}/placements").post(around::note))
        .service(resource("/asset-placements").get(around::to_clean))
        .service(resource("/asset-placements/{id}/cleaning").post(around::clean))
        .service(resource("/asset-changes").get(around::changes).post(around::report))
        .service(resource("/asset-reviews/{id}/completion").post(around::complete_review));
}
