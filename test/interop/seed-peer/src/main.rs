//! The independent peer of pqsock's seed profile: written from the profile's 18 steps on the `oqs`
//! crate, for the tests. It shares no code with pqsock. See README.md.

mod args;
mod handshake;
mod modes;
mod records;
mod report;
mod wire;

use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::process::ExitCode;
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use args::{Args, Role};
use handshake::{Client, Server};
use records::{Inbound, Outbound};
use report::{At, Result};
use wire::{FieldReader, FieldWriter};

fn main() -> ExitCode {
    let words = std::env::args_os().skip(1);
    let words = words.map(|word| word.to_string_lossy().into_owned());
    let args = match Args::parse(words) {
        Ok(args) => args,
        Err(message) => {
            eprintln!("seed-peer: {message}\n{}", args::USAGE);
            return ExitCode::from(2);
        }
    };
    match run(&args) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            report::error(&failure);
            ExitCode::FAILURE
        }
    }
}

fn run(args: &Args) -> Result<()> {
    // 1. Start a TCP socket.
    let (reader, writer, established) = match args.role {
        Role::Server => {
            let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, args.port)).at(1)?;
            report::listening(listener.local_addr().at(1)?.port());
            report::step(1);
            let server = Server::new()?; // steps 2 and 3
            let stream = accept(listener, args.timeout)?;
            let (mut reader, mut writer) = fields(stream, args)?;
            let done = server.handshake(&mut reader, &mut writer, args.hostile)?;
            (reader, writer, done)
        }
        Role::Client => {
            let stream = TcpStream::connect((Ipv4Addr::LOCALHOST, args.port)).at(1)?;
            let (mut reader, mut writer) = fields(stream, args)?;
            report::step(1);
            let client = Client::new()?; // step 2
            let done = client.handshake(&mut reader, &mut writer, args.hostile)?;
            (reader, writer, done)
        }
    };

    // 18. Both have the same shared secret; it is the key for AES-256 in GCM or CTR mode.
    let key = established.key;
    let inbound = Inbound::new(reader, args.cipher, key);
    let outbound = Outbound::new(
        writer,
        args.cipher,
        key,
        args.nonces,
        args.role,
        args.hostile,
    );
    report::step(18);
    report::established(&established.own, &established.peer);
    modes::run(args, inbound, outbound)
}

/// Takes one connection, and closes the listener after it.
fn accept(listener: TcpListener, timeout: Duration) -> Result<TcpStream> {
    let (give, take) = mpsc::channel();
    thread::spawn(move || give.send(listener.accept()));
    match take.recv_timeout(timeout) {
        Ok(accepted) => accepted.map(|(stream, _)| stream).at(1),
        Err(_) => Err("nobody has connected in time").at(1),
    }
}

fn fields(stream: TcpStream, args: &Args) -> Result<(FieldReader, FieldWriter)> {
    stream.set_nodelay(true).at(1)?;
    stream.set_read_timeout(Some(args.timeout)).at(1)?;
    stream.set_write_timeout(Some(args.timeout)).at(1)?;
    let reader = FieldReader::new(stream.try_clone().at(1)?);
    Ok((reader, FieldWriter::new(stream, args.segment)))
}
