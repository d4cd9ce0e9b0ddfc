//! `/users/{id}/photo` and `/users/{id}/photo/$value`: one picture, as it was uploaded.

use std::sync::Arc;

use bytes::Bytes;
use serde_json::json;
use sha2::{Digest, Sha256};

use crate::answer::Answer;
use crate::contract::ObjectType;
use crate::graph::Call;
use crate::graph::error::{Error, Result};

/// The largest picture, in bytes.
const MAX_PHOTO: usize = 4 * 1024 * 1024;

/// Reads, replaces or deletes the picture.
pub(super) fn answer(call: &Call<'_>) -> Result<Answer> {
    let id = {
        let replicas = call.tenant.replicas();
        let directory = replicas.seen();
        let row = call.row_of(directory, ObjectType::User)?;
        directory.user(row).map(|user| user.id()).ok_or_else(|| Error::not_found(&call.key))?
    };
    let facets = call.tenant.facets();
    match (call.operation.method.as_str(), call.operation.path.ends_with("/$value")) {
        ("GET", is_value) => {
            let photo = facets.photo(&id).ok_or_else(missing)?;
            if is_value { Ok(picture(&photo)) } else { describe(call, &id, &photo) }
        }
        ("DELETE", _) => {
            facets.photo(&id).ok_or_else(missing)?;
            facets.set_photo(&id, None);
            Ok(Answer::empty(204))
        }
        _ => {
            let kind = call.request.header("content-type").unwrap_or_default();
            let fits = kind.starts_with("image/") && call.request.body.len() <= MAX_PHOTO;
            size(&call.request.body).filter(|_| fits).ok_or_else(|| {
                Error::new(400, "ErrorInvalidImage", "The request body is no JPEG image of at most four megabytes.")
            })?;
            facets.set_photo(&id, Some(call.request.body.clone()));
            Ok(Answer::empty(200))
        }
    }
}

fn picture(photo: &Arc<Bytes>) -> Answer {
    Answer::of(200, "image/jpeg", photo.to_vec()).with("etag", format!("\"{}\"", tag(photo)))
}

fn describe(call: &Call<'_>, id: &str, photo: &Arc<Bytes>) -> Result<Answer> {
    let (width, height) = size(photo).ok_or_else(missing)?;
    let body = json!({
        "@odata.context": call.context(&format!("users('{id}')/photo/$entity")),
        "@odata.id": format!("{}/v1.0/users('{id}')/photo", call.tenant.origin()),
        "@odata.mediaContentType": "image/jpeg",
        "@odata.mediaEtag": format!("\"{}\"", tag(photo)),
        "id": format!("{width}x{height}"), "width": width, "height": height,
    });
    Ok(Answer::odata(200, body.to_string().into_bytes()))
}

fn tag(photo: &[u8]) -> String {
    Sha256::digest(photo).iter().take(4).map(|byte| format!("{byte:02X}")).collect()
}

/// Width and height of a JPEG, from its first frame.
fn size(image: &[u8]) -> Option<(u16, u16)> {
    let mut rest = image.strip_prefix(&[0xff, 0xd8])?;
    loop {
        let [0xff, marker, high, low, tail @ ..] = rest else { return None };
        let is_frame = matches!(marker, 0xc0..=0xc3 | 0xc5..=0xc7 | 0xc9..=0xcb | 0xcd..=0xcf);
        if let ([_, h1, h2, w1, w2, ..], true) = (tail, is_frame) {
            return Some((u16::from_be_bytes([*w1, *w2]), u16::from_be_bytes([*h1, *h2])));
        }
        let length = usize::from(u16::from_be_bytes([*high, *low])).checked_sub(2)?;
        rest = tail.get(length..)?;
    }
}

fn missing() -> Error {
    let text = "Exception of type 'Microsoft.Fast.Profile.Core.Exception.ImageNotFoundException' was thrown.";
    Error::new(404, "ImageNotFound", text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_size_is_read_from_the_picture() {
        let photo = include_bytes!("../../data/sample-photo.jpg");
        assert_eq!(size(photo), Some((48, 48)));
        for broken in [&b""[..], b"\xff\xd8", b"\xff\xd8\xff\xe0\x00\x00", b"GIF89a", &photo[..40]] {
            assert_eq!(size(broken), None);
        }
    }
}
