//! Generated assets: brought in, approved, changed around, used again or not, removed.

mod approval;
mod around;
mod bringing;
mod ladder;
mod pages;
mod practice;
mod reuse;
mod schedule;

use crate::support::{Api, App, Reply};
use allclear::actions::Limits;
use serde_json::{Value, json};

/// An app with somebody who brings assets in (Lena), an owner (Omar) and a second person (Ada).
pub struct Library {
    pub app: App,
}

impl Library {
    pub fn start() -> Self {
        Self { app: App::start() }
    }

    pub fn start_with(limits: Limits) -> Self {
        Self { app: App::start_with(limits) }
    }

    pub fn api(&self, email: &str) -> Api {
        self.app.api(&self.app.token(email))
    }

    pub fn lead(&self) -> Api {
        self.api(&self.app.lead)
    }

    pub fn admin(&self) -> Api {
        self.api(&self.app.admin)
    }

    /// Sends bytes as Lena.
    pub fn bring(&self, name: &str, bytes: impl Into<Vec<u8>>) -> Reply {
        self.lead().post_bytes(&format!("/assets?site={}&name={name}", self.app.site), bytes)
    }

    /// A draft with an empty record; returns its id.
    pub fn draft(&self) -> String {
        made(&self.bring("winter-tea-gift-box.png", picture(40, 30)))
    }

    /// A day so many days from now, in the site's calendar.
    pub fn day(&self, days: i64) -> String {
        self.app.desk.now().plus(chrono::Duration::days(days)).day_in("Europe/Berlin")
    }

    /// A whole record.
    pub fn record(&self) -> Value {
        json!({
            "alt_text": "A red gift box with three tins of tea",
            "source_note": "Prompt: a gift box with three tins of tea, studio light",
            "rights_note": "Lena read the image provider's terms on 1 November",
            "licence": "Commercial use, without attribution",
            "owner": self.app.owner,
            "placement": "Shop front, top banner",
            "campaign": "Winter sale",
            "campaign_ends_on": self.day(40),
            "asset_set": "gift boxes",
            "review_on": self.day(20),
        })
    }

    /// A draft that lacks nothing; returns its id.
    pub fn ready(&self) -> String {
        let id = self.draft();
        good(&self.lead().patch(&format!("/assets/{id}"), &self.record()));
        id
    }

    /// An asset that Ada approved; returns its id.
    pub fn approved(&self) -> String {
        let id = self.ready();
        good(&self.admin().post(&format!("/assets/{id}/approval"), &json!({})));
        id
    }

    /// One that may be used again; returns its id.
    pub fn reusable(&self) -> String {
        let id = self.approved();
        made(&self.admin().post(&format!("/assets/{id}/reuse-decisions"), &yes()));
        let answer = self.reuse(&id);
        assert_eq!(answer.status, 200, "{}", answer.body);
        id
    }

    pub fn reuse(&self, id: &str) -> Reply {
        self.lead().get(&format!("/assets/{id}/reuse"))
    }

    pub fn show(&self, id: &str) -> Value {
        let shown = self.lead().get(&format!("/assets/{id}"));
        assert_eq!(shown.status, 200, "{}", shown.body);
        shown.json
    }

    /// Lets time pass, and the calendar make its round.
    pub fn after_days(&self, days: i64) {
        self.app.desk.clock.advance(chrono::Duration::days(days));
        allclear::actions::age_assets::round(&self.app.desk).unwrap();
    }

    /// Files on the shelf of assets.
    pub fn files(&self) -> usize {
        std::fs::read_dir(self.app.data.join("assets")).unwrap().count()
    }
}

/// Five yeses.
pub fn yes() -> Value {
    json!({
        "product_accuracy": true, "campaign": true, "brand_fit": true, "licence": true, "current_claims": true,
        "note": "For the December mail; compared with the product page"
    })
}

/// A picture as PNG.
pub fn picture(width: u32, height: u32) -> Vec<u8> {
    encoded(width, height, image::ImageFormat::Png)
}

pub fn encoded(width: u32, height: u32, format: image::ImageFormat) -> Vec<u8> {
    let picture = image::RgbImage::from_fn(width, height, |x, y| image::Rgb([(x % 256) as u8, (y % 256) as u8, 120]));
    let mut bytes = std::io::Cursor::new(Vec::new());
    image::DynamicImage::from(picture).write_to(&mut bytes, format).unwrap();
    bytes.into_inner()
}

pub fn made(reply: &Reply) -> String {
    assert_eq!(reply.status, 201, "{}", reply.body);
    reply.json["id"].as_str().unwrap().to_owned()
}

pub fn good(reply: &Reply) {
    assert!((200..300).contains(&reply.status), "{} {}", reply.status, reply.body);
}
