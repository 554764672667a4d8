//! Registrar: an OpenID Connect and OAuth 2.0 authorization server for applications that register themselves.
//!
//! A request goes down three floors and never back up: words ([`api`], [`web`]), rules ([`oidc`], [`portal`]), rows (the `entity`
//! crate). [`edge`] is the door every request passes; [`app`] wires the house.

#[cfg(test)]
#[macro_use]
mod spec;

pub mod api;
pub mod app;
pub mod cli;
pub mod clock;
pub mod config;
pub mod db;
pub mod edge;
pub mod health;
pub mod jobs;
pub mod limit;
pub mod mail;
pub mod oidc;
pub mod outbound;
pub mod portal;
pub mod secret;
pub mod shown;
pub mod telemetry;
pub mod text;
pub mod web;
