//! The page on which a pause stands, to go back to after a press or to show again when the press was refused.

use super::{list, show};
use crate::actions::sight::promised;
use crate::actions::{Failure, pause};
use crate::domain::gate::PauseTarget;
use crate::domain::ids::{AutomationId, PauseId};
use crate::store::pauses::PauseRow;
use crate::store::{Connection, automations, pauses, sites};
use crate::web::State;
use crate::web::auth::Signed;
use crate::web::failure::PageFailure;
use crate::web::pages::sites::show::Refused;
use crate::web::pages::{home, sites as site_pages, switches};
use actix_web::{HttpRequest, HttpResponse};

/// Where a pause is shown.
#[derive(Clone, Debug)]
pub(super) enum Place {
    Home,
    Switches,
    Automation(String),
    Site(String),
    List,
}

impl Place {
    /// The page of this pause, for somebody who may see it; `next`: the page from which the press came.
    pub(super) async fn of(state: &State, signed: &Signed, pause: &str, next: &str) -> Result<Self, PageFailure> {
        let (actor, id, next) = (signed.actor(), PauseId::from_text(pause), next.to_owned());
        let place = state
            .run(move |desk| {
                desk.read(|connection| {
                    let row = pauses::find(connection, &id)?;
                    // A press that was refused as typed says nothing about who may know of the pause.
                    let hidden =
                        [pause::release_refusal(connection, &actor, &row)?, pause::may_amend(&actor, &row).err()];
                    if hidden.iter().all(|one| matches!(one, Some(Failure::NotFound | Failure::Forbidden(_)))) {
                        return Err(hidden.into_iter().flatten().next().unwrap_or(Failure::NotFound));
                    }
                    Self::named(&next).map_or_else(|| Self::of_row(connection, &row), Ok)
                })
            })
            .await?;
        Ok(place)
    }

    /// A page that shows pauses of many kinds.
    pub(super) fn named(next: &str) -> Option<Self> {
        match next {
            "/" => Some(Self::Home),
            "/switches" => Some(Self::Switches),
            _ => None,
        }
    }

    fn of_row(connection: &mut Connection, row: &PauseRow) -> Result<Self, Failure> {
        Ok(match (row.target_kind, &row.site_id) {
            (PauseTarget::Automation, _) => {
                let id = AutomationId::from_text(row.target.as_str());
                Self::Automation(promised(automations::find(connection, &id))?.slug)
            }
            (PauseTarget::Site, Some(site)) => Self::Site(promised(sites::find(connection, site))?.slug),
            _ => Self::List,
        })
    }

    pub(super) fn address(&self) -> String {
        match self {
            Self::Home => "/".to_owned(),
            Self::Switches => "/switches".to_owned(),
            Self::Automation(slug) => format!("/automations/{slug}"),
            Self::Site(slug) => format!("/sites/{slug}"),
            Self::List => "/automations".to_owned(),
        }
    }

    /// The page again, with what was typed and why it was refused.
    pub(super) async fn again(
        self,
        state: &State,
        request: &HttpRequest,
        signed: &Signed,
        refused: Refused,
    ) -> Result<HttpResponse, PageFailure> {
        match self {
            Self::Home => home::render(state, request, signed, refused).await,
            Self::Switches => switches::render(state, request, signed, refused).await,
            Self::Automation(slug) => show::render(state, request, signed, slug, refused).await,
            Self::Site(slug) => site_pages::show::render(state, request, signed, slug, refused).await,
            Self::List => list::render(state, request, signed, list::Filter::default(), refused).await,
        }
    }
}
