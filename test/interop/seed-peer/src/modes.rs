//! What is done with the connection once it is established. Every mode ends by sending FIN and by
//! waiting for the peer's.

use std::fs::File;
use std::io::Read;
use std::path::Path;
use std::sync::mpsc;
use std::thread;

use sha2::{Digest, Sha256};

use crate::args::{Args, Hostile, Mode, MAX_PLAINTEXT};
use crate::records::{Inbound, Outbound};
use crate::report::{self, At, Result};

/// The sizes that every ping begins with; the sizes after them are random.
const PING_SIZES: [usize; 8] = [0, MAX_PLAINTEXT, 1, 16, 65_537, 4_096, 0, 15];

pub fn run(args: &Args, inbound: Inbound, outbound: Outbound) -> Result<()> {
    match &args.mode {
        Mode::Echo if args.hostile == Some(Hostile::Reflect) => reflect(inbound, outbound),
        Mode::Echo => echo(inbound, outbound),
        Mode::Receive => receive(inbound, outbound),
        Mode::SendFile(path) => send_file(inbound, outbound, path, args.record),
        Mode::Ping(records) => ping(inbound, outbound, *records),
    }
}

/// Sends every record's plaintext back in one record.
fn echo(mut inbound: Inbound, mut outbound: Outbound) -> Result<()> {
    while let Some(plaintext) = inbound.receive()? {
        outbound.send(&plaintext)?;
    }
    outbound.finish()
}

/// Sends the first record back as it came.
fn reflect(mut inbound: Inbound, mut outbound: Outbound) -> Result<()> {
    if let Some(body) = inbound.receive_sealed()? {
        report::hostile("reflect");
        outbound.send_sealed(&body)?;
    }
    while inbound.receive()?.is_some() {}
    outbound.finish()
}

fn receive(mut inbound: Inbound, mut outbound: Outbound) -> Result<()> {
    let mut bytes = 0;
    let mut hash = Sha256::new();
    while let Some(plaintext) = inbound.receive()? {
        bytes += plaintext.len() as u64;
        hash.update(&plaintext);
    }
    let sha256: String = hash.finalize().iter().map(|b| format!("{b:02x}")).collect();
    report::received(bytes, &sha256);
    outbound.finish()
}

/// Sends a file; what comes meanwhile is opened and dropped.
fn send_file(
    mut inbound: Inbound,
    mut outbound: Outbound,
    path: &Path,
    record: usize,
) -> Result<()> {
    let mut file = File::open(path).at(18)?;
    let sender = thread::spawn(move || -> Result<()> {
        let mut bytes = 0;
        loop {
            let mut plaintext = Vec::with_capacity(record);
            file.by_ref()
                .take(record as u64)
                .read_to_end(&mut plaintext)
                .at(18)?;
            if plaintext.is_empty() {
                break;
            }
            outbound.send(&plaintext)?;
            bytes += plaintext.len() as u64;
        }
        outbound.finish()?;
        report::sent(bytes);
        Ok(())
    });
    while inbound.receive()?.is_some() {}
    join(sender)
}

/// Sends random records and compares what comes back. The peer may cut it into records as it
/// likes, so the bytes are compared, not the records.
fn ping(mut inbound: Inbound, mut outbound: Outbound, records: usize) -> Result<()> {
    let (expect, expected) = mpsc::sync_channel::<Vec<u8>>(4);
    let sender = thread::spawn(move || -> Result<()> {
        for i in 0..records {
            let plaintext = random_record(i)?;
            if expect.send(plaintext.clone()).is_err() {
                break; // the comparison has failed and says why
            }
            outbound.send(&plaintext)?;
        }
        outbound.finish()
    });

    let mut got = Vec::new();
    for plaintext in expected {
        while got.len() < plaintext.len() {
            let more = inbound.receive()?;
            got.extend(
                more.ok_or("the peer closed before the echo was whole")
                    .at(18)?,
            );
        }
        if got[..plaintext.len()] != plaintext {
            return Err("the echo differs from what was sent").at(18);
        }
        got.drain(..plaintext.len());
    }
    join(sender)?;
    while let Some(more) = inbound.receive()? {
        got.extend(more);
    }
    if !got.is_empty() {
        return Err("the echo is longer than what was sent").at(18);
    }
    report::ping(records);
    Ok(())
}

fn random_record(i: usize) -> Result<Vec<u8>> {
    let size = match PING_SIZES.get(i) {
        Some(size) => *size,
        None => {
            let mut size = [0; 2];
            getrandom::fill(&mut size).at(18)?;
            usize::from(u16::from_be_bytes(size))
        }
    };
    let mut plaintext = vec![0; size];
    getrandom::fill(&mut plaintext).at(18)?;
    Ok(plaintext)
}

fn join(sender: thread::JoinHandle<Result<()>>) -> Result<()> {
    sender
        .join()
        .unwrap_or_else(|_| Err("the sending thread has failed").at(18))
}
