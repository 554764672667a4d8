//! Do the parts of the console keep what all pages promise, whatever stands in them?

#![allow(clippy::unwrap_used, clippy::expect_used)]

use super::*;
use crate::web::page::{Layout, Rendered};
use crate::web::text::Language;

const HOSTILE: [&str; 3] =
    ["<script>alert(1)</script>", "\"><img src=x onerror=alert(1)>", "' onfocus='alert(1)' autofocus='</textarea>"];

fn layout() -> Layout {
    Layout { tenant: Shown::name("Acme"), language: Language::English, csrf: "token".to_owned(), root: String::new() }
}

/// A page with every part in every state, each value of it being `value`.
fn page(value: &str) -> ConsolePage {
    let words = || Words::from(Shown::text(value));
    let link = || Link { href: "/admin".to_owned(), words: words() };
    let way = |here| Way { link: link(), waiting: 2, here };
    let acts = || {
        let act = || Act::new("/admin/x".to_owned(), words(), words()).with("back", value);
        vec![act(), act().sure(words()), act().reason(words())]
    };
    let named = Cell::Named { name: words(), href: Some("/admin".to_owned()), more: vec![words()] };
    let status = Cell::Status { tone: Tone::Warn, words: words() };
    let cells = vec![
        Cell::Words(Words::English(Shown::text(value))),
        named,
        Cell::Code(Shown::text(value)),
        status,
        Cell::Acts(acts()),
        Cell::Nothing,
    ];
    let heads = cells.iter().map(|_| words()).collect();
    let table =
        Table { caption: words(), heads, rows: vec![cells.clone()], empty: words(), next: Some("/n".to_owned()) };
    let empty = Table { rows: Vec::new(), next: None, ..table.clone() };
    let tab = |id, first, table| Tab { id, label: words(), count: 1, first, table };
    let fields = vec![
        Field::line("line", words()).hint(words()).required(),
        Field::suggested("suggested", words(), vec![value.to_owned()]),
        Field::lines("lines", words()),
        Field::mark("mark", words()).hint(words()),
        Field::choice("choice", words(), vec![Choice { value: "a", label: words() }]),
        Field::file("file", words(), ".txt"),
    ];
    let group = Group::titled(words(), fields).about(words()).warn(words());
    let form = Form::new("/admin/x".to_owned(), words(), vec![group])
        .or("/admin".to_owned())
        .with("version", value)
        .filled(|_| Some(value))
        .judged([("lines".to_owned(), words()), ("elsewhere".to_owned(), words())]);
    let parts = vec![
        Part::Notice { tone: Tone::Warn, words: words() },
        Part::Facts(vec![Fact { label: words(), values: cells }]),
        Part::Counts(vec![way(Here::No)]),
        Part::Kinds(vec![way(Here::Yes)]),
        Part::Table(table.clone()),
        Part::Tabs(vec![tab("approved", Here::Yes, table), tab("requested", Here::No, empty)]),
        Part::Form(form),
        Part::Acts(acts()),
        Part::Secret { label: words(), value: value.to_owned() },
        Part::Kept { label: words(), value: value.to_owned() },
    ];
    ConsolePage {
        shell: Shell {
            ways: vec![way(Here::Yes), way(Here::No)],
            home: "/admin".to_owned(),
            person: Person { name: Some(Shown::name(value)), email: Shown::text(value) },
            sign_out: "/logout".to_owned(),
        },
        title: words(),
        lead: Some(words()),
        above: Some(link()),
        done: Some(words()),
        problem: Some(words()),
        links: vec![link()],
        sections: vec![Section::titled("all", words(), parts).about(words()).link("/admin".to_owned(), words())],
    }
}

fn drawn(value: &str) -> Rendered {
    page(value).render(&layout()).unwrap()
}

/// The tags of a page without the values of their attributes.
fn skeleton(html: &str) -> Vec<String> {
    html.split('<').skip(1).map(|tag| tag.split('>').next().unwrap().split('"').step_by(2).collect()).collect()
}

#[test]
fn hostile_values_change_no_tag() {
    // s.B11
    let harmless = skeleton(&drawn("harmless").html);
    for value in HOSTILE {
        let html = drawn(value).html;
        assert!(!html.contains("<script") && !html.contains("<img"), "{value}");
        assert_eq!(skeleton(&html), harmless, "{value}");
    }
}

#[test]
fn every_form_carries_the_token_and_every_field_has_a_name() {
    // s.B10
    let html = drawn("x").html;
    let forms: Vec<&str> = html.split("<form").skip(1).map(|rest| rest.split("</form>").next().unwrap()).collect();
    assert_eq!(forms.len(), 13);
    for form in &forms {
        assert!(form.contains("method=\"post\"") && form.contains("name=\"csrf\" value=\"token\""), "{form}");
    }
    let labelled = |id: &str| html.contains(&format!("for=\"{id}\""));
    for id in ["line", "suggested", "lines", "mark", "choice", "file"].map(|name| format!("field-{name}")) {
        assert!(labelled(&id), "{id}");
    }
    assert!(html.contains("aria-describedby=\"field-lines-complaint\" aria-invalid=\"true\" autofocus"));
    assert!(html.contains("enctype=\"multipart/form-data\""));
}

#[test]
fn a_page_says_that_something_is_wrong_where_it_is_announced_first() {
    let html = drawn("x").html;
    assert!(html.contains("<title>Error: x – Acme</title>"));
    let fine = ConsolePage { problem: None, sections: Vec::new(), ..page("x") }.render(&layout()).unwrap().html;
    assert!(fine.contains("<title>x – Acme</title>"));
}
