//! Generated assets, as the document lists them.

use super::{Content, Line, body, get, listing, patch, post};
use crate::actions::asset_changes::{AssetChangeAnswer, AssetReviewed};
use crate::actions::asset_placements::PlacementAnswer;
use crate::actions::assets::AssetAnswer;
use crate::actions::reuse_asset::{OpenReuse, ReuseDecided};
use crate::web::api::assets::around::{
    AssetChangeBody, AssetChangeShown, AssetReviewBody, CleaningBody, PlacementBody,
};
use crate::web::api::assets::shown::{AssetLine, AssetShown, PlacementShown};
use crate::web::api::assets::{AssetApprovalBody, AssetReasonBody, AssetRecord, ReuseDecisionBody};

/// Generated assets, and what happens around them.
pub(super) fn lines() -> Vec<Line> {
    register().into_iter().chain(around()).collect()
}

/// The register, and the answer about using one again.
fn register() -> Vec<Line> {
    const FILTERS: &[&str] = &["site", "state", "campaign", "asset_set", "reusable", "limit", "cursor"];
    const APPROVE: &str = "Approve, as a second person; 409 with everything that is missing";
    let brought = Line {
        query: &["site", "name"],
        ..post(
            "/assets",
            Content::Bytes("application/octet-stream"),
            201,
            body::<AssetAnswer>(),
            "Bring a picture in: the raw body. Only its pixels are kept",
        )
    };
    let answer = body::<AssetAnswer>;
    vec![
        get("/assets", FILTERS, listing::<AssetLine>(), "Assets you may see"),
        brought,
        get("/assets/{id}", &[], body::<AssetShown>(), "One asset with everything about it"),
        patch("/assets/{id}", body::<AssetRecord>(), answer(), "Change its record; it is a draft again"),
        get("/assets/{id}/file", &[], Content::Bytes("image/png"), "The picture"),
        get("/assets/{id}/thumbnail", &[], Content::Bytes("image/png"), "A small form of it"),
        post("/assets/{id}/approval", body::<AssetApprovalBody>(), 200, answer(), APPROVE),
        post(
            "/assets/{id}/rejection",
            body::<AssetReasonBody>(),
            200,
            answer(),
            "Reject it; it is removed on schedule",
        ),
        post("/assets/{id}/removal", body::<AssetReasonBody>(), 200, answer(), "Remove its bytes now"),
        get("/assets/{id}/reuse", &[], body::<OpenReuse>(), "May it be used again now? 423 with every reason if not"),
        post(
            "/assets/{id}/reuse-decisions",
            body::<ReuseDecisionBody>(),
            201,
            body::<ReuseDecided>(),
            "Answer the five questions about using it again",
        ),
    ]
}

/// Where assets stand, and what changes around them.
fn around() -> Vec<Line> {
    const CHANGE: &str = "Report a change of offer, packaging, season or brand; what it concerns is blocked";
    vec![
        post(
            "/assets/{id}/placements",
            body::<PlacementBody>(),
            201,
            body::<PlacementAnswer>(),
            "Note where it stands",
        ),
        get(
            "/asset-placements",
            &["site", "limit", "cursor"],
            listing::<PlacementShown>(),
            "From where assets must go",
        ),
        post(
            "/asset-placements/{id}/cleaning",
            body::<CleaningBody>(),
            200,
            body::<PlacementAnswer>(),
            "Say that it no longer stands there, with a link",
        ),
        get("/asset-changes", &["site", "limit", "cursor"], listing::<AssetChangeShown>(), "Changes around assets"),
        post("/asset-changes", body::<AssetChangeBody>(), 201, body::<AssetChangeAnswer>(), CHANGE),
        post(
            "/asset-reviews/{id}/completion",
            body::<AssetReviewBody>(),
            200,
            body::<AssetReviewed>(),
            "Review an asset: it still fits, or it is rejected",
        ),
    ]
}
