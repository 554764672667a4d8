//! What does the event hook of another portal say? (portal.md N28)

use entity::id::ServiceId;
use poem_openapi::Object;
use serde_json::{Map, Value};

use super::member::{names, text};
use super::shape::id;
use crate::oidc::{Code, Error};
use crate::portal::bridge::{News, Resource, Told};

/// What happened to an application in the other portal.
#[derive(Debug, Object)]
#[oai(rename = "EventHook")]
pub struct NewsDocument {
    /// `update_application`, `add_registration` or `remove_registration`.
    event_type: String,
    /// The identifier of its client here: that of the path.
    client_id: String,
    /// What the other portal calls it.
    application_id: String,
    /// Its name.
    application_name: String,
    /// What it does.
    application_description: Option<String>,
    /// Where authorization answers may go; for `update_application`.
    redirect_uris: Option<Vec<String>>,
    /// What the other portal calls itself.
    portal_id: Option<String>,
    /// What it calls its organization.
    organization_id: Option<String>,
    /// What it calls the developer.
    developer_id: Option<String>,
    /// What it calls the API; for registrations.
    api_product_version_id: Option<String>,
    /// The audience of tokens for the API; for registrations.
    audience: Option<String>,
}

/// Reads the body of a hook. Members that are not known are ignored: the other portal may have more to tell.
///
/// # Errors
/// `invalid_request` for an event that is none of the three, a `client_id` that is not that of the path, and members of
/// another type.
pub fn told(mut members: Map<String, Value>, client_id: &str) -> Result<Told, Error> {
    let wrong = |why: &'static str| Error::new(Code::InvalidRequest, why);
    let names = names(&mut members)?;
    let application = names.get("application_id").and_then(Value::as_str).unwrap_or_default().to_owned();
    if text(&mut members, "client_id")?.is_some_and(|named| named != client_id) {
        return Err(wrong("client_id must be that of the path"));
    }
    let news = match text(&mut members, "event_type")?.as_deref() {
        Some("update_application") => News::Updated {
            name: text(&mut members, "application_name")?.ok_or_else(|| wrong("application_name must be there"))?,
            description: text(&mut members, "application_description")?,
            redirect_uris: addresses(&mut members)?,
        },
        Some("add_registration") => News::Added(resource(&mut members)?),
        Some("remove_registration") => News::Removed(resource(&mut members)?),
        _ => return Err(wrong("event_type must be update_application, add_registration or remove_registration")),
    };
    Ok(Told { news, application, names })
}

fn resource(members: &mut Map<String, Value>) -> Result<Resource, Error> {
    let named = text(members, "api_product_version_id")?;
    let audience = text(members, "audience")?;
    if named.is_none() && audience.is_none() {
        return Err(Error::new(Code::InvalidRequest, "api_product_version_id or audience must be there"));
    }
    Ok(Resource { id: named.as_deref().and_then(id::<ServiceId>), audience })
}

fn addresses(members: &mut Map<String, Value>) -> Result<Option<Vec<String>>, Error> {
    let Some(sent) = members.shift_remove("redirect_uris").filter(|sent| !sent.is_null()) else { return Ok(None) };
    let read = serde_json::from_value(sent).map(Some);
    read.map_err(|_| Error::new(Code::InvalidRequest, "redirect_uris must be an array of strings"))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use serde_json::json;

    use super::*;

    #[test]
    fn a_hook_that_cannot_be_understood_is_refused() {
        // N28
        let read = |body: Value| told(body.as_object().unwrap().clone(), "c1");
        for wrong in [
            json!({}),
            json!({"event_type": "delete_everything"}),
            json!({"event_type": "update_application"}),
            json!({"event_type": "update_application", "application_name": "n", "client_id": "c2"}),
            json!({"event_type": "update_application", "application_name": "n", "redirect_uris": "x"}),
            json!({"event_type": "add_registration"}),
        ] {
            assert_eq!(read(wrong.clone()).unwrap_err().code, Code::InvalidRequest, "{wrong}");
        }
        let added = read(json!({"event_type": "add_registration", "audience": "a", "application_id": "k"})).unwrap();
        assert!(matches!(&added.news, News::Added(resource) if resource.audience.as_deref() == Some("a")));
        assert_eq!(added.application, "k");
    }
}
