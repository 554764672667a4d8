//! `registrar user`: add, list, import, set-password, sign-in-link.

use std::io::Read as _;
use std::path::Path;

use entity::user::{self, Role};
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::ACTOR;
use super::args::{PasswordFrom, RoleText, UserCommand};
use super::moment;
use super::output::{Exit, Table};
use super::password::{self, Way};
use super::shell::{Failure, House, Shell};
use super::words::Claim;
use crate::oidc::session::sign_in_link;
use crate::oidc::user as people;
use crate::oidc::user::add::{self, New, Password};
use crate::oidc::user::set_password;

/// A file of people is read up to this size.
const FILE_BYTES_MAX: u64 = 64 * 1024 * 1024;

/// Runs one of the commands.
///
/// # Errors
/// What the rule refuses with.
pub async fn run(shell: &Shell, command: UserCommand) -> Result<Exit, Failure> {
    match command {
        UserCommand::Add { email, name, role, email_verified, claims, password } => {
            let password = chosen(password)?;
            let new = New { email, name, role: role.into(), email_verified, password, claims: object(claims)? };
            add(shell, new).await
        }
        UserCommand::List => list(shell).await,
        UserCommand::Import { file } => import(shell, &file).await,
        UserCommand::SetPassword { email, password_stdin } => {
            let way = if password_stdin { Way::Stdin } else { Way::Prompt };
            set_password(shell, &email, way).await
        }
        UserCommand::SignInLink { email } => {
            let house = shell.open().await?;
            let user = find(&house, &email).await?;
            let link = link(&house, &user);
            let value = json!({"email": user.email, "sign_in_link": link});
            Ok(shell.output.result(&value, || link.clone()))
        }
    }
}

async fn add(shell: &Shell, new: New) -> Result<Exit, Failure> {
    let house = shell.open().await?;
    let added = add::add(&house.app, &house.tenant, ACTOR, vec![new]).await?;
    let Some(user) = added.first() else { return Ok(Exit::Done) };
    let mut value = shown(user);
    if user.password_hash.is_some() {
        return Ok(shell.output.changed(&value, &format!("{} is there", user.email)));
    }
    let link = link(&house, user);
    value["sign_in_link"] = Value::from(link.clone());
    let minutes = house.app.config.login.sign_in_link_seconds / 60;
    let text = || format!("{} is there. To sign in once, within {minutes} minutes:\n{link}", user.email);
    Ok(shell.output.result(&value, text))
}

async fn list(shell: &Shell) -> Result<Exit, Failure> {
    let house = shell.open().await?;
    let all = people::all(&house.app, &house.tenant).await?;
    let values: Vec<Value> = all.iter().map(shown).collect();
    Ok(shell.output.result(&values, || {
        let mut table = Table::new(["email", "name", "role", "state", "password", "since"]);
        for user in &all {
            let word = |value: Value| value.as_str().unwrap_or_default().to_owned();
            table.row([
                user.email.clone(),
                user.name.clone().unwrap_or_default(),
                word(json!(user.role)),
                word(json!(user.state)),
                if user.password_hash.is_some() { "set" } else { "none" }.to_owned(),
                moment::text(user.created_at),
            ]);
        }
        table.text()
    }))
}

/// One entry of an import.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Imported {
    email: String,
    #[serde(default)]
    name: Option<String>,
    #[serde(default = "Imported::role")]
    role: Role,
    #[serde(default)]
    email_verified: bool,
    #[serde(default)]
    password_hash: Option<String>,
    #[serde(default)]
    claims: Map<String, Value>,
}

impl Imported {
    fn role() -> Role {
        Role::User
    }
}

impl From<Imported> for New {
    fn from(person: Imported) -> Self {
        Self {
            email: person.email,
            name: person.name,
            role: person.role,
            email_verified: person.email_verified,
            password: person.password_hash.map_or(Password::None, Password::Hashed),
            claims: person.claims,
        }
    }
}

async fn import(shell: &Shell, file: &Path) -> Result<Exit, Failure> {
    let text = read(file).map_err(|error| format!("{}: {error}", file.display()))?;
    let people: Vec<Imported> = serde_json::from_str(&text).map_err(|error| format!("{}: {error}", file.display()))?;
    let house = shell.open().await?;
    let added = add::add(&house.app, &house.tenant, ACTOR, people.into_iter().map(New::from).collect()).await?;
    let value = json!({"added": added.iter().map(shown).collect::<Vec<_>>()});
    Ok(shell.output.changed(&value, &format!("{} people were added", added.len())))
}

fn read(file: &Path) -> std::io::Result<String> {
    let mut text = String::new();
    let read = if file == Path::new("-") {
        std::io::stdin().lock().take(FILE_BYTES_MAX + 1).read_to_string(&mut text)?
    } else {
        std::fs::File::open(file)?.take(FILE_BYTES_MAX + 1).read_to_string(&mut text)?
    };
    if read as u64 > FILE_BYTES_MAX {
        return Err(std::io::Error::other("longer than 64 MiB; import it in parts"));
    }
    Ok(text)
}

async fn set_password(shell: &Shell, email: &str, way: Way) -> Result<Exit, Failure> {
    let house = shell.open().await?;
    let user = find(&house, email).await?;
    let password = password::read(way).map_err(|error| error.to_string())?;
    set_password::set(&house.app, &house.tenant, ACTOR, &user, &password).await?;
    let line = format!("{} has a new password and is signed out everywhere", user.email);
    Ok(shell.output.changed(&json!({"email": user.email, "password": "set"}), &line))
}

async fn find(house: &House, email: &str) -> Result<user::Model, Failure> {
    let found = people::find_by_email(&house.app, &house.tenant, email).await?;
    found.ok_or_else(|| Failure(format!("there is nobody with the e-mail address {email:?}")))
}

fn link(house: &House, user: &user::Model) -> String {
    sign_in_link::make(&house.app, house.tenant.id, &house.tenant.issuer, user).expose().to_owned()
}

fn chosen(from: PasswordFrom) -> Result<Password, Failure> {
    let way = match (from.password_prompt, from.password_stdin) {
        (true, _) => Way::Prompt,
        (_, true) => Way::Stdin,
        (false, false) => return Ok(Password::None),
    };
    Ok(Password::Chosen(password::read(way).map_err(|error| error.to_string())?))
}

fn object(claims: Vec<Claim>) -> Result<Map<String, Value>, Failure> {
    let mut object = Map::new();
    for Claim { name, value } in claims {
        if object.insert(name.clone(), value).is_some() {
            return Err(Failure(format!("the claim {name} is given twice")));
        }
    }
    Ok(object)
}

impl From<RoleText> for Role {
    fn from(text: RoleText) -> Self {
        match text {
            RoleText::User => Self::User,
            RoleText::Developer => Self::Developer,
            RoleText::Publisher => Self::Publisher,
            RoleText::Admin => Self::Admin,
        }
    }
}

fn shown(user: &user::Model) -> Value {
    json!({
        "id": user.id,
        "email": user.email,
        "email_verified": user.email_verified,
        "name": user.name,
        "role": user.role,
        "state": user.state,
        "has_password": user.password_hash.is_some(),
        "claims": user.claims,
        "created_at": user.created_at,
    })
}
