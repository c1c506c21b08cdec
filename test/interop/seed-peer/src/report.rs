//! What this program prints: one JSON object a line on standard output.

use std::fmt::Display;
use std::io::Write;

/// Why the run ended early: in which of the seed profile's steps, and what was wrong.
pub struct Failure {
    pub step: u8,
    pub message: String,
}

pub type Result<T> = std::result::Result<T, Failure>;

/// Says in which step an error happened.
pub trait At<T> {
    fn at(self, step: u8) -> Result<T>;
}

impl<T, E: Display> At<T> for std::result::Result<T, E> {
    fn at(self, step: u8) -> Result<T> {
        self.map_err(|e| Failure {
            step,
            message: e.to_string(),
        })
    }
}

/// Prints one line. That nobody reads it any more is no reason to stop.
fn line(json: &str) {
    let mut out = std::io::stdout().lock();
    let _ = writeln!(out, "{json}").and_then(|()| out.flush());
}

pub fn listening(port: u16) {
    line(&format!(r#"{{"event":"listening","port":{port}}}"#));
}

pub fn step(step: u8) {
    line(&format!(r#"{{"event":"step","step":{step},"ok":true}}"#));
}

/// The own signature key is there: a peer that wants to pin it can.
pub fn key(own: &str) {
    line(&format!(r#"{{"event":"key","own":"{own}"}}"#));
}

pub fn established(own: &str, peer: &str) {
    line(&format!(
        r#"{{"event":"established","own":"{own}","peer":"{peer}"}}"#
    ));
}

pub fn hostile(act: &str) {
    line(&format!(r#"{{"event":"hostile","act":"{act}"}}"#));
}

pub fn received(bytes: u64, sha256: &str) {
    line(&format!(
        r#"{{"event":"received","bytes":{bytes},"sha256":"{sha256}"}}"#
    ));
}

pub fn sent(bytes: u64) {
    line(&format!(r#"{{"event":"sent","bytes":{bytes}}}"#));
}

pub fn ping(records: usize) {
    line(&format!(
        r#"{{"event":"ping","records":{records},"ok":true}}"#
    ));
}

pub fn error(failure: &Failure) {
    let mut message = String::new();
    for c in failure.message.chars() {
        match c {
            '"' | '\\' => message.extend(['\\', c]),
            c if c < ' ' => message.push(' '),
            c => message.push(c),
        }
    }
    let step = failure.step;
    line(&format!(
        r#"{{"event":"error","step":{step},"message":"{message}"}}"#
    ));
}
