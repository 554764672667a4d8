//! Answers that are lost between a portal and its provider: no client is left that nobody knows.

use registrar::oidc::client::ApplicationType;
use registrar::portal::provider::{self, Refusal};

use super::lifecycle::due;
use super::{application, calls, clients, new, nothing_is_stored, portal, refusal, set_up};
use crate::harness::provider::{Does, Provider};

#[tokio::test]
async fn a_registration_whose_answer_is_lost_leaves_no_orphan() {
    spec!("security/s.N8");
    let (site, there) = (portal().await, Provider::start().await);
    there.tells("registration_idempotency_key_supported", true);
    set_up(&site, new(&there.discovery())).await.unwrap();
    there.does("POST /register", Does::Loses);
    let lost = refusal(application(&site, ApplicationType::Web).await);
    assert!(matches!(lost, Refusal::Uncertain(_)), "{lost:?}");
    nothing_is_stored(&site).await;
    assert_eq!((there.clients().len(), calls(&site).await.len()), (1, 1));
    provider::reconcile(&site.app).await.unwrap();
    assert_eq!(there.clients().len(), 1, "it is not looked into while the request may live");
    there.is_honest();
    due(&site).await;
    provider::reconcile(&site.app).await.unwrap();
    assert!(there.clients().is_empty() && calls(&site).await.is_empty() && clients(&site).await.is_empty());
    let asked = there.heard("POST /register");
    assert_eq!(asked[0].header("idempotency-key"), asked[1].header("idempotency-key"));
    assert_eq!(asked[0].body, asked[1].body);
}

#[tokio::test]
async fn where_nobody_can_tell_the_admins_are_told() {
    spec!("security/s.N8");
    let (site, there) = (portal().await, Provider::start().await);
    let row = set_up(&site, new(&there.discovery())).await.unwrap();
    there.does("POST /register", Does::Loses);
    refusal(application(&site, ApplicationType::Web).await);
    there.is_honest();
    due(&site).await;
    provider::reconcile(&site.app).await.unwrap();
    assert!(calls(&site).await.is_empty());
    assert_eq!(there.heard("POST /register").len(), 1, "it is not registered twice");
    let told = site.log(site.tenant().id, &format!("provider:{}", row.id)).await;
    assert_eq!(told.last().unwrap()["client_name"], "Shop");
}

#[tokio::test]
async fn nobody_listening_leaves_nothing_behind() {
    let (site, there) = (portal().await, Provider::start().await);
    let row = set_up(&site, new(&there.discovery())).await.unwrap();
    // A port that nobody listens at.
    let closed = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    let mut metadata = row.metadata.clone();
    metadata["registration_endpoint"] = format!("http://{closed}/register").into();
    use sea_orm::EntityTrait;
    use sea_orm::sea_query::Expr;
    entity::provider::Entity::update_many()
        .col_expr(entity::provider::Column::Metadata, Expr::value(metadata))
        .exec(site.app.db.pool())
        .await
        .unwrap();
    let refused = refusal(application(&site, ApplicationType::Web).await);
    assert_eq!(refused.describe(), "the provider did not do it: no connection could be made");
    nothing_is_stored(&site).await;
    assert!(calls(&site).await.is_empty());
}
