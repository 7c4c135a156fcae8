//! Is a file one still picture and nothing else? Looked at before anything decodes it.
//!
//! A file can be two things at once: a picture for one program, a page or an archive for the next. So the whole structure
//! is walked to its end, and what stands behind the end is refused. Formats: PNG (RFC 2083), JPEG (ITU T.81, annex B),
//! GIF89a, WebP (RIFF container).

/// The kinds that are taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PictureFormat {
    /// Portable Network Graphics.
    Png,
    /// JPEG.
    Jpeg,
    /// Graphics Interchange Format.
    Gif,
    /// WebP.
    Webp,
}

/// What is wrong with a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PictureFlaw {
    /// No bytes.
    #[error("The file is empty. Choose the picture.")]
    Empty,
    /// A document that can hold script.
    #[error("This is an SVG: a document that can hold script, not a picture. Export it as PNG, and send that.")]
    Svg,
    /// None of the kinds that are taken.
    #[error("This is not a picture. PNG, JPEG, GIF and WebP are taken, whatever the file is called.")]
    NotAPicture,
    /// It ends before its end.
    #[error("The picture breaks off before its end. Send the whole file.")]
    Truncated,
    /// Something stands behind its end.
    #[error(
        "Behind the end of the picture there are {0} more bytes: it may be something else as well. Save it again in an image editor, and send that."
    )]
    MoreBehind(usize),
    /// More than one picture.
    #[error("This picture moves. Send a still one: of a moving picture only the first frame would be kept.")]
    Moves,
}

/// How far into a file an SVG may begin.
const SVG_WITHIN: usize = 4096;

/// Which kind of picture this is, if it is one still picture and nothing else.
///
/// # Errors
/// What is wrong, in words for the person who sent it.
pub fn look(bytes: &[u8]) -> Result<PictureFormat, PictureFlaw> {
    let (format, end) = match bytes {
        [] => return Err(PictureFlaw::Empty),
        [0x89, b'P', b'N', b'G', b'\r', b'\n', 0x1A, b'\n', ..] => (PictureFormat::Png, png_end(bytes)?),
        [0xFF, 0xD8, 0xFF, ..] => (PictureFormat::Jpeg, jpeg_end(bytes)?),
        [b'G', b'I', b'F', b'8', b'7' | b'9', b'a', ..] => (PictureFormat::Gif, gif_end(bytes)?),
        [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'E', b'B', b'P', ..] => (PictureFormat::Webp, webp_end(bytes)?),
        _ if looks_like_svg(bytes) => return Err(PictureFlaw::Svg),
        _ => return Err(PictureFlaw::NotAPicture),
    };
    let behind = bytes.get(end..).ok_or(PictureFlaw::Truncated)?;
    // Some programs fill the last block of a file with nothing.
    if behind.iter().any(|byte| !matches!(byte, 0 | b'\n' | b'\r')) {
        return Err(PictureFlaw::MoreBehind(behind.len()));
    }
    Ok(format)
}

fn looks_like_svg(bytes: &[u8]) -> bool {
    let head = String::from_utf8_lossy(&bytes[..bytes.len().min(SVG_WITHIN)]).to_lowercase();
    head.trim_start_matches('\u{FEFF}').trim_start().starts_with('<') && head.contains("<svg")
}

/// Walks a file; every step that leaves it means that it is truncated.
struct Walk<'b> {
    bytes: &'b [u8],
    at: usize,
}

impl Walk<'_> {
    fn byte(&mut self) -> Result<u8, PictureFlaw> {
        let byte = *self.bytes.get(self.at).ok_or(PictureFlaw::Truncated)?;
        self.at += 1;
        Ok(byte)
    }

    fn skip(&mut self, count: usize) -> Result<(), PictureFlaw> {
        self.at = self.at.checked_add(count).filter(|at| *at <= self.bytes.len()).ok_or(PictureFlaw::Truncated)?;
        Ok(())
    }

    fn take<const N: usize>(&mut self) -> Result<[u8; N], PictureFlaw> {
        let from = self.at;
        self.skip(N)?;
        self.bytes[from..self.at].try_into().map_err(|_| PictureFlaw::Truncated)
    }
}

fn usize_of(number: u32) -> usize {
    usize::try_from(number).unwrap_or(usize::MAX)
}

fn png_end(bytes: &[u8]) -> Result<usize, PictureFlaw> {
    let mut walk = Walk { bytes, at: 8 };
    loop {
        let length = usize_of(u32::from_be_bytes(walk.take()?));
        let kind: [u8; 4] = walk.take()?;
        walk.skip(length)?;
        walk.skip(4)?;
        match &kind {
            b"IEND" => return Ok(walk.at),
            b"acTL" => return Err(PictureFlaw::Moves),
            _ => {}
        }
    }
}

fn jpeg_end(bytes: &[u8]) -> Result<usize, PictureFlaw> {
    let mut walk = Walk { bytes, at: 2 };
    loop {
        if walk.byte()? != 0xFF {
            return Err(PictureFlaw::NotAPicture);
        }
        let mut marker = walk.byte()?;
        while marker == 0xFF {
            marker = walk.byte()?;
        }
        match marker {
            0xD9 => return Ok(walk.at),
            // Stand alone, without a length.
            0x01 | 0xD0..=0xD7 => {}
            marker => {
                let length = usize::from(u16::from_be_bytes(walk.take()?));
                walk.skip(length.checked_sub(2).ok_or(PictureFlaw::NotAPicture)?)?;
                if marker == 0xDA {
                    skip_entropy(&mut walk)?;
                }
            }
        }
    }
}

