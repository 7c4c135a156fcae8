//! An automation of every kind; one of them is not fully defined, so its gate says what is missing.

use super::people::OWNER;
use super::sites::{BIKE_WORKS, TEA_HOUSE};
use crate::actions::register_automation::{self, AutomationForm, Operation};
use crate::actions::{Desk, Failure};
use crate::domain::automation::{Category, Kind, Touches};
use crate::domain::person::Actor;

pub(super) const ORDER_MAILS: &str = "order-mails";
pub(super) const STOCK_WATCHER: &str = "stock-watcher";
pub(super) const REVIEW_AGENT: &str = "review-agent";
pub(super) const CUSTOMER_PANEL: &str = "customer-panel";

/// Slug, name, kind, category, site, what starts it, what it reads, what comes out.
type Line = (&'static str, &'static str, Kind, Category, &'static str, &'static str, &'static str, &'static str);

const COMPLETE: [Line; 6] = [
    (
        ORDER_MAILS,
        "Order mails",
        Kind::Workflow,
        Category::Commerce,
        TEA_HOUSE,
        "a new order",
        "the order and its customer",
        "one mail to the customer",
    ),
    (
        STOCK_WATCHER,
        "Stock watcher",
        Kind::Watcher,
        Category::Commerce,
        TEA_HOUSE,
        "every ten minutes",
        "stock of all products",
        "a note to the buyer when stock is low",
    ),
    (
        REVIEW_AGENT,
        "Review answers",
        Kind::Agent,
        Category::Support,
        BIKE_WORKS,
        "a new product review",
        "the review and the product",
        "a draft answer",
    ),
    (
        "refund-playbook",
        "Refund playbook",
        Kind::Playbook,
        Category::Support,
        TEA_HOUSE,
        "pressed by support",
        "one order",
        "a refund, ready to be approved",
    ),
    (
        "price-tool",
        "Price lookup",
        Kind::Tool,
        Category::System,
        BIKE_WORKS,
        "asked by the review agent",
        "the price list",
        "one price",
    ),
    (
        CUSTOMER_PANEL,
        "Customer panel",
        Kind::Panel,
        Category::Support,
        TEA_HOUSE,
        "a customer opens their account",
        "their own orders",
        "answers about their orders",
    ),
];

pub(super) fn add(desk: &Desk) -> Result<(), Failure> {
    for line in COMPLETE {
        register_automation::create(desk, &Actor::System("demo"), complete(line))?;
    }
    let blog = (
        "blog-publisher",
        "Blog publisher",
        Kind::PublishingPath,
        Category::Content,
        BIKE_WORKS,
        "an approved draft",
        "drafts marked ready",
        "a published article",
    );
    let unfinished = AutomationForm { pause_rule: None, rollback_path: None, retry_limit: None, ..complete(blog) };
    register_automation::create(desk, &Actor::System("demo"), unfinished)?;
    Ok(())
}

fn complete((slug, name, kind, category, site, trigger, input_scope, expected_output): Line) -> AutomationForm {
    let text = |text: &str| Some(text.to_owned());
    AutomationForm {
        slug: slug.into(),
        name: name.into(),
        kind,
        category,
        site: site.into(),
        owner: text(OWNER),
        trigger: text(trigger),
        input_scope: text(input_scope),
        expected_output: text(expected_output),
        approval_gate: text("support approves whatever a customer can see"),
        retry_limit: Some(2),
        notification_path: text("the support channel"),
        pause_rule: text("two failures within an hour"),
        rollback_path: text("restore the last good revision and tell whoever was reached"),
        operation: operation(slug),
    }
}

/// What each of them touches and runs on, and what it may cost in a day.
fn operation(slug: &str) -> Operation {
    let text = |text: &str| Some(text.to_owned());
    let touches = match slug {
        ORDER_MAILS => Touches { contacts_customers: true, ..Touches::default() },
        "refund-playbook" => Touches { writes_data: true, spends_money: true, ..Touches::default() },
        _ => Touches::default(),
    };
    let (provider, model) = match slug {
        ORDER_MAILS | REVIEW_AGENT | "customer-panel" => (text("Northwind AI"), text("breeze-2")),
        _ => (None, None),
    };
    let daily_budget = (slug == REVIEW_AGENT).then_some(5_000_000);
    Operation { touches, provider, model, daily_budget, ..Operation::default() }
}
