//! Documents: uploaded or linked by their path, seen where they are published.

use entity::id::DocumentId;
use entity::user::Role;
use registrar::portal::document::{
    Change, Filter, Upload, add, catalog, change, find, link, list, of_path, of_service, remove, shown, unlink,
};
use registrar::portal::list::Wanted;
use registrar::portal::{Actor, Rule, service};

use super::{admin, told, wrong};
use crate::harness::TestApp;

const OPENAPI: &str = "openapi: 3.1.0\ninfo:\n  title: Orders\n";

fn upload(title: &str, body: &str) -> Upload {
    Upload { path: None, title: title.to_owned(), media_type: None, body: body.to_owned(), published: true }
}

fn at(path: &str) -> Upload {
    Upload { path: Some(path.to_owned()), ..upload("Orders", OPENAPI) }
}

const REFUSED: &str = "NotAllowed(WriteDocuments)";

#[tokio::test]
async fn a_document_is_uploaded_or_linked_by_its_path() {
    spec!("portal/K29");
    let app = TestApp::start().await;
    let tenant = app.tenant();
    app.named("orders").await;
    app.named("other").await;
    let uploaded = add(&app.app, &tenant, &admin(), Some("orders"), upload("Orders API", OPENAPI)).await.unwrap();
    assert_eq!((uploaded.path.as_str(), uploaded.media_type.as_str()), ("specs/orders-api.yaml", "application/yaml"));
    let waiting = add(&app.app, &tenant, &admin(), None, at("specs/x.yaml")).await.unwrap();
    assert_eq!(waiting.service_id, None);
    let linked = link(&app.app, &tenant, &admin(), "orders", "specs/x.yaml").await.unwrap();
    assert_eq!((linked.service_id, linked.version), (uploaded.service_id, 1));
    let again = link(&app.app, &tenant, &admin(), "orders", "specs/x.yaml").await.unwrap();
    assert_eq!(again, linked);
    assert_eq!(of_path(&app.app, &tenant, &admin(), "specs/x.yaml").await.unwrap(), linked);
    let outcome = link(&app.app, &tenant, &admin(), "other", "specs/x.yaml").await;
    assert_eq!(told(outcome), r#"Conflict(StillUsed("another service"))"#);
    let outcome = link(&app.app, &tenant, &admin(), "orders", "specs/nowhere.yaml").await;
    assert_eq!(wrong(outcome), [("path".to_owned(), Rule::Missing)]);
    let headings = list(&app.app, &tenant, &admin(), &Filter::Of("orders".into()), &Wanted::first(1)).await.unwrap();
    assert_eq!((headings.items[0].id, headings.total), (uploaded.id, 2));
    let rest = Wanted { after: headings.next, skip: 0, limit: 5 };
    let rest = list(&app.app, &tenant, &admin(), &Filter::All, &rest).await.unwrap();
    assert_eq!((rest.items.len(), rest.items[0].id, rest.next), (1, linked.id, None));
    let alone = unlink(&app.app, &tenant, &admin(), linked.id, Some(1)).await.unwrap();
    assert_eq!(alone.service_id, None);
    let waiting = list(&app.app, &tenant, &admin(), &Filter::Waiting, &Wanted::first(5)).await.unwrap();
    assert_eq!((waiting.total, waiting.items[0].path.as_str()), (1, "specs/x.yaml"));
}

#[tokio::test]
async fn a_path_belongs_to_one_document_and_leads_nowhere_else() {
    // s.K7
    let app = TestApp::start().await;
    let tenant = app.tenant();
    app.named("orders").await;
    let add = async |upload| add(&app.app, &tenant, &admin(), Some("orders"), upload).await;
    let (one, other) = tokio::join!(add(at("specs/a.yaml")), add(at("specs/a.yaml")));
    assert_eq!(usize::from(one.is_ok()) + usize::from(other.is_ok()), 1);
    assert_eq!(told(one.and(other)), r#"Taken { field: "path", value: "specs/a.yaml" }"#);
    let second = add(at("specs/b.yaml")).await.unwrap();
    let onto = Change { path: Some("specs/a.yaml".into()), ..Change::default() };
    let outcome = change(&app.app, &tenant, &admin(), second.id, None, onto).await;
    assert_eq!(told(outcome), r#"Taken { field: "path", value: "specs/a.yaml" }"#);
    let bad = Upload {
        path: Some("../secret".into()),
        title: " ".into(),
        media_type: Some("text/html".into()),
        body: "<h1>".into(),
        published: true,
    };
    let expected = [("path", Rule::Form), ("title", Rule::Length), ("media_type", Rule::Unknown)];
    assert_eq!(wrong(add(bad).await), expected.map(|(field, rule)| (field.to_owned(), rule)));
    let long = wrong(add(upload("Long", &"x".repeat(1024 * 1024 + 1))).await);
    assert_eq!(long, [("body".to_owned(), Rule::Length)]);
    let fits = add(upload("Fits", &"ä".repeat(512 * 1024))).await.unwrap();
    assert_eq!(find(&app.app, &tenant, &admin(), fits.id).await.unwrap().body.len(), 1024 * 1024);
}

#[tokio::test]
async fn a_document_changes_for_those_who_saw_it() {
    let app = TestApp::start().await;
    let tenant = app.tenant();
    app.named("orders").await;
    let made = add(&app.app, &tenant, &admin(), Some("orders"), at("specs/a.yaml")).await.unwrap();
    let title = Change { title: Some("New".into()), ..Change::default() };
    let changed = change(&app.app, &tenant, &admin(), made.id, Some(0), title.clone()).await.unwrap();
    assert_eq!((changed.title.as_str(), changed.version, changed.body), ("New", 1, made.body));
    assert_eq!(told(change(&app.app, &tenant, &admin(), made.id, Some(0), title).await), "Conflict(Changed)");
    let broken = Change { media_type: Some("application/json".into()), ..Change::default() };
    let outcome = wrong(change(&app.app, &tenant, &admin(), made.id, None, broken).await);
    assert_eq!(outcome, [("body".to_owned(), Rule::Form)]);
    assert_eq!(told(remove(&app.app, &tenant, &admin(), made.id, Some(0)).await), "Conflict(Changed)");
    remove(&app.app, &tenant, &admin(), made.id, Some(1)).await.unwrap();
    assert_eq!(told(remove(&app.app, &tenant, &admin(), made.id, None).await), "NotFound");
    let log = app.log(tenant.id, &format!("document:{}", made.id)).await;
    let changes: Vec<&str> = log.iter().map(|line| line["change"].as_str().unwrap()).collect();
    assert_eq!(changes, ["document_added", "document_changed", "document_removed"]);
}

#[tokio::test]
async fn developers_see_published_documents_of_published_services() {
    spec!("portal/K30");
    // s.B2, s.B3
    let app = TestApp::start().await;
    let tenant = app.tenant();
    let developer = app.actor("dev@p.example", Role::Developer).await;
    app.named("orders").await;
    app.named("other").await;
    app.made(&admin(), service::Change { name: Some("hidden".into()), published: Some(false), ..Default::default() })
        .await;
    let add = async |service: Option<&str>, upload| add(&app.app, &tenant, &admin(), service, upload).await.unwrap();
    let seen = add(Some("orders"), at("specs/a.yaml")).await;
    let draft = add(Some("orders"), Upload { published: false, ..at("specs/draft.yaml") }).await;
    let hidden = add(Some("hidden"), at("specs/hidden.yaml")).await;
    let waiting = add(None, at("specs/waiting.yaml")).await;
    let all = catalog(&app.app, &tenant, &developer, &Wanted::first(9)).await.unwrap();
    let ids: Vec<DocumentId> = all.items.iter().map(|heading| heading.id).collect();
    assert_eq!((ids, all.total), (vec![seen.id], 1));
    let of_orders = of_service(&app.app, &tenant, &developer, "orders").await.unwrap();
    assert_eq!(of_orders.iter().map(|heading| heading.id).collect::<Vec<_>>(), [seen.id]);
    assert_eq!(shown(&app.app, &tenant, &developer, "orders", seen.id).await.unwrap(), seen);
    for (service, id) in [("orders", draft.id), ("hidden", hidden.id), ("orders", waiting.id), ("other", seen.id)] {
        assert_eq!(told(shown(&app.app, &tenant, &developer, service, id).await), "NotFound", "{service}");
    }
    assert_eq!(told(of_service(&app.app, &tenant, &developer, "hidden").await), "NotFound");
    assert_eq!(told(find(&app.app, &tenant, &developer, seen.id).await), "NotAllowed(ReadServices)");
}

#[tokio::test]
async fn publishers_manage_the_documents_of_their_services() {
    // K6, s.B4
    let app = TestApp::start().await;
    let tenant = app.tenant();
    let (ada, bob) =
        (app.actor("ada@p.example", Role::Publisher).await, app.actor("bob@p.example", Role::Publisher).await);
    app.made(&ada, service::Change { name: Some("orders".into()), ..Default::default() }).await;
    let as_actor =
        async |actor: &Actor, service: Option<&str>, path: &str| add(&app.app, &tenant, actor, service, at(path)).await;
    let made = as_actor(&ada, Some("orders"), "specs/a.yaml").await.unwrap();
    assert_eq!(told(as_actor(&bob, Some("orders"), "specs/b.yaml").await), REFUSED);
    assert_eq!(told(as_actor(&ada, None, "specs/b.yaml").await), REFUSED);
    assert_eq!(told(change(&app.app, &tenant, &bob, made.id, None, Change::default()).await), REFUSED);
    assert_eq!(told(unlink(&app.app, &tenant, &bob, made.id, None).await), REFUSED);
    assert_eq!(told(remove(&app.app, &tenant, &bob, made.id, None).await), REFUSED);
    as_actor(&admin(), None, "specs/waiting.yaml").await.unwrap();
    assert_eq!(told(link(&app.app, &tenant, &bob, "orders", "specs/waiting.yaml").await), REFUSED);
    let linked = link(&app.app, &tenant, &ada, "orders", "specs/waiting.yaml").await.unwrap();
    unlink(&app.app, &tenant, &ada, linked.id, None).await.unwrap();
    // Out of her hands.
    assert_eq!(told(remove(&app.app, &tenant, &ada, linked.id, None).await), REFUSED);
    let neighbour = app.neighbour().await;
    assert_eq!(told(find(&app.app, &neighbour, &admin(), made.id).await), "NotFound");
    assert_eq!(told(remove(&app.app, &neighbour, &admin(), made.id, None).await), "NotFound");
    assert_eq!(told(of_path(&app.app, &neighbour, &admin(), "specs/a.yaml").await), "NotFound");
}
