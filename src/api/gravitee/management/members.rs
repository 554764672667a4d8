//! `applications/{id}/members`: who works on an application, and what may they? (portal.md §3.6)

use std::collections::BTreeMap;

use entity::id::UserId;
use entity::membership::MemberRole;
use poem_openapi::param::{Path, Query};
use poem_openapi::{Object, OpenApi};

use super::shape::display_name;
use crate::api::gravitee::answer::{Added, Quiet, Told};
use crate::api::gravitee::application::living;
use crate::api::gravitee::body::{Fields, Sent};
use crate::api::gravitee::caller::ConsoleCaller;
use crate::api::gravitee::refusal::{About, Concerning, Refusal};
use crate::api::gravitee::refused::Refused;
use crate::api::gravitee::voice::{Management, Part};
use crate::portal::Error;
use crate::portal::membership::{self, Matter, Member, Role, Who};

/// Members.
#[derive(Debug)]
pub struct MembersApi;

/// Somebody who works on an application.
#[derive(Debug, Object)]
#[oai(rename = "MembershipListItem")]
pub struct Listed {
    /// Identity.
    id: String,
    /// Name.
    #[oai(rename = "displayName")]
    display_name: String,
    /// `PRIMARY_OWNER`, `OWNER` or `USER`.
    role: String,
}

/// Somebody who is to work on an application.
#[derive(Debug, Object)]
#[oai(rename = "ApplicationMembership", skip_serializing_if_is_none)]
struct MemberDocument {
    /// Identity of a developer.
    id: Option<String>,
    /// The developer's e-mail address instead.
    reference: Option<String>,
    /// `OWNER` or `USER`.
    role: String,
}

/// Somebody who is to answer for an application.
#[derive(Debug, Object)]
#[oai(rename = "TransferOwnership", skip_serializing_if_is_none)]
struct TransferDocument {
    /// Identity of a developer.
    id: Option<String>,
    /// The developer's e-mail address instead.
    reference: Option<String>,
    /// What the one before becomes: `OWNER` or `USER`.
    role: String,
}

#[OpenApi(prefix_path = "/management/organizations/:organizationId/environments/:envId", tag = "Part::Members")]
impl MembersApi {
    /// List who works on an application.
    #[oai(path = "/applications/:applicationId/members", method = "get", operation_id = "get_application_members")]
    async fn list(
        &self,
        caller: ConsoleCaller,
        #[oai(name = "applicationId")] application_id: Path<String>,
    ) -> Result<Told<Vec<Listed>>, Refused<Management>> {
        let id = crate::api::gravitee::application(&application_id)?;
        let members = membership::list(&caller.app, &caller.tenant, &caller.actor, id).await;
        let members = members.about(About::Application(&application_id))?;
        Ok(Told(members.iter().map(Listed::from).collect()))
    }

