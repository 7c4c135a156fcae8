//! What is on record about an asset, and everything that approval still lacks.

use super::AssetState;
use crate::domain::ids::PersonId;
use crate::domain::problem::Reason;
use crate::domain::review::{is_filler, says_nothing};

/// What stands for "belongs to no campaign": the question was asked and answered.
pub const NO_CAMPAIGN: &str = "none";

/// Words of file names that say nothing of what is shown.
const EMPTY_WORDS: &[&str] = &[
    "image",
    "img",
    "picture",
    "photo",
    "file",
    "untitled",
    "unnamed",
    "download",
    "final",
    "copy",
    "new",
    "generated",
    "output",
    "render",
    "variation",
    "version",
    "draft",
    "screenshot",
    "png",
    "jpg",
    "jpeg",
    "gif",
    "webp",
];

/// The record of an asset, as the rules see it.
#[derive(Clone, Debug, Default)]
pub struct Record<'r> {
    /// File name.
    pub name: &'r str,
    /// What people read who do not see it.
    pub alt_text: Option<&'r str>,
    /// The prompt, or where it comes from.
    pub source_note: Option<&'r str>,
    /// What the review of its rights found.
    pub rights_note: Option<&'r str>,
    /// The licence under which it is used.
    pub licence: Option<&'r str>,
    /// Does an active person of its site own it?
    pub owned: bool,
    /// Where it is meant to stand.
    pub placement: Option<&'r str>,
    /// Its campaign, or [`NO_CAMPAIGN`].
    pub campaign: Option<&'r str>,
    /// The campaign's last day, `2026-12-24`.
    pub campaign_ends_on: Option<&'r str>,
    /// Its own last day.
    pub expires_on: Option<&'r str>,
    /// The day on which somebody looks at it again.
    pub review_on: Option<&'r str>,
}

/// Who fills in what is missing.
const WRITERS: &str = "owner, support_lead, administrator";

/// Does a file name say what is shown? Two words at least that are not what every file is called.
pub fn says_what_it_shows(name: &str) -> bool {
    let stem = name.rsplit_once('.').map_or(name, |(stem, _)| stem);
    let telling = stem
        .split(|c: char| !c.is_alphabetic())
        .filter(|word| word.chars().count() >= 3 && !EMPTY_WORDS.contains(&word.to_lowercase().as_str()));
    telling.count() >= 2
}

/// Everything that an asset's record lacks before it may be approved, all at once. `today` is the day at its site.
pub fn missing(record: &Record, today: &str) -> Vec<Reason> {
    let mut found = Vec::new();
    let mut lacks = |code: &str, message: &str| found.push(Reason::new(format!("missing_{code}"), message, WRITERS));
    let said = |text: Option<&str>| text.is_some_and(|text| !says_nothing(text));
    if !says_what_it_shows(record.name) {
        lacks("name", "The file name does not say what is shown. Use a few words, like winter-tea-gift-box.png.");
    }
    if record.alt_text.is_none_or(|text| is_filler(text) || text.trim() == record.name.trim()) {
        lacks("alt_text", "There is no alt text. Say in a sentence what the picture shows.");
    }
    if record.source_note.is_none_or(is_filler) {
        lacks("source_note", "There is no source note. Keep the prompt, or say where it comes from.");
    }
    if record.rights_note.is_none_or(is_filler) {
        lacks("rights_note", "There is no rights note. Say who looked at the rights, and what they found.");
    }
    if !said(record.licence) {
        lacks("licence", "There is no licence. Name the terms under which it is used.");
    }
    if !record.owned {
        lacks("owner", "Nobody owns it. Name an active person of the site.");
    }
    if !said(record.placement) {
        lacks("placement", "There is no intended placement. Say where it is meant to stand.");
    }
    match record.campaign.map(str::trim).filter(|name| !name.is_empty()) {
        None => lacks("campaign", "There is no campaign. Name it, or write “none”."),
        Some(name) if name.eq_ignore_ascii_case(NO_CAMPAIGN) => {}
        Some(_) if record.campaign_ends_on.is_none() => {
            lacks("campaign_end", "The campaign has no last day. Say when it is over.")
        }
        Some(_) => {}
    }
    if record.expires_on.is_none() && record.review_on.is_none() {
        lacks("end", "It has no end. Give it an expiry date or a review date.");
    }
    let dates = [record.campaign_ends_on, record.expires_on, record.review_on];
    if dates.into_iter().flatten().any(|day| day < today) {
        lacks("future_end", "An end or a review date lies in the past. Give it another day, or reject the asset.");
    }
    found
}

/// What an approval looks at.
#[derive(Clone, Debug)]
pub struct Approval<'a> {
    /// Where the asset stands.
    pub state: AssetState,
    /// Its record.
    pub record: Record<'a>,
    /// Everybody who ever brought it in, changed its record or owned it: history counts, not the present owner.
    pub prepared_by: &'a [PersonId],
    /// The people who may approve assets on its site.
    pub approvers: &'a [PersonId],
    /// Reviews that wait.
    pub open_reviews: usize,
}

