//! Decoding pictures that people bring in, within bounds: of a picture only its pixels are kept.

use super::Failure;
use image::{DynamicImage, ImageDecoder, ImageReader, Limits, metadata::Orientation};
use std::io::Cursor;
use std::sync::{Mutex, PoisonError};

/// What decoding may cost.
#[derive(Clone, Copy, Debug)]
pub(super) struct Bounds {
    /// Most pixels of either side.
    pub(super) side: u32,
    /// Most pixels in all.
    pub(super) pixels: u64,
    /// Most memory, bytes.
    pub(super) memory: u64,
}

/// Why a picture could not be decoded.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Undrawn {
    /// It would unfold to more than the bounds allow.
    TooManyPixels { width: u32, height: u32 },
    /// It is damaged.
    Damaged,
}

/// A decoded picture takes much memory for a moment: one at a time bounds it, however many arrive.
static DESK: Mutex<()> = Mutex::new(());

/// The pixels of a picture, turned as its orientation says, because that is not kept.
pub(super) fn decode(bytes: &[u8], bounds: Bounds) -> Result<DynamicImage, Undrawn> {
    let _alone = DESK.lock().unwrap_or_else(PoisonError::into_inner);
    let mut reader = ImageReader::new(Cursor::new(bytes)).with_guessed_format().map_err(|_| Undrawn::Damaged)?;
    let mut limits = Limits::default();
    limits.max_image_width = Some(bounds.side);
    limits.max_image_height = Some(bounds.side);
    limits.max_alloc = Some(bounds.memory);
    reader.limits(limits);
    let mut decoder = reader.into_decoder().map_err(undrawn)?;
    let (width, height) = decoder.dimensions();
    if width > bounds.side || height > bounds.side || u64::from(width) * u64::from(height) > bounds.pixels {
        return Err(Undrawn::TooManyPixels { width, height });
    }
    let orientation = decoder.orientation().unwrap_or(Orientation::NoTransforms);
    let mut picture = DynamicImage::from_decoder(decoder).map_err(undrawn)?;
    picture.apply_orientation(orientation);
    Ok(picture)
}

fn undrawn(error: image::ImageError) -> Undrawn {
    match error {
        image::ImageError::Limits(_) => Undrawn::TooManyPixels { width: 0, height: 0 },
        _ => Undrawn::Damaged,
    }
}

/// The picture as PNG: pixels, and nothing else.
pub(super) fn png(picture: &DynamicImage) -> Result<Vec<u8>, Failure> {
    let mut png = Cursor::new(Vec::new());
    picture
        .write_to(&mut png, image::ImageFormat::Png)
        .map_err(|error| Failure::Broken(format!("a picture cannot be written: {error}")))?;
    Ok(png.into_inner())
}