/// Coded data runs until a marker that is neither a stuffed zero nor a restart.
fn skip_entropy(walk: &mut Walk) -> Result<(), PictureFlaw> {
    loop {
        let found = walk.bytes[walk.at..].iter().position(|byte| *byte == 0xFF).ok_or(PictureFlaw::Truncated)?;
        walk.skip(found)?;
        match walk.bytes.get(walk.at + 1) {
            None => return Err(PictureFlaw::Truncated),
            Some(0x00 | 0xD0..=0xD7) => walk.skip(2)?,
            Some(_) => return Ok(()),
        }
    }
}

/// Size of a GIF's colour table, in bytes, if its flags say that there is one.
fn colour_table(flags: u8) -> usize {
    if flags & 0x80 == 0 { 0 } else { 3 << ((flags & 7) + 1) }
}

fn gif_end(bytes: &[u8]) -> Result<usize, PictureFlaw> {
    let mut walk = Walk { bytes, at: 6 };
    let screen: [u8; 7] = walk.take()?;
    walk.skip(colour_table(screen[4]))?;
    let mut frames = 0;
    loop {
        match walk.byte()? {
            0x3B => return Ok(walk.at),
            0x21 => walk.skip(1)?,
            0x2C => {
                frames += 1;
                if frames > 1 {
                    return Err(PictureFlaw::Moves);
                }
                let frame: [u8; 9] = walk.take()?;
                walk.skip(colour_table(frame[8]) + 1)?;
            }
            _ => return Err(PictureFlaw::NotAPicture),
        }
        loop {
            let length = usize::from(walk.byte()?);
            if length == 0 {
                break;
            }
            walk.skip(length)?;
        }
    }
}

fn webp_end(bytes: &[u8]) -> Result<usize, PictureFlaw> {
    let mut walk = Walk { bytes, at: 4 };
    let length = usize_of(u32::from_le_bytes(walk.take()?));
    let end = length.checked_add(8).filter(|end| *end <= bytes.len()).ok_or(PictureFlaw::Truncated)?;
    walk.skip(4)?;
    while walk.at + 8 <= end {
        let kind: [u8; 4] = walk.take()?;
        let size = usize_of(u32::from_le_bytes(walk.take()?));
        if matches!(&kind, b"ANIM" | b"ANMF") {
            return Err(PictureFlaw::Moves);
        }
        walk.skip(size.checked_add(size % 2).ok_or(PictureFlaw::Truncated)?)?;
    }
    Ok(end)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// The same small picture in each format.
    fn pictures() -> Vec<(PictureFormat, Vec<u8>)> {
        let picture = image::RgbImage::from_fn(9, 7, |x, y| image::Rgb([x as u8 * 20, y as u8 * 30, 90]));
        [
            (PictureFormat::Png, image::ImageFormat::Png),
            (PictureFormat::Jpeg, image::ImageFormat::Jpeg),
            (PictureFormat::Gif, image::ImageFormat::Gif),
            (PictureFormat::Webp, image::ImageFormat::WebP),
        ]
        .into_iter()
        .map(|(ours, theirs)| {
            let mut bytes = std::io::Cursor::new(Vec::new());
            image::DynamicImage::from(picture.clone()).write_to(&mut bytes, theirs).unwrap();
            (ours, bytes.into_inner())
        })
        .collect()
    }

    #[test]
    fn whole_pictures_are_told_apart_and_broken_ones_never_pass() {
        for (format, bytes) in pictures() {
            assert_eq!(look(&bytes), Ok(format));
            for cut in 1..bytes.len() {
                assert!(look(&bytes[..cut]).is_err(), "{format:?} cut at {cut}");
            }
        }
    }

    #[test]
    fn what_stands_behind_a_picture_is_refused_but_padding_is_not() {
        for (format, bytes) in pictures() {
            for tail in [&b"PK\x03\x04 and so on"[..], b"<script>alert(1)</script>", b"<?php system($_GET['c']);"] {
                let both = [&bytes[..], tail].concat();
                assert_eq!(look(&both), Err(PictureFlaw::MoreBehind(tail.len())), "{format:?}");
            }
            assert_eq!(look(&[&bytes[..], &[0, 0, b'\n']].concat()), Ok(format));
        }
    }

    #[test]
    fn documents_and_programs_are_no_pictures() {
        let svg = b"\xEF\xBB\xBF<?xml version=\"1.0\"?>\n<!-- x --><svg onload=\"alert(1)\"></svg>";
        assert_eq!(look(svg), Err(PictureFlaw::Svg));
        assert_eq!(look(b"<SVG xmlns='http://www.w3.org/2000/svg'>"), Err(PictureFlaw::Svg));
        for other in [&b"<html><body>hello"[..], b"%PDF-1.7", b"PK\x03\x04", b"\x7fELF", b"BM123456", b"hello"] {
            assert_eq!(look(other), Err(PictureFlaw::NotAPicture));
        }
        assert_eq!(look(b""), Err(PictureFlaw::Empty));
    }

    #[test]
    fn a_picture_that_moves_is_told() {
        let mut bytes = Vec::new();
        let mut gif = image::codecs::gif::GifEncoder::new(&mut bytes);
        let frame = || image::Frame::new(image::RgbaImage::from_pixel(4, 4, image::Rgba([9, 9, 9, 255])));
        gif.encode_frames([frame(), frame()]).unwrap();
        drop(gif);
        assert_eq!(look(&bytes), Err(PictureFlaw::Moves));
    }

    proptest! {
        #[test]
        fn whatever_comes_the_walk_ends(format in 0usize..4, noise in proptest::collection::vec(any::<u8>(), 0..200), at in 0usize..400) {
            let mut bytes = pictures().swap_remove(format).1;
            let at = at.min(bytes.len());
            bytes.splice(at.., noise);
            let _ = look(&bytes);
        }
    }
}
