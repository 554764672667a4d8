//! Do lists go on where they stopped, and nowhere else?

use serde_json::{Value, json};

use super::{Desk, plainly, refused, wrongly};
use crate::harness::party::text;

async fn with_services(names: &[&str]) -> Desk {
    let desk = Desk::open().await;
    for name in names {
        desk.post(&desk.admin, "/services", &json!({"name": name, "tags": ["all"]})).await.expect(201);
    }
    desk
}

fn names(page: &Value) -> Vec<&str> {
    page["items"].as_array().unwrap().iter().map(|item| text(item, "name")).collect()
}

#[tokio::test]
async fn a_cursor_leads_through_a_list_whatever_comes_in_between() {
    let desk = with_services(&["a", "b", "c", "d", "e"]).await;
    let first = desk.get(&desk.admin, "/services?limit=2").await.expect(200);
    assert_eq!((names(&first), &first["total"]), (vec!["a", "b"], &json!(5)));
    let next = format!("/services?limit=2&cursor={}", text(&first, "next"));
    desk.send(&desk.admin, "DELETE", "/services/b", &Value::Null).await.expect(204);
    let second = desk.get(&desk.admin, &next).await.expect(200);
    assert_eq!(names(&second), ["c", "d"]);
    // Another size is the same list.
    let last =
        desk.get(&desk.admin, &format!("/services?limit=200&cursor={}", text(&second, "next"))).await.expect(200);
    assert_eq!((names(&last), &last["next"], &last["total"]), (vec!["e"], &Value::Null, &json!(4)));
}

#[tokio::test]
async fn a_cursor_that_was_made_up_or_is_of_another_list_is_refused() {
    spec!("security/s.B12");
    let desk = with_services(&["a", "b"]).await;
    let first = desk.get(&desk.admin, "/services?limit=1&tags=all").await.expect(200);
    let cursor = text(&first, "next").to_owned();
    assert_eq!(desk.get(&desk.admin, &format!("/services?tags=all&cursor={cursor}")).await.status, 200);
    let altered = format!("{}{}", &cursor[..cursor.len() - 2], if cursor.ends_with("AA") { "BA" } else { "AA" });
    for path in [
        format!("/services?cursor={cursor}"),
        format!("/services?tags=other&cursor={cursor}"),
        format!("/documents?cursor={cursor}"),
        format!("/services?tags=all&cursor={altered}"),
        "/services?cursor=".to_owned(),
        "/services?cursor=%27;--".to_owned(),
    ] {
        assert_eq!(refused(&desk.get(&desk.admin, &path).await), wrongly(&[("cursor", "form")]), "{path}");
    }
}

#[tokio::test]
async fn what_a_list_would_ignore_is_refused_all_at_once() {
    spec!("security/s.B12");
    let desk = Desk::open().await;
    let answer = desk.get(&desk.admin, "/services?sort=name;--&limit=0&search=a&search=b").await;
    assert_eq!(refused(&answer), wrongly(&[("sort", "unknown"), ("search", "form"), ("limit", "range")]));
    assert_eq!(refused(&desk.get(&desk.admin, "/services?limit=ten").await), wrongly(&[("limit", "form")]));
    assert_eq!(refused(&desk.get(&desk.admin, "/contracts?state=odd").await), wrongly(&[("state", "unknown")]));
    assert_eq!(refused(&desk.get(&desk.admin, "/applications?status=odd").await), wrongly(&[("status", "form")]));
}

#[tokio::test]
async fn a_list_counts_what_the_caller_may_see_and_no_more() {
    spec!("security/s.B3");
    let desk = Desk::open().await;
    desk.application(&desk.ada, "Ada's").await;
    desk.application(&desk.bob, "Bob's").await;
    let own = desk.get(&desk.ada, "/applications").await.expect(200);
    assert_eq!((names(&own), &own["total"]), (vec!["Ada's"], &json!(1)));
    assert_eq!(desk.get(&desk.ada, "/applications?search=bob").await.expect(200)["total"], 0);
    assert_eq!(desk.get(&desk.admin, "/applications").await.expect(200)["total"], 2);
    assert_eq!(desk.get(&desk.admin, "/applications?whose=mine").await.expect(200)["total"], 0);
    assert_eq!(refused(&desk.get(&desk.ada, "/services").await), plainly(403, "not_allowed"));
}