    /// Let a developer work on an application, or give a member another role.
    #[oai(
        path = "/applications/:applicationId/members",
        method = "post",
        operation_id = "add_or_update_application_member"
    )]
    async fn add(
        &self,
        caller: ConsoleCaller,
        #[oai(name = "applicationId")] application_id: Path<String>,
        body: Sent<MemberDocument>,
    ) -> Result<Added, Refused<Management>> {
        let (app, tenant, actor) = (&caller.app, &caller.tenant, &caller.actor);
        let id = living(&caller, &application_id).await?.row.id;
        let Named { who, role } = Named::read(body.fields()?)?;
        let about = About::Application(&application_id);
        let role = role_of(&role)?;
        match membership::add(app, tenant, actor, id, who.as_who(), role).await {
            Ok(_) => Ok(Added::Done),
            // Gravitee's one call for both.
            Err(Error::Taken { field: "user", value }) => {
                let user: UserId = crate::api::gravitee::id(&value, About::Member(&value))?;
                membership::change_role(app, tenant, actor, id, user, role).await.about(About::Member(&value))?;
                Ok(Added::Done)
            }
            Err(error) => Err(Refusal::of(error, about).into()),
        }
    }

    /// Shut a member out.
    #[oai(path = "/applications/:applicationId/members", method = "delete", operation_id = "delete_application_member")]
    async fn remove(
        &self,
        caller: ConsoleCaller,
        #[oai(name = "applicationId")] application_id: Path<String>,
        /// Who.
        user: Query<Option<String>>,
    ) -> Result<Quiet, Refused<Management>> {
        let (app, tenant, actor) = (&caller.app, &caller.tenant, &caller.actor);
        let id = living(&caller, &application_id).await?.row.id;
        let user = user.0.ok_or_else(|| Refusal::needed("user"))?;
        let about = About::Member(&user);
        let member = crate::api::gravitee::id(&user, about)?;
        membership::remove(app, tenant, actor, id, member).await.about(about)?;
        Ok(Quiet::Done)
    }

    /// Make another developer answer for an application.
    #[oai(
        path = "/applications/:applicationId/members/transfer_ownership",
        method = "post",
        operation_id = "transfer_application_ownership"
    )]
    async fn transfer(
        &self,
        caller: ConsoleCaller,
        #[oai(name = "applicationId")] application_id: Path<String>,
        body: Sent<TransferDocument>,
    ) -> Result<Quiet, Refused<Management>> {
        let (app, tenant, actor) = (&caller.app, &caller.tenant, &caller.actor);
        let id = living(&caller, &application_id).await?.row.id;
        let Named { who, role } = Named::read(body.fields()?)?;
        let becomes = match role_of(&role)? {
            Role::Owner => MemberRole::Owner,
            Role::User => MemberRole::User,
            Role::PrimaryOwner => return Err(Refusal::role_not_transferable(&role).into()),
        };
        let about = About::Application(&application_id);
        membership::transfer(app, tenant, actor, id, None, who.as_who(), becomes).await.about(about)?;
        Ok(Quiet::Done)
    }

    /// Read what the caller may do with an application.
    #[oai(
        path = "/applications/:applicationId/members/permissions",
        method = "get",
        operation_id = "get_application_member_permissions"
    )]
    async fn permissions(
        &self,
        caller: ConsoleCaller,
        #[oai(name = "applicationId")] application_id: Path<String>,
    ) -> Result<Told<BTreeMap<String, Vec<String>>>, Refused<Management>> {
        let reach = living(&caller, &application_id).await?.reach;
        let letters = |rights: &str| rights.chars().map(String::from).collect();
        let told = membership::permissions(reach).map(|(matter, rights)| (word(matter).to_owned(), letters(rights)));
        Ok(Told(told.into()))
    }
}

/// Who is named in a body, and which role.
struct Named {
    who: Whom,
    role: String,
}

enum Whom {
    User(UserId),
    Email(String),
}

impl Whom {
    fn as_who(&self) -> Who<'_> {
        match self {
            Self::User(id) => Who::User(*id),
            Self::Email(email) => Who::Email(email),
        }
    }
}

impl Named {
    fn read(mut fields: Fields) -> Result<Self, Refusal> {
        fields.need("role");
        let role = fields.text("role").unwrap_or_default();
        let (id, reference) = (fields.filled("id"), fields.filled("reference"));
        if id.is_none() && reference.is_none() {
            fields.refuse("id", "must not be null, unless reference says who it is");
        }
        fields.done()?;
        let who = match (id, reference) {
            (Some(id), _) => Whom::User(crate::api::gravitee::id(&id, About::Member(&id))?),
            (None, reference) => Whom::Email(reference.unwrap_or_default()),
        };
        Ok(Self { who, role })
    }
}

/// The role that a word means.
fn role_of(word: &str) -> Result<Role, Refusal> {
    match word {
        "PRIMARY_OWNER" => Ok(Role::PrimaryOwner),
        "OWNER" => Ok(Role::Owner),
        "USER" => Ok(Role::User),
        other => Err(Refusal::unknown_role(other)),
    }
}

/// How Gravitee calls a role.
pub fn role(role: Role) -> &'static str {
    match role {
        Role::PrimaryOwner => "PRIMARY_OWNER",
        Role::Owner => "OWNER",
        Role::User => "USER",
    }
}

fn word(matter: Matter) -> &'static str {
    match matter {
        Matter::Definition => "DEFINITION",
        Matter::Member => "MEMBER",
        Matter::Contract => "SUBSCRIPTION",
        Matter::Notification => "NOTIFICATION",
        Matter::Alert => "ALERT",
        Matter::Metadata => "METADATA",
        Matter::Analytics => "ANALYTICS",
        Matter::Log => "LOG",
    }
}

impl From<&Member> for Listed {
    fn from(member: &Member) -> Self {
        Self {
            id: member.person.id.to_string(),
            display_name: display_name(&member.person),
            role: role(member.role).to_owned(),
        }
    }
}
