//! What admins see of everybody, and decide: roles and sessions (U34).

use entity::user::Role;
use sea_orm::EntityTrait;

use super::{ADMIN, console, done, form_to, page, signed_in};
use crate::harness::TestApp;

async fn role(app: &TestApp, email: &str) -> Role {
    let all = entity::user::Entity::find().all(app.app.db.pool()).await.unwrap();
    all.into_iter().find(|person| person.email == email).unwrap().role
}

#[tokio::test]
async fn an_admin_sees_everybody_and_ends_sessions() {
    spec!("portal/U34");
    let (app, _, mut browser) = console().await;
    let ada = app.person("ada@example.org").await;
    let mut first = signed_in(&app, "ada@example.org", "/admin").await;
    let mut second = signed_in(&app, "ada@example.org", "/admin").await;
    let list = page(&mut browser, "/admin/users").await;
    assert!(list.text.contains("ada@example.org") && list.text.contains(ADMIN), "{}", list.text);
    let found = page(&mut browser, "/admin/users?search=ADA%40").await;
    assert!(found.text.contains("ada@example.org") && !found.text.contains(&format!(">{ADMIN}<")), "{}", found.text);
    // Nothing in what is looked for is a wild card.
    let none = page(&mut browser, "/admin/users?search=a_a%25").await;
    assert!(none.text.contains("Nothing fits") && none.text.contains("value=\"a_a%\""), "{}", none.text);

    let path = format!("/admin/users/{}", ada.id);
    let one = page(&mut browser, &path).await;
    let form = form_to(&one, "/end");
    assert_eq!(one.text.matches(">End<").count(), 2, "{}", one.text);
    done(&mut browser, &form).await;
    let alive = [first.get("/account").await.status, second.get("/account").await.status];
    assert_eq!(alive.iter().filter(|status| **status == 200).count(), 1, "{alive:?}");
    let form = form_to(&page(&mut browser, &path).await, "/sessions/end");
    assert!(done(&mut browser, &form).await.text.contains("Signed in nowhere."));
    assert_eq!([first.get("/account").await.status, second.get("/account").await.status], [303, 303]);
    assert_eq!(page(&mut browser, "/account").await.status, 200);
}

#[tokio::test]
async fn a_role_is_changed_by_others_only_and_one_admin_stays() {
    spec!("portal/U34");
    let (app, boss, mut browser) = console().await;
    let ada = app.person("ada@example.org").await;
    let path = format!("/admin/users/{}", ada.id);
    let form = form_to(&page(&mut browser, &path).await, "/role");
    assert_eq!(form.fields.last().unwrap().1, "user");
    done(&mut browser, &form.clone().set("role", "admin")).await;
    assert_eq!(role(&app, "ada@example.org").await, Role::Admin);
    assert_eq!(browser.submit(&form.clone().set("role", "emperor")).await.status, 404);

    // She has it at once, and takes the other's; nobody takes their own.
    let mut of_ada = signed_in(&app, "ada@example.org", "/admin").await;
    let boss_path = format!("/admin/users/{}", boss.user_id().unwrap());
    let theirs = form_to(&page(&mut of_ada, &boss_path).await, "/role");
    let own = page(&mut of_ada, &path).await;
    assert!(!own.text.contains(&format!("{path}/role")), "{}", own.text);
    let mut own = theirs.clone().set("role", "user");
    own.action = format!("{path}/role");
    assert_eq!(of_ada.submit(&own).await.status, 409);
    done(&mut of_ada, &theirs.set("role", "developer")).await;
    assert_eq!(role(&app, ADMIN).await, Role::Developer);
    assert_eq!(browser.get("/admin/users").await.status, 403);
    assert_eq!(role(&app, "ada@example.org").await, Role::Admin);
}

#[tokio::test]
async fn two_admins_who_take_each_others_role_at_once_leave_one() {
    // s.L24
    let (app, boss, _) = console().await;
    let other = app.with_role("other@example.org", Role::Admin).await;
    for seeded in entity::user::Entity::find().all(app.app.db.pool()).await.unwrap() {
        let known = [boss.user_id(), other.user_id()].contains(&Some(seeded.id));
        if seeded.role == Role::Admin && !known {
            let tenant = app.tenant();
            registrar::portal::user::change_role(&app.app, &tenant, &boss, seeded.id, Role::User).await.unwrap();
        }
    }
    let tenant = app.tenant();
    let take = |from: &registrar::portal::Actor, of: &registrar::portal::Actor| {
        let (from, id) = (from.clone(), of.user_id().unwrap());
        let (app, tenant) = (app.app.clone(), tenant.clone());
        async move { registrar::portal::user::change_role(&app, &tenant, &from, id, Role::User).await.is_ok() }
    };
    let (first, second) = tokio::join!(take(&boss, &other), take(&other, &boss));
    assert!(first != second, "{first} {second}");
}
