//! From an invitation to the first approval, over the API.

use super::{NEWCOMER, Team, good};
use crate::story::{Story, new_check};
use serde_json::json;

#[test]
fn a_new_administrator_learns_before_the_first_approval() {
    let story = Story::begin();
    let team = Team { app: story.app };
    let slug = team.adopt("workflow-approval", "administrator");
    team.roll_out();
    let id = team.newcomer("administrator");
    let nora = team.api(NEWCOMER);
    assert_eq!(nora.get(&format!("/incidents/{}", story.reference)).status, 404, "in training they see no incident");
    team.learns(NEWCOMER, &slug, &team.admin());
    good(&team.give(&id, "administrator"));
    let shown = nora.get(&format!("/incidents/{}", story.reference));
    assert_eq!(shown.status, 200, "{}", shown.body);
    good(&team.lead().post(&format!("/incidents/{}/checks", story.reference), &new_check()));
    let slug = &story.slug;
    let override_of = json!({ "reason": "The shop cannot take orders", "expires_at": team.app.desk.now().plus(chrono::Duration::hours(1)).rfc3339() });
    let asked = team.admin().post(&format!("/automations/{slug}/overrides"), &override_of);
    assert_eq!(asked.status, 201, "{}", asked.body);
    let confirmed = nora.post(&format!("/overrides/{}/confirmation", asked.json["id"].as_str().unwrap()), &json!({}));
    assert_eq!(confirmed.status, 200, "her first approval: {}", confirmed.body);
    team.app.assert_audit_holds();
}
