//! The Admin API's own address, served on a free port.

use registrar::app::{routes, settings};
use registrar::edge::listener;

use super::TestApp;

/// Where it is, until dropped.
pub struct KongAddress {
    pub authority: String,
    serving: tokio::task::JoinHandle<std::io::Result<()>>,
}

impl KongAddress {
    /// For a server that runs.
    pub async fn of(app: &TestApp) -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let authority = listener.local_addr().unwrap().to_string();
        let endpoint = routes::kong_admin_endpoint(app.app.clone());
        let limits = settings::listener(&app.app.config);
        let serving = tokio::spawn(listener::serve(listener, endpoint, limits, std::future::pending::<()>()));
        Self { authority, serving }
    }
}

impl Drop for KongAddress {
    fn drop(&mut self) {
        self.serving.abort();
    }
}
