//! Files out of a multipart form, streamed one after the other into their sealed originals.

use super::seal::not_kept_words;
use crate::actions::{Failure, seal_evidence};
use crate::domain::problem::FieldError;
use crate::web::State;
use crate::web::auth::{Signed, csrf_fits};
use crate::web::failure::PageFailure;
use crate::web::once::{self, FormKey};
use crate::web::upload::{broken_off, file_name, foreign, pipe, shown_name, text};
use actix_multipart::{Field, Multipart};
use actix_web::HttpRequest;
use futures_util::StreamExt;

/// Most files in one form.
const FILES_MAX: usize = 50;

/// What came in.
#[derive(Default)]
pub(super) struct Taken {
    pub(super) note: String,
    /// Names of what was sealed.
    pub(super) sealed: Vec<String>,
    /// Was something named in the incident and not kept?
    pub(super) dropped: bool,
    pub(super) errors: Vec<FieldError>,
    pub(super) too_large: bool,
}

impl Taken {
    /// A file came to its end: sealed, or not kept and why.
    fn settled(&mut self, name: Option<String>, not_kept: Option<String>) {
        match (name, not_kept) {
            (Some(name), Some(why)) => {
                self.dropped = true;
                self.errors.push(FieldError::new("file", not_kept_words(&name, &why)));
            }
            (name, _) => self.sealed.extend(name),
        }
    }
}

/// Reads the form. `csrf` and `once` stand before the files, so that they are known before a byte of a file is read.
pub(super) async fn take(
    state: &State,
    request: &HttpRequest,
    signed: &Signed,
    reference: &str,
    mut form: Multipart,
) -> Result<Taken, PageFailure> {
    let mut taken = Taken::default();
    let (mut proven, mut once, mut files) = (false, String::new(), 0);
    while let Some(field) = form.next().await {
        let mut field = field.map_err(|_| broken_off())?;
        match field.name().unwrap_or_default() {
            "csrf" => proven = csrf_fits(request, state, &text(&mut field).await?),
            "once" => once = text(&mut field).await?,
            "note" => taken.note = text(&mut field).await?,
            "file" if !proven => return Err(foreign()),
            "file" => {
                let name = file_name(&field);
                let name = match name {
                    // A form without a chosen file sends one with an empty name.
                    None => continue,
                    Some(name) => name,
                };
                files += 1;
                if files > FILES_MAX {
                    let message = format!(
                        "These are more than {FILES_MAX} files. The first {FILES_MAX} are sealed; send the rest again."
                    );
                    taken.errors.push(FieldError::new("file", message));
                    return Ok(taken);
                }
                let key = if once.is_empty() { String::new() } else { format!("{once} {files}") };
                let key = FormKey::new(&key, [("note", taken.note.as_str()), ("file", name.as_str())].into_iter());
                take_file(state, request, signed, reference, &mut taken, field, name, key).await?;
                if taken.too_large {
                    return Ok(taken);
                }
            }
            _ => {}
        }
    }
    if !proven {
        return Err(foreign());
    }
    if files == 0 {
        taken.errors.push(FieldError::new("file", "Choose at least one file, or paste text below."));
    }
    Ok(taken)
}

#[expect(clippy::too_many_arguments, reason = "what one file of a form needs")]
async fn take_file(
    state: &State,
    request: &HttpRequest,
    signed: &Signed,
    reference: &str,
    taken: &mut Taken,
    field: Field,
    name: String,
    key: FormKey,
) -> Result<(), PageFailure> {
    let (sender, mut reader) = pipe();
    let (actor, path, reference) = (signed.actor(), request.path().to_owned(), reference.to_owned());
    let (note, file) = (taken.note.clone(), name.clone());
    let sealing = state.run(move |desk| {
        let desk = once::for_form(desk, &path, &actor, &key);
        seal_evidence::run_from(&desk, &actor, &reference, &file, &note, &mut reader)
    });
    let (outcome, ()) = futures_util::future::join(sealing, sender.send_all(field)).await;
    match outcome {
        Ok(sealed) => taken.settled(Some(sealed.name.to_string()), sealed.warning),
        Err(Failure::Repeated { answer, .. }) => {
            taken.settled(once::in_answer(&answer, "name"), once::in_answer(&answer, "warning"));
        }
        Err(Failure::Invalid(errors)) => {
            let told = errors.into_iter().map(|error| match error.field.as_str() {
                "file" => FieldError::new("file", format!("{}: {}", shown_name(&name), error.message)),
                _ => error,
            });
            taken.errors.extend(told);
        }
        Err(Failure::TooLarge(why)) => {
            taken.too_large = true;
            taken.errors.push(FieldError::new("file", format!("{}: {why}", shown_name(&name))));
        }
        Err(failure) => return Err(failure.into()),
    }
    Ok(())
}