/// Everything that keeps an asset from being approved, whoever asks. That the approver took no part is asked beside.
pub fn approval_reasons(approval: &Approval, today: &str) -> Vec<Reason> {
    let mut reasons = Vec::new();
    if approval.state != AssetState::Draft {
        let message = format!("It is {}. Only a draft is approved; a changed record makes it one.", approval.state);
        reasons.push(Reason::new("not_a_draft", message, WRITERS));
    }
    reasons.extend(missing(&approval.record, today));
    if approval.open_reviews > 0 {
        let message = "A change around it asks for a review, and nobody has made it yet.";
        reasons.push(Reason::new("review_waits", message, WRITERS));
    }
    if approval.approvers.iter().all(|person| approval.prepared_by.contains(person)) {
        let message = "Nobody is left who could approve it: all who may took part in it. Add a person to the site.";
        reasons.push(Reason::new("nobody_could_approve", message, "administrator"));
    }
    reasons
}

#[cfg(test)]
mod tests {
    use super::*;

    fn full() -> Record<'static> {
        Record {
            name: "winter-tea-gift-box.png",
            alt_text: Some("A red gift box with three tins of tea"),
            source_note: Some("Prompt: a gift box with tea, studio light"),
            rights_note: Some("Terms of the image provider read on 1 November"),
            licence: Some("Commercial use"),
            owned: true,
            placement: Some("Shop front"),
            campaign: Some("Winter"),
            campaign_ends_on: Some("2026-12-31"),
            expires_on: None,
            review_on: Some("2026-12-01"),
        }
    }

    fn codes(record: &Record) -> Vec<String> {
        missing(record, "2026-11-21").into_iter().map(|reason| reason.code).collect()
    }

    #[test]
    fn an_empty_record_lacks_everything_at_once() {
        let all = codes(&Record { name: "IMG_0042.png", ..Record::default() });
        let expected = [
            "missing_name",
            "missing_alt_text",
            "missing_source_note",
            "missing_rights_note",
            "missing_licence",
            "missing_owner",
            "missing_placement",
            "missing_campaign",
            "missing_end",
        ];
        assert_eq!(all, expected);
        assert_eq!(codes(&full()), Vec::<String>::new());
    }

    #[test]
    fn stand_ins_and_past_days_do_not_count() {
        assert_eq!(codes(&Record { alt_text: Some("n/a"), ..full() }), ["missing_alt_text"]);
        assert_eq!(codes(&Record { alt_text: Some("winter-tea-gift-box.png"), ..full() }), ["missing_alt_text"]);
        assert_eq!(codes(&Record { licence: Some("tbd"), ..full() }), ["missing_licence"]);
        assert_eq!(codes(&Record { campaign_ends_on: None, ..full() }), ["missing_campaign_end"]);
        assert_eq!(codes(&Record { campaign: Some("None"), campaign_ends_on: None, ..full() }), Vec::<String>::new());
        assert_eq!(codes(&Record { review_on: Some("2026-11-20"), ..full() }), ["missing_future_end"]);
        assert_eq!(codes(&Record { review_on: Some("2026-11-21"), ..full() }), Vec::<String>::new());
        assert_eq!(codes(&Record { review_on: None, ..full() }), ["missing_end"]);
    }

    #[test]
    fn names_that_every_file_has_say_nothing() {
        for name in
            ["image-final-2.png", "IMG_2231.jpg", "untitled.png", "generated_image_new.webp", "x-y-z.png", "", "."]
        {
            assert!(!says_what_it_shows(name), "{name}");
        }
        for name in ["winter-tea-gift-box.png", "Teekanne aus Gusseisen.jpg", "bike_frame-blue.webp"] {
            assert!(says_what_it_shows(name), "{name}");
        }
    }

    #[test]
    fn an_approval_that_nobody_could_give_says_so() {
        let (ada, omar) = (PersonId::fresh(), PersonId::fresh());
        let both = [ada.clone(), omar.clone()];
        let approval =
            |prepared_by, approvers, state| Approval { state, record: full(), prepared_by, approvers, open_reviews: 0 };
        let reasons = |approval| approval_reasons(&approval, "2026-11-21");
        assert!(reasons(approval(&both[..1], &both, AssetState::Draft)).is_empty());
        assert_eq!(reasons(approval(&both, &both, AssetState::Draft))[0].code, "nobody_could_approve");
        assert_eq!(reasons(approval(&[], &[], AssetState::Draft))[0].code, "nobody_could_approve");
        assert_eq!(reasons(approval(&[], &both, AssetState::Expired))[0].code, "not_a_draft");
    }
}
