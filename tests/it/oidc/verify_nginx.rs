//! A real nginx in front of a service that knows nothing of OAuth: `auth_request` asks `/verify/{service}`.
//!
//! `REGISTRAR_TEST_NGINX` names the program; where it is not set there is none to test with.

use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use entity::contract::ContractState;

use crate::harness::TestApp;
use crate::harness::http::Http;
use crate::harness::party::text;

const ORDERS: &str = "https://api.example/orders";

struct Nginx {
    process: Child,
    folder: PathBuf,
    base: String,
}

impl Drop for Nginx {
    fn drop(&mut self) {
        let _ = self.process.kill().and_then(|()| self.process.wait());
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

fn free_port() -> u16 {
    std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

impl Nginx {
    /// In front of a service that answers with what it was told, guarded by `verify`.
    async fn start(program: &str, verify: &str) -> Self {
        let folder = std::env::temp_dir().join(format!("registrar-nginx-{}", uuid::Uuid::now_v7()));
        std::fs::create_dir_all(&folder).unwrap();
        let (front, behind) = (free_port(), free_port());
        let here = folder.display();
        let settings = format!(
            r#"daemon off; master_process off; pid {here}/pid; error_log {here}/error.log;
events {{ }}
http {{
  access_log off;
  client_body_temp_path {here}/body; proxy_temp_path {here}/proxy; fastcgi_temp_path {here}/fastcgi;
  uwsgi_temp_path {here}/uwsgi; scgi_temp_path {here}/scgi;
  server {{
    listen 127.0.0.1:{front};
    location / {{
      auth_request /verify;
      auth_request_set $credential $upstream_http_x_credential_identifier;
      auth_request_set $scope $upstream_http_x_authenticated_scope;
      proxy_set_header X-Credential-Identifier $credential;
      proxy_set_header X-Authenticated-Scope $scope;
      proxy_pass http://127.0.0.1:{behind};
    }}
    location = /verify {{
      internal;
      proxy_pass {verify};
      proxy_pass_request_body off;
      proxy_set_header Content-Length "";
    }}
  }}
  server {{
    listen 127.0.0.1:{behind};
    location / {{ return 200 "$http_x_credential_identifier may $http_x_authenticated_scope"; }}
  }}
}}
"#
        );
        let file = folder.join("nginx.conf");
        std::fs::write(&file, settings).unwrap();
        let process =
            Command::new(program).arg("-p").arg(&folder).arg("-c").arg(&file).stderr(Stdio::null()).spawn().unwrap();
        let started = Self { process, folder, base: format!("http://127.0.0.1:{front}") };
        for _ in 0..200 {
            if tokio::net::TcpStream::connect(("127.0.0.1", front)).await.is_ok() {
                return started;
            }
            tokio::time::sleep(Duration::from_millis(25)).await;
        }
        panic!("nginx does not start: {:?}", std::fs::read_to_string(started.folder.join("error.log")));
    }
}

#[tokio::test]
async fn a_real_nginx_lets_pass_what_a_contract_allows_and_nothing_after_it_is_revoked() {
    spec!("portal/I16");
    let Ok(program) = std::env::var("REGISTRAR_TEST_NGINX") else {
        println!("REGISTRAR_TEST_NGINX is not set: no nginx to test with");
        return;
    };
    let app = TestApp::at_a_standstill().await;
    let service = app.guarded(ORDERS, &["read"], |_| ()).await;
    let client = app.web_client().await;
    let contract = app.contract(&client, &service, ContractState::Approved).await;
    let nginx = Nginx::start(&program, &app.url(&format!("/verify/{}", service.id))).await;
    let front = Http::new(&nginx.base);
    assert_eq!(front.get("/orders").await.status, 401);
    let fields = [("grant_type", "client_credentials"), ("resource", ORDERS), ("scope", "read")];
    let tokens = app.token(text(&client, "client_id"), client["client_secret"].as_str(), &fields).await.expect(200);
    let token = text(&tokens, "access_token");
    let passed = front.bearer("GET", "/orders", token).await;
    assert_eq!((passed.status, passed.text), (200, format!("{} may read", text(&client, "client_id"))));
    let posted = front.send(front.request("POST", "/orders").bearer_auth(token).body("an order")).await;
    assert_eq!(posted.status, 200, "whatever the method");
    app.set_contract(&contract, |row| row.state = ContractState::Revoked).await;
    assert_eq!(front.bearer("GET", "/orders", token).await.status, 401);
}
