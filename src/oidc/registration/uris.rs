//! May this client be answered at, found at or described by these URIs? (R3, R9, R15, E1 to E3)

use super::draft::{Draft, POLICY, REDIRECTS, Rule, SECTOR, WEB_URIS};
use super::policy::is_public_suffix;
use super::profile::{DotlessSchemes, MissingType, WebRedirects};
use crate::oidc::client::uri::Uri;
use crate::oidc::client::{ApplicationType, SubjectType, metadata};

/// A redirect URI that stands, and what sort it is of.
pub(super) struct Target<'a> {
    text: &'a str,
    sort: Sort,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Sort {
    Https,
    /// Not encrypted, to another machine.
    Http,
    Loopback,
    PrivateUse,
}

/// What a URI that is no redirect URI must be.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Need {
    /// For a person's browser.
    Web,
    /// For a person's browser, and nobody on the way may change it.
    Https,
    /// For our own requests: `http` only to this machine, as developers need it.
    Fetched,
}

impl<'a> Draft<'a> {
    /// The redirect URIs in `member`, each judged on its own. One bad entry spoils the whole (E2, s.R4).
    pub(super) fn targets(&mut self, member: &str) -> Vec<Target<'a>> {
        let sent = self.list(member, self.rules.policy.redirect_uris_max).unwrap_or_default();
        let mut out = Vec::with_capacity(sent.len());
        for text in sent {
            let Some(uri) = self.plain_uri(member, REDIRECTS, text) else { continue };
            if uri.fragment.is_some() {
                self.bad(member, REDIRECTS, text, "has a fragment");
                continue;
            }
            let sort = match uri.scheme.as_ref() {
                "https" => self.https_target(member, text, &uri),
                "http" if !uri.is_loopback() => self.http_target(member, text, &uri),
                "http" => self.loopback_target(member, text, &uri),
                _ => self.private_use_target(member, text, &uri),
            };
            out.extend(sort.map(|sort| Target { text, sort }));
        }
        out
    }

    fn https_target(&mut self, member: &str, text: &str, uri: &Uri<'_>) -> Option<Sort> {
        self.owned(member, text, uri).then_some(Sort::Https)
    }

    fn http_target(&mut self, member: &str, text: &str, uri: &Uri<'_>) -> Option<Sort> {
        let policy = self.rules.policy;
        if !policy.allow_http {
            let complaint = match policy.allow_localhost {
                true => "uses http, which is taken only for localhost, 127.0.0.1 and [::1]",
                false => "uses http, which is not taken here",
            };
            self.bad(member, REDIRECTS, text, complaint);
            return None;
        }
        self.owned(member, text, uri).then_some(Sort::Http)
    }

    /// Whether the host can be somebody's own, and the policy trusts it.
    fn owned(&mut self, member: &str, text: &str, uri: &Uri<'_>) -> bool {
        let host = uri.host().unwrap_or_default();
        if is_public_suffix(host) {
            self.bad(member, REDIRECTS, text, "has a public suffix as its host: that is nobody's own name");
            return false;
        }
        if is_this_machine(host) && !self.rules.policy.allow_localhost {
            self.bad(member, POLICY, text, "points at the person's own machine, which is not taken here");
            return false;
        }
        self.trusted(member, text, host)
    }

    fn loopback_target(&mut self, member: &str, text: &str, uri: &Uri<'_>) -> Option<Sort> {
        if !self.rules.policy.allow_localhost {
            self.bad(member, POLICY, text, "points at the person's own machine, which is not taken here");
            return None;
        }
        self.trusted(member, text, uri.host().unwrap_or_default()).then_some(Sort::Loopback)
    }

    fn trusted(&mut self, member: &str, text: &str, host: &str) -> bool {
        let policy = self.rules.policy;
        let trusted = policy.trusts_host(host);
        if !trusted {
            let hosts = policy.redirect_hosts.iter().flatten().map(ToString::to_string).collect();
            self.bad(member, POLICY, text, "has a host that the policy does not allow").allowed = hosts;
        }
        trusted
    }

    /// RFC 8252 §7.1: the scheme is a reversed domain name, or one that the policy or the profile takes.
    fn private_use_target(&mut self, member: &str, text: &str, uri: &Uri<'_>) -> Option<Sort> {
        let policy = self.rules.policy;
        if !policy.allow_custom_scheme {
            self.bad(member, POLICY, text, "has a private-use scheme, which is not taken here");
            return None;
        }
        let listed = policy.private_schemes.iter().any(|scheme| *scheme == uri.scheme);
        if policy.redirect_hosts.is_some() && !listed {
            let complaint = "has a scheme that the policy does not allow";
            self.bad(member, POLICY, text, complaint).allowed = policy.private_schemes.clone();
            return None;
        }
        let named = self.rules.profile.dotless_schemes == DotlessSchemes::WithName && uri.host().is_some();
        if !uri.scheme.contains('.') && !listed && !named {
            let complaint = "has a private-use scheme that is no reversed domain name such as com.example.app";
            self.bad(member, REDIRECTS, text, complaint).allowed = policy.private_schemes.clone();
            return None;
        }
        // example.com:443/cb is a host without its scheme, not a scheme.
        if uri.authority.is_none() && uri.path.starts_with(|first: char| first.is_ascii_digit()) {
            self.bad(member, REDIRECTS, text, "looks like a host and port without https:// in front");
            return None;
        }
        Some(Sort::PrivateUse)
    }

    /// What the client says it is; without a word, what its redirect URIs say (E1).
    pub(super) fn application_type(&mut self, targets: &[Target<'a>]) -> ApplicationType {
        if let Some(said) = self.text("application_type") {
            return self
                .supported("application_type", said, ApplicationType::ALL, ApplicationType::ALL)
                .unwrap_or(ApplicationType::Web);
        }
        let native = self.rules.profile.missing_type == MissingType::FollowsRedirectUris
            && targets.iter().any(|target| matches!(target.sort, Sort::Loopback | Sort::PrivateUse));
        if native { ApplicationType::Native } else { ApplicationType::Web }
    }

    /// R9: only `native` clients may be answered on the person's own machine, unless the profile says otherwise.
    pub(super) fn redirect_uris(
        &mut self,
        member: &str,
        targets: Vec<Target<'a>>,
        application: ApplicationType,
    ) -> Vec<String> {
        let widest = self.rules.profile.web_redirects;
        for target in targets.iter().filter(|_| application != ApplicationType::Native) {
            let (fits, complaint) = match target.sort {
                Sort::Https | Sort::Http => continue,
                Sort::Loopback => {
                    (widest >= WebRedirects::Loopback, "is loopback, which needs the application_type native")
                }
                Sort::PrivateUse => (
                    widest >= WebRedirects::PrivateUse,
                    "has a private-use scheme, which needs the application_type native",
                ),
            };
            if !fits {
                self.bad(member, REDIRECTS, target.text, complaint);
            }
        }
        targets.into_iter().map(|target| target.text.to_owned()).collect()
    }

    /// A URI to show to people.
    pub(super) fn web_uri(&mut self, member: &str) -> Option<String> {
        self.uri(member, Need::Web)
    }

    pub(super) fn https_uri(&mut self, member: &str) -> Option<String> {
        self.uri(member, Need::Https)
    }

    pub(super) fn fetched_uri(&mut self, member: &str) -> Option<String> {
        self.uri(member, Need::Fetched)
    }

    /// R3.
    fn uri(&mut self, member: &str, need: Need) -> Option<String> {
        let text = self.text(member)?;
        let uri = self.plain_uri(member, WEB_URIS, text)?;
        let (fits, complaint) = match need {
            Need::Web => (matches!(uri.scheme.as_ref(), "http" | "https"), "is neither http nor https"),
            Need::Https => (uri.scheme == "https", "is not https"),
            Need::Fetched => (uri.scheme == "https" || uri.is_loopback(), "is not https"),
        };
        if !fits {
            self.bad(member, WEB_URIS, text, complaint);
            return None;
        }
        if need != Need::Web && uri.fragment.is_some() {
            self.bad(member, WEB_URIS, text, "has a fragment");
            return None;
        }
        Some(text.to_owned())
    }

    fn plain_uri(&mut self, member: &str, rule: Rule, text: &'a str) -> Option<Uri<'a>> {
        let max = self.rules.policy.uri_bytes_max;
        if text.len() > max {
            self.bad(member, rule, text, &format!("is longer than {max} bytes"));
            return None;
        }
        match Uri::parse(text) {
            Ok(uri) => Some(uri),
            Err(complaint) => {
                self.bad(member, rule, text, &complaint.0);
                None
            }
        }
    }

    /// R15: pairwise subjects of a client with several redirect hosts need a document that joins them.
    pub(super) fn check_sector(&mut self, subject: SubjectType, redirects: &[String], sector: Option<&str>) {
        const MEMBER: &str = "sector_identifier_uri";
        if subject != SubjectType::Pairwise || sector.is_some() || self.is_spoilt(MEMBER) {
            return;
        }
        let mut hosts: Vec<String> = redirects.iter().filter_map(|uri| metadata::sector_of(uri)).collect();
        hosts.sort_unstable();
        hosts.dedup();
        if hosts.len() > 1 {
            let complaint = format!("is needed for pairwise subjects and redirect URIs on {} hosts", hosts.len());
            self.fault(MEMBER, SECTOR, complaint);
        }
    }
}

fn is_this_machine(host: &str) -> bool {
    matches!(host, "localhost" | "127.0.0.1" | "[::1]")
}
