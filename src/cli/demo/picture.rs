//! A picture of an admin screen, drawn here: a bar, a side menu, and a list of orders in which each stands twice.

use crate::actions::Failure;
use image::{ImageFormat, Rgb, RgbImage};

const WIDTH: u32 = 960;
const HEIGHT: u32 = 540;
const PAPER: Rgb<u8> = Rgb([240, 240, 241]);
const BAR: Rgb<u8> = Rgb([29, 35, 39]);
const ROW: Rgb<u8> = Rgb([255, 255, 255]);
const TEXT: Rgb<u8> = Rgb([120, 124, 130]);
const DOUBLE: Rgb<u8> = Rgb([252, 240, 227]);

/// The picture as PNG.
pub(super) fn draw() -> Result<Vec<u8>, Failure> {
    let mut picture = RgbImage::from_pixel(WIDTH, HEIGHT, PAPER);
    fill(&mut picture, 0, 0, WIDTH, 32, BAR);
    fill(&mut picture, 0, 32, 160, HEIGHT - 32, BAR);
    for entry in 0..9 {
        fill(&mut picture, 20, 56 + entry * 34, 90 + (entry * 37) % 40, 8, TEXT);
    }
    for row in 0..10 {
        let top = 80 + row * 42;
        let paper = if row % 2 == 1 { DOUBLE } else { ROW };
        fill(&mut picture, 190, top, 740, 36, paper);
        for (left, width) in [(206, 60), (310, 180 - (row / 2) * 9), (560, 90), (760, 120)] {
            fill(&mut picture, left, top + 14, width, 8, TEXT);
        }
    }
    let mut png = std::io::Cursor::new(Vec::new());
    picture
        .write_to(&mut png, ImageFormat::Png)
        .map_err(|e| Failure::Broken(format!("the demo's picture cannot be drawn: {e}")))?;
    Ok(png.into_inner())
}

fn fill(picture: &mut RgbImage, left: u32, top: u32, width: u32, height: u32, colour: Rgb<u8>) {
    for y in top..(top + height).min(HEIGHT) {
        for x in left..(left + width).min(WIDTH) {
            picture.put_pixel(x, y, colour);
        }
    }
}
