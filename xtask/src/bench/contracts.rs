//! What do contracts cost? Applications of a developer with an approved contract each, made as a script for Kong would.

use serde_json::Value;

use super::http::Connection;
use super::loads::WORKING_SET;
use super::server::{Place, Server};
use super::traffic::{Registered, member};
use crate::process::Failure;

/// The audience of the service they have a contract with: its name.
pub(super) const AUDIENCE: &str = "bills";
/// Its scope.
pub(super) const SCOPE: &str = "bills:read";

const DEVELOPER: &str = "dev@example.org";
const ADMIN: &str = "root@example.org";

/// What an admin's script presents.
///
/// # Errors
/// When the command line refuses.
pub(super) async fn admin_token(place: &Place) -> Result<String, Failure> {
    place.registrar(&["user", "add", ADMIN, "--role", "admin", "--password-stdin"], &place.password).await?;
    let made = place.registrar(&["personal-token", "create", "--email", ADMIN, "--json"], "").await?;
    member(&made, "personal_token")
}

/// As many applications as take part in a load, each with a client and an approved contract.
///
/// # Errors
/// When the server refuses one of the steps.
pub(super) async fn make(server: &Server, token: &str) -> Result<Vec<Registered>, Failure> {
    let mut script = Script { connection: Connection::open(server.site.port).await?, server, token };
    script.post("/services", &format!("name={AUDIENCE}&url=https://bills.example")).await?;
    let plugin = format!(
        "name=application-registration&config.display_name=Bills&config.enable_client_credentials=true\
         &config.auto_approve=true&config.scopes[]={SCOPE}"
    );
    let plugin = script.post(&format!("/services/{AUDIENCE}/plugins"), &plugin).await?;
    let service = plugin["service"]["id"].as_str().unwrap_or_default().to_owned();
    script.post("/developers", &format!("email={DEVELOPER}&meta={{\"full_name\":\"Dev\"}}&status=0")).await?;
    let mut made = Vec::with_capacity(WORKING_SET);
    for number in 0..WORKING_SET {
        let body = format!("name=Desk {number}&redirect_uri=https://desk.example/cb");
        let application = script.post(&format!("/developers/{DEVELOPER}/applications"), &body).await?;
        let of_it = format!("/developers/{DEVELOPER}/applications/{}", text(&application, "id"));
        script.post(&format!("{of_it}/application_instances"), &format!("service.id={service}")).await?;
        let listed = script.get(&format!("{of_it}/credentials/oauth2")).await?;
        let client = &listed["data"][0];
        made.push(Registered {
            id: text(client, "client_id"),
            secret: text(client, "client_secret"),
            access_token: String::new(),
            path: String::new(),
        });
    }
    Ok(made)
}

struct Script<'a> {
    connection: Connection,
    server: &'a Server,
    token: &'a str,
}

impl Script<'_> {
    async fn post(&mut self, path: &str, form: &str) -> Result<Value, Failure> {
        let headers = [("kong-admin-token", self.token), ("content-type", "application/x-www-form-urlencoded")];
        let request = self.server.site.post(&format!("/kong/admin{path}"), &headers, form);
        self.ask(path, &request).await
    }

    async fn get(&mut self, path: &str) -> Result<Value, Failure> {
        let request = self.server.site.get(&format!("/kong/admin{path}"), &[("kong-admin-token", self.token)]);
        self.ask(path, &request).await
    }

    async fn ask(&mut self, path: &str, request: &[u8]) -> Result<Value, Failure> {
        let answer = self.connection.ask_patiently(request).await?;
        if !(200..300).contains(&answer.status) {
            return Err(Failure::new(format!("{path} was answered {} {}", answer.status, answer.text())));
        }
        serde_json::from_slice(answer.body).map_err(|_| Failure::new(format!("{path}: the answer is no JSON")))
    }
}

fn text(value: &Value, name: &str) -> String {
    value[name].as_str().unwrap_or_default().to_owned()
}
