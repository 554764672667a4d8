//! Where does somebody go on who had to sign in first? Only to a page of this very tenant (s.L23).

use url::Url;

use crate::oidc::tenant::Tenant;

/// Longer ones are none of ours.
const BYTES_MAX: usize = 2000;

/// A path with its query, below the issuer of a tenant: it starts with a single slash and leads nowhere else.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReturnPath(String);

impl ReturnPath {
    /// Reads what travelled in a query or a form; `None` for whatever could lead away.
    pub fn parse(tenant: &Tenant, sent: &str) -> Option<Self> {
        // Browsers read `\` as `/`, and leave out line ends and tabs.
        let visible = sent.bytes().all(|byte| byte.is_ascii_graphic() && !b"\\<>\"^`{|}".contains(&byte));
        let single = sent.starts_with('/') && !sent[1..].starts_with('/');
        if !visible || !single || sent.len() > BYTES_MAX {
            return None;
        }
        let whole = tenant.url(sent);
        let read = Url::parse(&whole).ok()?;
        // What a browser makes of it must be what is written: no dots that climb out of the tenant's folder.
        let same = read.as_str() == whole && read.origin().ascii_serialization() == origin(tenant)?;
        same.then(|| Self(sent.to_owned()))
    }

    /// It, as it stands below the issuer.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

fn origin(tenant: &Tenant) -> Option<String> {
    Some(Url::parse(tenant.origin()).ok()?.origin().ascii_serialization())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]
    use super::*;
    use crate::web::tests::site::Site;

    #[tokio::test]
    async fn only_paths_below_the_issuer_are_taken() {
        // s.L23
        let site = Site::start().await;
        for good in ["/", "/portal", "/portal?search=a%20b&page=1", "/portal/applications/0197?done=saved#services"] {
            assert_eq!(ReturnPath::parse(&site.tenant, good).unwrap().as_str(), good);
        }
        for bad in [
            "",
            "portal",
            "//evil.example",
            "///evil.example",
            "/\\evil.example",
            "\\/evil.example",
            "/portal\\..\\x",
            "https://evil.example",
            "javascript:alert(1)",
            "/\t/evil.example",
            "/ /evil",
            "/a\nb",
            "/../..//evil.example",
            "/./portal",
            "@evil.example/",
            ".evil.example/",
            ":8443/",
            "/é",
            "/<script>",
        ] {
            assert_eq!(ReturnPath::parse(&site.tenant, bad), None, "{bad}");
        }
        let long = format!("/{}", "a".repeat(BYTES_MAX));
        assert_eq!(ReturnPath::parse(&site.tenant, &long), None);
    }
}
