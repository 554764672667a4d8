//! `/applications/{application}/members` and what goes with them: who works on an application, and who answers for it?

use entity::id::{ApplicationId, UserId};
use entity::membership::MemberRole as OldRole;
use poem_openapi::param::{Header, Path};
use poem_openapi::{Object, OpenApi};
use uuid::Uuid;

use super::Part;
use super::answer::{Gone, Told};
use super::application::{Application, Owner, told};
use super::body::Body;
use super::caller::Caller;
use super::precondition::Seen;
use super::problem::Problem;
use super::word::{MemberRole, OldOwnerRole};
use crate::portal::application;
use crate::portal::membership::{self as rule, Mails, Role, Who};

/// The members of applications.
#[derive(Debug)]
pub struct MemberApi;

/// Somebody who works on an application.
#[derive(Debug, Object)]
struct Member {
    /// Who.
    user: Owner,
    /// What they are to the application.
    role: MemberRole,
    /// Whether mails about it go to them.
    mails: bool,
    /// Seconds since 1970.
    since: i64,
}

impl From<rule::Member> for Member {
    fn from(member: rule::Member) -> Self {
        Self {
            user: member.person.into(),
            role: member.role.into(),
            mails: member.mails == Mails::On,
            since: member.since,
        }
    }
}

/// Everybody who works on an application.
#[derive(Debug, Object)]
struct Members {
    /// The primary owner, then the members, the oldest first.
    items: Vec<Member>,
}

/// Somebody who is to work on an application.
#[derive(Debug, Object)]
struct NewMember {
    /// Who: the identity or the e-mail address of a developer.
    user: Option<String>,
    /// What they are to be: `owner` or `user`; else `user`.
    role: Option<MemberRole>,
}

/// What is to change of a member; what is left out stays.
#[derive(Debug, Object)]
struct MemberChange {
    /// What they are to be: `owner` or `user`.
    role: Option<MemberRole>,
}

/// Who is to answer for an application.
#[derive(Debug, Object)]
struct Transfer {
    /// Who: the identity or the e-mail address of a developer.
    user: Option<String>,
    /// What the one before becomes; else `owner`.
    old_owner_becomes: Option<OldOwnerRole>,
}

/// Whether mails about an application go to the caller.
#[derive(Debug, Object)]
struct ApplicationMails {
    /// They do.
    mails: bool,
}

/// Whether mails about an application are to go to the caller; what is left out stays.
#[derive(Debug, Object)]
struct MailsChange {
    /// They are to.
    mails: Option<bool>,
}

/// Who is meant: nobody has the empty address.
fn who(user: Option<&str>) -> Who<'_> {
    let user = user.unwrap_or_default();
    Uuid::try_parse(user).map_or(Who::Email(user), |id| Who::User(UserId(id)))
}

#[OpenApi(tag = "Part::Applications")]
impl MemberApi {
    /// List those who work on an application.
    #[oai(path = "/applications/:application/members", method = "get", operation_id = "list_members")]
    async fn list(&self, caller: Caller, application: Path<Uuid>) -> Result<Told<Members>, Problem> {
        let id = ApplicationId(application.0);
        let members = rule::list(&caller.app, &caller.tenant, &caller.actor, id).await?;
        Ok(Told::new(&Members { items: members.into_iter().map(Member::from).collect() }))
    }

    /// Let somebody work on an application.
    #[oai(path = "/applications/:application/members", method = "post", operation_id = "add_member")]
    async fn add(
        &self,
        caller: Caller,
        application: Path<Uuid>,
        body: Body<NewMember>,
    ) -> Result<Told<Member, 201>, Problem> {
        let (id, body) = (ApplicationId(application.0), body.0);
        let (who, role) = (who(body.user.as_deref()), body.role.map_or(Role::User, Role::from));
        let member = rule::add(&caller.app, &caller.tenant, &caller.actor, id, who, role).await?;
        let at = caller.url(&format!("/applications/{id}/members/{}", member.person.id));
        Ok(Told::new(&Member::from(member)).at(&at))
    }

