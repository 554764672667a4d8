//! How does a row of the outbox become a request that its receiver can trust?
//!
//! As the Standard Webhooks specification 1.0 says: the identity of the message, when it was sent, and an HMAC-SHA-256
//! over both and the body.

use aws_lc_rs::hmac;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use entity::{delivery, webhook};
use http::header::CONTENT_TYPE;
use http::{HeaderMap, HeaderValue, StatusCode};
use sea_orm::EntityTrait;

use super::Tried;
use crate::app::App;
use crate::clock::Seconds;
use crate::oidc::Error;
use crate::portal::webhook::{self as rule, SECRET_PREFIX};
use crate::secret::Secret;

pub(super) async fn send(app: &App, row: &delivery::Model) -> Result<Tried, Error> {
    let refused = |why: &str| Ok(Tried::Refused(why.to_owned()));
    let found = match row.webhook_id {
        Some(id) => webhook::Entity::find_by_id(id).one(app.db.pool()).await?,
        None => None,
    };
    let Some(webhook) = found.filter(|webhook| !rule::is_removed(webhook)) else {
        return refused("the webhook is not there any more");
    };
    if !webhook.enabled {
        return refused("the webhook is switched off");
    }
    let Some(secret) = rule::secret(app, &webhook) else { return refused("the webhook's secret cannot be opened") };
    let body = Bytes::from(row.data.to_string());
    let Some(headers) = headers(&row.id.to_string(), app.clock.now(), &body, &secret) else {
        return refused("the webhook's secret cannot be used");
    };
    Ok(match app.outbound.post(&webhook.url, headers, body).await {
        Ok(status) if status.is_success() => Tried::Done,
        Ok(StatusCode::GONE) => {
            rule::gone(app, &webhook).await?;
            Tried::Refused("the receiver wants no more (410): the webhook is switched off".to_owned())
        }
        Ok(status) => Tried::NotNow(format!("the receiver answered {}", status.as_u16())),
        // Which of the reasons it was would tell about networks that only the operator may know (s.S18).
        Err(_) => Tried::NotNow("the receiver could not be reached".to_owned()),
    })
}

fn headers(id: &str, now: Seconds, body: &[u8], secret: &Secret) -> Option<HeaderMap> {
    let mut headers = HeaderMap::new();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    headers.insert("webhook-id", id.parse().ok()?);
    headers.insert("webhook-timestamp", HeaderValue::from(now));
    headers.insert("webhook-signature", signature(id, now, body, secret)?.parse().ok()?);
    Some(headers)
}

/// `v1,` and the base64 of the HMAC-SHA-256 of `id.now.body`. `None`: the secret is not `whsec_` and base64.
pub fn signature(id: &str, now: Seconds, body: &[u8], secret: &Secret) -> Option<String> {
    let key = STANDARD.decode(secret.expose().strip_prefix(SECRET_PREFIX)?).ok()?;
    let mut context = hmac::Context::with_key(&hmac::Key::new(hmac::HMAC_SHA256, &key));
    context.update(format!("{id}.{now}.").as_bytes());
    context.update(body);
    Some(format!("v1,{}", STANDARD.encode(context.sign())))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_is_signed_over_its_identity_its_time_and_its_body() {
        // The example of the specification's reference libraries.
        let secret = Secret::new("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw");
        let body = br#"{"test": 2432232314}"#;
        let signed = signature("msg_p5jXN8AQM9LWM0D4loKWxJek", 1_614_265_330, body, &secret);
        assert_eq!(signed.as_deref(), Some("v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="));
        assert_eq!(signature("x", 1, b"{}", &Secret::new("MfKQ")), None);
    }
}
