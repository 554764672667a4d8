//! How does Markdown become HTML that can do no harm? (s.B11)
//!
//! Nothing is taken out afterwards: what the reader finds is written anew, and only elements of text are written. HTML in
//! the source is shown as the text it is, images as their description, links only to the web, to mail, and within the page.

use std::fmt::Write as _;

use pulldown_cmark::{CowStr, Event, HeadingLevel, Options, Parser, Tag, TagEnd, html};

use crate::web::page::portal::catalog::Article;
use crate::web::shown::WebLink;

/// `source` as HTML.
pub(super) fn article(source: &str) -> Article {
    let options = Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH;
    let mut links = Vec::new();
    let events = Parser::new_ext(source, options).filter_map(|event| harmless(event, &mut links));
    let mut out = String::new();
    html::push_html(&mut out, events);
    Article::made(out)
}

/// The same event, if it writes an element of text; `links` keeps whether each open link is one.
fn harmless<'a>(event: Event<'a>, links: &mut Vec<bool>) -> Option<Event<'a>> {
    Some(match event {
        Event::Html(text) | Event::InlineHtml(text) => Event::Text(text),
        Event::Start(Tag::HtmlBlock) => Event::Start(Tag::Paragraph),
        Event::End(TagEnd::HtmlBlock) => Event::End(TagEnd::Paragraph),
        // The page has a first heading already.
        Event::Start(Tag::Heading { level, .. }) => {
            Event::Start(Tag::Heading { level: below(level), id: None, classes: Vec::new(), attrs: Vec::new() })
        }
        Event::End(TagEnd::Heading(level)) => Event::End(TagEnd::Heading(below(level))),
        Event::Start(Tag::Image { .. }) | Event::End(TagEnd::Image) => return None,
        Event::Start(Tag::Link { dest_url, .. }) => {
            let start = opening(&dest_url);
            links.push(start.is_some());
            Event::InlineHtml(CowStr::from(start?))
        }
        Event::End(TagEnd::Link) => {
            if !links.pop()? {
                return None;
            }
            Event::InlineHtml(CowStr::Borrowed("</a>"))
        }
        Event::Start(Tag::MetadataBlock(_) | Tag::FootnoteDefinition(_))
        | Event::End(TagEnd::MetadataBlock(_) | TagEnd::FootnoteDefinition)
        | Event::FootnoteReference(_)
        | Event::InlineMath(_)
        | Event::DisplayMath(_)
        | Event::TaskListMarker(_) => return None,
        event => event,
    })
}

fn below(level: HeadingLevel) -> HeadingLevel {
    match level {
        HeadingLevel::H1 => HeadingLevel::H2,
        HeadingLevel::H2 => HeadingLevel::H3,
        HeadingLevel::H3 => HeadingLevel::H4,
        HeadingLevel::H4 => HeadingLevel::H5,
        HeadingLevel::H5 | HeadingLevel::H6 => HeadingLevel::H6,
    }
}

/// The start of a link, if it leads where a link may lead.
fn opening(address: &str) -> Option<String> {
    let href = match address {
        web if web.starts_with("https:") || web.starts_with("http:") => WebLink::to(web)?.href().to_owned(),
        mail if mail.starts_with("mailto:") => mail.to_owned(),
        _ => return None,
    };
    let mut escaped = String::new();
    for c in href.chars() {
        match c {
            '&' | '<' | '>' | '"' | '\'' => {
                let _ = write!(escaped, "&#{};", u32::from(c));
            }
            c if c.is_control() || c.is_whitespace() => return None,
            c => escaped.push(c),
        }
    }
    Some(format!("<a href=\"{escaped}\" rel=\"noopener noreferrer\">"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn html(source: &str) -> String {
        article(source).as_str().trim().to_owned()
    }

    #[test]
    fn text_headings_lists_tables_and_code_are_shown() {
        let source = "# Orders\n\nPlace **many** `orders`.\n\n- one\n- two\n\n| a |\n|---|\n| b |\n";
        let wanted = "<h2>Orders</h2>\n<p>Place <strong>many</strong> <code>orders</code>.</p>\n<ul>\n<li>one</li>\n\
                      <li>two</li>\n</ul>\n<table><thead><tr><th>a</th></tr></thead><tbody>\n<tr><td>b</td></tr>\n\
                      </tbody></table>";
        assert_eq!(html(source), wanted);
    }

    #[test]
    fn links_lead_to_the_web_or_to_mail_only() {
        assert_eq!(
            html("[a](https://a.example/?x=1&y=2 \"t\")"),
            "<p><a href=\"https://a.example/?x=1&#38;y=2\" rel=\"noopener noreferrer\">a</a></p>"
        );
        for bad in [
            "javascript:alert(1)",
            "JaVaScRiPt:alert(1)",
            "data:text/html,x",
            "vbscript:x",
            "//evil.example",
            "\\\\evil",
        ] {
            assert_eq!(html(&format!("[a](<{bad}>)")), "<p>a</p>", "{bad}");
        }
        assert_eq!(html("![alt](https://a.example/x.png)"), "<p>alt</p>");
    }

    #[test]
    fn no_html_of_the_source_is_html_of_the_page() {
        // s.B11
        for hostile in [
            "<script>alert(1)</script>",
            "x <img src=x onerror=alert(1)>",
            "<svg onload=alert(1)>\n\ntext",
            "<a href=\"javascript:alert(1)\">x</a>",
            "[x](https://a.example/\"onmouseover=\"alert(1))",
            "```\"><script>alert(1)</script>\nx\n```",
            "# h {onclick=alert(1)}",
            "<!-- --><iframe src=x></iframe>",
            "[a]: javascript:alert(1)\n\n[a]",
            "<javascript:alert(1)>",
        ] {
            let html = html(hostile);
            for tag in html.split('<').skip(1) {
                let name = tag.trim_start_matches('/').split(|c: char| !c.is_ascii_alphanumeric()).next().unwrap_or("");
                assert!(["p", "pre", "code", "a", "h2"].contains(&name), "{hostile} became {html}");
                let attributes = tag.split('>').next().unwrap_or("");
                assert!(!attributes.contains(" on") && !attributes.contains("javascript:"), "{hostile}: {html}");
            }
        }
    }
}
