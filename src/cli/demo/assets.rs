//! Generated pictures, drawn here: one that may be used again, one that a change blocks while it still stands somewhere, a
//! draft that lacks its record, and a variation that was not taken.

use super::people::{self, ADMINISTRATOR, LEAD, OWNER};
use super::sites::TEA_HOUSE;
use crate::actions::asset_changes::{self, NewAssetChange};
use crate::actions::assets::{self, AssetForm};
use crate::actions::{Desk, Failure, asset_placements, decide_asset, reuse_asset};
use crate::domain::asset::{Answers, ReviewCause};
use image::{ImageFormat, Rgb, RgbImage};

/// Days from now until the first of them is reviewed, and until its campaign is over.
const REVIEW_DAYS: i64 = 21;
const CAMPAIGN_DAYS: i64 = 34;

pub(super) fn add(desk: &Desk) -> Result<(), Failure> {
    let (lena, ada) = (people::actor(desk, LEAD)?, people::actor(desk, ADMINISTRATOR)?);
    let bring = |name: &str, colours: [Rgb<u8>; 3]| {
        let drawn = draw(colours)?;
        assets::upload(desk, &lena, TEA_HOUSE, name, &mut drawn.as_slice()).map(|made| made.id)
    };
    let all = Answers { product_accuracy: true, campaign: true, brand_fit: true, licence: true, current_claims: true };

    let free = bring("winter-tea-gift-box.png", [Rgb([122, 30, 44]), Rgb([244, 236, 220]), Rgb([201, 160, 80])])?;
    assets::change(desk, &lena, &free, None, record(desk, "winter-tea-gift-box.png", "Winter at the harbour"))?;
    decide_asset::approve(desk, &ada, &free, None)?;
    reuse_asset::decide(desk, &ada, &free, all, "For the December mail; compared with the product page")?;
    asset_placements::note(desk, &lena, &free, "https://tea-house.example/#banner")?;

    let blocked = bring("autumn-offer-tea-tins.png", [Rgb([156, 84, 28]), Rgb([250, 240, 224]), Rgb([60, 92, 60])])?;
    assets::change(desk, &lena, &blocked, None, record(desk, "autumn-offer-tea-tins.png", "Autumn offer"))?;
    decide_asset::approve(desk, &ada, &blocked, None)?;
    reuse_asset::decide(desk, &ada, &blocked, all, "For the shop front in autumn")?;
    asset_placements::note(desk, &lena, &blocked, "https://tea-house.example/offers")?;
    let over = NewAssetChange {
        kind: ReviewCause::OfferChange,
        site: TEA_HOUSE.into(),
        campaign: Some("Autumn offer".into()),
        asset_set: None,
        note: "The price of the tins went up; the picture may promise the old one.".into(),
    };
    asset_changes::report(desk, &lena, over)?;

    bring("image-final-2.png", [Rgb([40, 70, 96]), Rgb([232, 238, 242]), Rgb([120, 150, 170])])?;
    let refused =
        bring("winter-tea-gift-box-blue.png", [Rgb([30, 50, 122]), Rgb([236, 240, 250]), Rgb([90, 120, 201])])?;
    decide_asset::reject(desk, &ada, &refused, "The red variation was taken")?;
    Ok(())
}

fn record(desk: &Desk, name: &str, campaign: &str) -> AssetForm {
    let text = |text: &str| Some(text.to_owned());
    let day = |days| Some(desk.now().plus(chrono::Duration::days(days)).day_in("Europe/Berlin"));
    AssetForm {
        name: name.to_owned(),
        asset_set: text("tea gifts"),
        alt_text: text("A box with a ribbon in front of three tins of tea"),
        source_note: text("Prompt: a gift box before three tea tins, flat colours, no text"),
        rights_note: text("Lena read the image provider's terms; nothing in it belongs to somebody else"),
        licence: text("Commercial use, no attribution"),
        owner: text(OWNER),
        placement: text("Shop front, top banner"),
        campaign: text(campaign),
        campaign_ends_on: day(CAMPAIGN_DAYS),
        expires_on: None,
        review_on: day(REVIEW_DAYS),
    }
}

/// A box with a ribbon before three tins, in three colours, as PNG.
fn draw([ground, paper, ribbon]: [Rgb<u8>; 3]) -> Result<Vec<u8>, Failure> {
    let (width, height) = (640, 400);
    let picture = RgbImage::from_fn(width, height, |x, y| {
        let tin = [90, 270, 450].iter().any(|left| (*left..left + 100).contains(&x)) && (90..330).contains(&y);
        let lid = [84, 264, 444].iter().any(|left| (*left..left + 112).contains(&x)) && (78..98).contains(&y);
        let in_box = (190..450).contains(&x) && (190..350).contains(&y);
        let band = in_box && ((306..334).contains(&x) || (256..280).contains(&y));
        match (band, in_box, lid, tin) {
            (true, ..) => ribbon,
            (_, true, ..) => ground,
            (_, _, true, _) => Rgb([ribbon[0] / 2, ribbon[1] / 2, ribbon[2] / 2]),
            (_, _, _, true) => Rgb([ground[0] / 2 + 60, ground[1] / 2 + 60, ground[2] / 2 + 60]),
            _ => paper,
        }
    });
    let mut png = std::io::Cursor::new(Vec::new());
    picture
        .write_to(&mut png, ImageFormat::Png)
        .map_err(|error| Failure::Broken(format!("a picture of the demo cannot be drawn: {error}")))?;
    Ok(png.into_inner())
}
