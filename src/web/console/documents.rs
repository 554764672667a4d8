//! Which documents tell of a service? Linked by their path, or uploaded (U22, K29).

use entity::id::DocumentId;
use http::StatusCode;
use poem::web::Path;
use poem::{Response, handler};

use super::address::{self, Place};
use super::contracts::looks_after_it;
use super::desk::{Desk, Posted, ROWS_MAX, identity};
use super::words::{self, Switch};
use crate::portal::document::{self, Change, Document, Filter, Heading, Upload};
use crate::portal::list::Wanted;
use crate::portal::service::{self, Service, looks_after};
use crate::portal::{Action, Error, Rule};
use crate::web::form::{Pairs, field};
use crate::web::page::console::{Act, Cell, Field, Form, Group, Link, Part, Section, Table, Words};
use crate::web::shown::Shown;

/// The endings of files that can be documents.
const ENDINGS: &str = ".yaml,.yml,.json,.md,.markdown,.txt";

/// The documents of a service, in its view.
///
/// # Errors
/// As [`document::list`].
pub async fn section(desk: &Desk, service: &Service) -> Result<Section, Error> {
    let (app, tenant) = (&desk.visitor.app, &desk.visitor.tenant);
    let filter = Filter::Of(service.row.id.to_string());
    let listed = document::list(app, tenant, &desk.actor, &filter, &Wanted::first(ROWS_MAX)).await?;
    let edits = looks_after_it(desk, &service.row);
    let row = |heading: &Heading| {
        let mut row = vec![
            Cell::Named {
                name: Shown::name(&heading.title).into(),
                href: None,
                more: vec![Shown::text(&heading.path).into(), Shown::text(&heading.media_type).into()],
            },
            Switch::from(heading.published).cell(desk),
            desk.moment(heading.updated_at).into(),
        ];
        row.push(if edits { Cell::Acts(acts(desk, service, heading)) } else { Cell::Nothing });
        row
    };
    let table = Table {
        caption: desk.say("console-documents").into(),
        heads: ["console-document", "console-published", "console-changed", "console-acts"]
            .map(|key| desk.say(key).into())
            .to_vec(),
        rows: listed.items.iter().map(row).collect(),
        empty: desk.say("console-documents-none").into(),
        next: None,
    };
    let section = Section::titled("documents", desk.say("console-documents"), vec![Part::Table(table)]);
    Ok(match edits {
        true => {
            let href = desk.path(&address::service(service.row.id, "/documents/new"));
            section.link(href, desk.say("console-document-add"))
        }
        false => section,
    })
}

fn acts(desk: &Desk, service: &Service, heading: &Heading) -> Vec<Act> {
    let about = Shown::name(&heading.title);
    let act = |act: &str, key| {
        let action = desk.path(&address::act("/admin/documents", heading.id, act));
        Act::new(action, desk.say(key), about.clone())
            .with("version", heading.version.to_string())
            .with("back", address::service(service.row.id, "#documents"))
    };
    vec![
        match heading.published {
            true => act("hide", "console-document-hide"),
            false => act("publish", "console-document-publish"),
        },
        act("unlink", "console-document-unlink"),
        act("delete", "console-delete").sure(desk.say("console-document-delete-sure")),
    ]
}

/// The two ways to add a document.
#[handler]
pub async fn blank(desk: Desk, Path(id): Path<String>) -> Response {
    let fresh = vec![("published".to_owned(), "on".to_owned())];
    let shown = match of(&desk, &id).await {
        Ok(service) => form_page(&desk, &service, &fresh, Vec::new()).await,
        Err(error) => Err(error),
    };
    desk.answer(shown).await
}

/// Links a document that stands in the portal.
#[handler]
pub async fn link(posted: Posted, Path(id): Path<String>) -> Response {
    posted.desk.answer(linked(&posted, &id).await).await
}

async fn linked(posted: &Posted, id: &str) -> Result<Response, Error> {
    let desk = &posted.desk;
    let service = of(desk, id).await?;
    let (app, tenant, path) = (&desk.visitor.app, &desk.visitor.tenant, posted.text("spec_path"));
    let outcome = match document::link(app, tenant, &desk.actor, id, path).await {
        // Two fields of this page are called path: this one is the other.
        Err(Error::Invalid(mut wrong)) => {
            wrong.iter_mut().for_each(|wrong| "spec_path".clone_into(&mut wrong.field));
            Err(Error::Invalid(wrong))
        }
        other => other,
    };
    finished(posted, &service, outcome, "linked").await
}

/// Takes in a file.
#[handler]
pub async fn upload(posted: Posted, Path(id): Path<String>) -> Response {
    posted.desk.answer(uploaded(&posted, &id).await).await
}

async fn uploaded(posted: &Posted, id: &str) -> Result<Response, Error> {
    let desk = &posted.desk;
    let service = of(desk, id).await?;
    let outcome = match read(posted) {
        Ok(file) => document::add(&desk.visitor.app, &desk.visitor.tenant, &desk.actor, Some(id), file).await,
        Err(error) => Err(error),
    };
    let outcome = outcome.map_err(|error| match error {
        Error::Invalid(mut wrong) => {
            wrong
                .iter_mut()
                .filter(|wrong| wrong.field == "body")
                .for_each(|wrong| "file".clone_into(&mut wrong.field));
            Error::Invalid(wrong)
        }
        other => other,
    });
    finished(posted, &service, outcome, "added").await
}

