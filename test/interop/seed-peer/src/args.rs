//! The command line.

use std::path::PathBuf;
use std::time::Duration;

pub const USAGE: &str = "\
usage: seed-peer server [--port N] [options]     binds 127.0.0.1, serves one connection
       seed-peer client --port N [options]       connects to 127.0.0.1
  --cipher gcm|ctr            default gcm
  --nonces random|counter     default random
  --segment 1|all             one byte a write, or one write a flight (default all)
  --mode echo|receive|send-file PATH|ping N     default: server echo, client ping 8
  --record N                  bytes of a record in send-file, default 65536
  --timeout S                 seconds without progress before giving up, default 60
  --hostile wrong-ct-signature|bad-coefficient|short-key|huge-length|reflect|cut";

/// The largest plaintext of a record.
pub const MAX_PLAINTEXT: usize = 1 << 20;

#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Role {
    Server,
    Client,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Cipher {
    Gcm,
    Ctr,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Nonces {
    Random,
    Counter,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Segment {
    /// One byte a write.
    Bytes,
    /// One write a flight.
    Flight,
}

pub enum Mode {
    Echo,
    Receive,
    SendFile(PathBuf),
    Ping(usize),
}

/// What this peer does wrong on purpose, if anything.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Hostile {
    WrongCtSignature,
    BadCoefficient,
    ShortKey,
    HugeLength,
    Reflect,
    Cut,
}

pub struct Args {
    pub role: Role,
    pub port: u16,
    pub cipher: Cipher,
    pub nonces: Nonces,
    pub segment: Segment,
    pub mode: Mode,
    pub record: usize,
    pub timeout: Duration,
    pub hostile: Option<Hostile>,
}

impl Args {
    pub fn parse(mut words: impl Iterator<Item = String>) -> Result<Args, String> {
        let role = match words.next().as_deref() {
            Some("server") => Role::Server,
            Some("client") => Role::Client,
            _ => return Err("the first argument is 'server' or 'client'".into()),
        };
        let mut args = Args {
            role,
            port: 0,
            cipher: Cipher::Gcm,
            nonces: Nonces::Random,
            segment: Segment::Flight,
            mode: match role {
                Role::Server => Mode::Echo,
                Role::Client => Mode::Ping(8),
            },
            record: 65536,
            timeout: Duration::from_secs(60),
            hostile: None,
        };
        while let Some(option) = words.next() {
            let mut value = || words.next().ok_or(format!("{option}: a value is missing"));
            match option.as_str() {
                "--port" => args.port = number(&option, &value()?)?,
                "--cipher" => {
                    args.cipher = match value()?.as_str() {
                        "gcm" => Cipher::Gcm,
                        "ctr" => Cipher::Ctr,
                        other => return Err(unknown(&option, other)),
                    }
                }
                "--nonces" => {
                    args.nonces = match value()?.as_str() {
                        "random" => Nonces::Random,
                        "counter" => Nonces::Counter,
                        other => return Err(unknown(&option, other)),
                    }
                }
                "--segment" => {
                    args.segment = match value()?.as_str() {
                        "1" => Segment::Bytes,
                        "all" => Segment::Flight,
                        other => return Err(unknown(&option, other)),
                    }
                }
                "--mode" => {
                    args.mode = match value()?.as_str() {
                        "echo" => Mode::Echo,
                        "receive" => Mode::Receive,
                        "send-file" => Mode::SendFile(value()?.into()),
                        "ping" => Mode::Ping(number("--mode ping", &value()?)?),
                        other => return Err(unknown(&option, other)),
                    }
                }
                "--record" => args.record = number(&option, &value()?)?,
                "--timeout" => args.timeout = Duration::from_secs(number(&option, &value()?)?),
                "--hostile" => {
                    args.hostile = Some(match value()?.as_str() {
                        "wrong-ct-signature" => Hostile::WrongCtSignature,
                        "bad-coefficient" => Hostile::BadCoefficient,
                        "short-key" => Hostile::ShortKey,
                        "huge-length" => Hostile::HugeLength,
                        "reflect" => Hostile::Reflect,
                        "cut" => Hostile::Cut,
                        other => return Err(unknown(&option, other)),
                    })
                }
                _ => return Err(format!("{option}: no such option")),
            }
        }
        args.check()?;
        Ok(args)
    }

    fn check(&self) -> Result<(), String> {
        if self.role == Role::Client && self.port == 0 {
            return Err("--port: a client needs the server's port".into());
        }
        if self.record == 0 || self.record > MAX_PLAINTEXT {
            return Err(format!("--record: not within 1…{MAX_PLAINTEXT}"));
        }
        if self.timeout.is_zero() {
            return Err("--timeout: not 0".into());
        }
        match self.hostile {
            Some(Hostile::WrongCtSignature) if self.role != Role::Server => {
                Err("--hostile wrong-ct-signature: only a server signs a ciphertext".into())
            }
            Some(Hostile::BadCoefficient) if self.role != Role::Client => {
                Err("--hostile bad-coefficient: only a client sends a KEM key".into())
            }
            Some(Hostile::Reflect) if !matches!(self.mode, Mode::Echo) => {
                Err("--hostile reflect: only with --mode echo".into())
            }
            _ => Ok(()),
        }
    }
}

fn number<T: std::str::FromStr>(option: &str, value: &str) -> Result<T, String> {
    value
        .parse()
        .map_err(|_| format!("{option}: '{value}' is not a number in range"))
}

fn unknown(option: &str, value: &str) -> String {
    format!("{option}: '{value}' is not one of its values")
}