    /// Give a member another role.
    #[oai(path = "/applications/:application/members/:user", method = "patch", operation_id = "change_member")]
    async fn change(
        &self,
        caller: Caller,
        application: Path<Uuid>,
        user: Path<Uuid>,
        body: Body<MemberChange>,
    ) -> Result<Told<Member>, Problem> {
        let (id, user) = (ApplicationId(application.0), UserId(user.0));
        let Caller { app, tenant, actor } = &caller;
        let member = match body.0.role {
            Some(role) => rule::change_role(app, tenant, actor, id, user, role.into()).await?,
            None => {
                let members = rule::list(app, tenant, actor, id).await?;
                members.into_iter().find(|member| member.person.id == user).ok_or_else(Problem::not_found)?
            }
        };
        Ok(Told::new(&Member::from(member)))
    }

    /// Shut a member out, or leave.
    #[oai(path = "/applications/:application/members/:user", method = "delete", operation_id = "remove_member")]
    async fn remove(&self, caller: Caller, application: Path<Uuid>, user: Path<Uuid>) -> Result<Gone, Problem> {
        let (id, user) = (ApplicationId(application.0), UserId(user.0));
        let Caller { app, tenant, actor } = &caller;
        match actor.user_id() == Some(user) {
            true => rule::leave(app, tenant, actor, id).await?,
            false => rule::remove(app, tenant, actor, id, user).await?,
        }
        Ok(Gone::Done)
    }

    /// Make somebody else answer for an application.
    #[oai(path = "/applications/:application/transfer", method = "post", operation_id = "transfer_application")]
    async fn transfer(
        &self,
        caller: Caller,
        application: Path<Uuid>,
        /// The `ETag` that was seen.
        #[oai(name = "If-Match")]
        if_match: Header<Option<String>>,
        body: Body<Transfer>,
    ) -> Result<Told<Application>, Problem> {
        let seen = Seen::read(if_match.as_deref())?;
        let (id, expected, body) = (ApplicationId(application.0), seen.version()?, body.0);
        let becomes = body.old_owner_becomes.map_or(OldRole::Owner, OldRole::from);
        let Caller { app, tenant, actor } = &caller;
        let moved = rule::transfer(app, tenant, actor, id, expected, who(body.user.as_deref()), becomes).await;
        moved.map(told).map_err(|error| seen.refuse(error))
    }

    /// Bring an archived application back.
    ///
    /// The caller answers for it; its clients live again, and its contracts wait for a decision.
    #[oai(path = "/applications/:application/restore", method = "post", operation_id = "restore_application")]
    async fn restore(&self, caller: Caller, application: Path<Uuid>) -> Result<Told<Application>, Problem> {
        let id = ApplicationId(application.0);
        Ok(told(application::restore(&caller.app, &caller.tenant, &caller.actor, id).await?))
    }

    /// Read whether mails about an application go to the caller.
    #[oai(path = "/applications/:application/mails", method = "get", operation_id = "read_application_mails")]
    async fn mails(&self, caller: Caller, application: Path<Uuid>) -> Result<Told<ApplicationMails>, Problem> {
        let id = ApplicationId(application.0);
        let mails = rule::mails(&caller.app, &caller.tenant, &caller.actor, id).await?;
        Ok(Told::new(&ApplicationMails { mails: mails == Mails::On }))
    }

    /// Say whether mails about an application go to the caller; an admin says it for the primary owner.
    #[oai(path = "/applications/:application/mails", method = "put", operation_id = "change_application_mails")]
    async fn set_mails(
        &self,
        caller: Caller,
        application: Path<Uuid>,
        body: Body<MailsChange>,
    ) -> Result<Told<ApplicationMails>, Problem> {
        let id = ApplicationId(application.0);
        let Caller { app, tenant, actor } = &caller;
        if let Some(mails) = body.0.mails {
            rule::set_mails(app, tenant, actor, id, mails.into()).await?;
        }
        let mails = rule::mails(app, tenant, actor, id).await?;
        Ok(Told::new(&ApplicationMails { mails: mails == Mails::On }))
    }
}