fn read(posted: &Posted) -> Result<Upload, Error> {
    let missing = || Error::invalid("file", Rule::Required, "must be chosen");
    let file = posted.file.as_ref().ok_or_else(missing)?;
    let unreadable = |_| Error::invalid("file", Rule::Form, "must be text in UTF-8");
    let body = std::str::from_utf8(&file.content).map_err(unreadable)?.to_owned();
    Ok(Upload {
        path: posted.some("path"),
        title: posted.some("title").unwrap_or_else(|| file.name.clone()),
        media_type: None,
        body,
        published: posted.marked("published"),
    })
}

async fn finished(
    posted: &Posted,
    service: &Service,
    outcome: Result<Document, Error>,
    done: &'static str,
) -> Result<Response, Error> {
    match outcome {
        Ok(_) => Ok(posted.desk.go(&address::service(service.row.id, "#documents"), done)),
        Err(error) => {
            let complaints = words::complaints(&posted.desk, error)?;
            form_page(&posted.desk, service, &posted.pairs, complaints).await
        }
    }
}

/// Takes a document from its service.
#[handler]
pub async fn unlink(posted: Posted, Path(id): Path<String>) -> Response {
    posted.desk.answer(unlinked(&posted, &id).await).await
}

async fn unlinked(posted: &Posted, id: &str) -> Result<Response, Error> {
    let (desk, id) = (&posted.desk, DocumentId(identity(id)?));
    document::unlink(&desk.visitor.app, &desk.visitor.tenant, &desk.actor, id, posted.version()).await?;
    Ok(desk.go(posted.back(address::SERVICES), "unlinked"))
}

/// Shows a document to developers.
#[handler]
pub async fn publish(posted: Posted, Path(id): Path<String>) -> Response {
    posted.desk.answer(published(&posted, &id, Switch::On).await).await
}

/// Hides a document from developers.
#[handler]
pub async fn hide(posted: Posted, Path(id): Path<String>) -> Response {
    posted.desk.answer(published(&posted, &id, Switch::Off).await).await
}

async fn published(posted: &Posted, id: &str, to: Switch) -> Result<Response, Error> {
    let (desk, id) = (&posted.desk, DocumentId(identity(id)?));
    let wish = Change { published: Some(to == Switch::On), ..Change::default() };
    document::change(&desk.visitor.app, &desk.visitor.tenant, &desk.actor, id, posted.version(), wish).await?;
    let done = if to == Switch::On { "published" } else { "hidden" };
    Ok(desk.go(posted.back(address::SERVICES), done))
}

/// Removes a document.
#[handler]
pub async fn remove(posted: Posted, Path(id): Path<String>) -> Response {
    posted.desk.answer(removed(&posted, &id).await).await
}

async fn removed(posted: &Posted, id: &str) -> Result<Response, Error> {
    let (desk, id) = (&posted.desk, DocumentId(identity(id)?));
    document::remove(&desk.visitor.app, &desk.visitor.tenant, &desk.actor, id, posted.version()).await?;
    Ok(desk.go(posted.back(address::SERVICES), "removed"))
}

async fn of(desk: &Desk, id: &str) -> Result<Service, Error> {
    let service = service::find(&desk.visitor.app, &desk.visitor.tenant, &desk.actor, id).await?;
    looks_after(&desk.actor, Action::WriteDocuments, &service.row)?;
    Ok(service)
}

async fn form_page(
    desk: &Desk,
    service: &Service,
    pairs: &Pairs,
    complaints: Vec<(String, Words)>,
) -> Result<Response, Error> {
    let status = if complaints.is_empty() { StatusCode::OK } else { StatusCode::BAD_REQUEST };
    let (app, tenant) = (&desk.visitor.app, &desk.visitor.tenant);
    let waiting = document::list(app, tenant, &desk.actor, &Filter::Waiting, &Wanted::first(ROWS_MAX)).await?;
    let paths = waiting.items.into_iter().map(|heading| heading.path).collect();
    let value = |name: &str| field(pairs, name);
    let by_path = Field::suggested("spec_path", desk.say("console-document-spec-path"), paths)
        .hint(desk.say("console-document-spec-path-hint"))
        .required();
    let file = Field::file("file", desk.say("console-document-file"), ENDINGS)
        .hint(desk.say("console-document-file-hint"))
        .required();
    let more = vec![
        file,
        Field::line("title", desk.say("console-document-title")).hint(desk.say("console-document-title-hint")),
        Field::line("path", desk.say("console-document-path")).hint(desk.say("console-document-path-hint")),
        Field::mark("published", desk.say("console-published")).hint(desk.say("console-document-published-hint")),
    ];
    let is_link = |name: &str| name == "spec_path";
    let links = value("spec_path").is_some();
    let (of_link, of_upload): (Vec<_>, Vec<_>) =
        complaints.into_iter().partition(|(name, _)| is_link(name) || (name.is_empty() && links));
    let action = |end: &str| desk.path(&address::service(service.row.id, &format!("/documents/{end}")));
    let submit = || desk.say("console-document-add-submit");
    let by_path_form =
        Form::new(action("link"), submit(), vec![Group::plain(vec![by_path])]).filled(value).judged(of_link);
    let upload_form = Form::new(action("upload"), submit(), vec![Group::plain(more)]).filled(value).judged(of_upload);
    let mut page = desk.page(Place::Services, desk.say("console-document-add")).await?;
    page.above = Some(Link {
        href: desk.path(&address::service(service.row.id, "#documents")),
        words: Shown::name(&service.row.name).into(),
    });
    page.sections = vec![
        Section::titled("by-path", desk.say("console-document-by-path"), vec![Part::Form(by_path_form)]),
        Section::titled("upload", desk.say("console-document-upload"), vec![Part::Form(upload_form)]),
    ];
    Ok(desk.show_with(status, &page))
}
