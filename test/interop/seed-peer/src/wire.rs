//! Fields over TCP: `field(x) = u32 length (big-endian) || x`.

use std::io::{self, BufReader, Error, ErrorKind, Read, Write};
use std::net::{Shutdown, TcpStream};
use std::ops::RangeInclusive;

use crate::args::Segment;

/// In the data phase, so many bytes of a record at most are written singly.
const SINGLE_BYTES_OF_A_RECORD: usize = 4096;

fn cut() -> Error {
    Error::new(ErrorKind::UnexpectedEof, "the peer closed within a field")
}

/// Puts two errors of the socket into plain words.
fn plain(error: Error) -> Error {
    match error.kind() {
        ErrorKind::UnexpectedEof => cut(),
        ErrorKind::WouldBlock | ErrorKind::TimedOut => Error::new(ErrorKind::TimedOut, "timed out"),
        _ => error,
    }
}

pub struct FieldReader(BufReader<TcpStream>);

impl FieldReader {
    pub fn new(stream: TcpStream) -> Self {
        FieldReader(BufReader::new(stream))
    }

    /// Reads a field whose length lies in `lengths`; nothing of it is read, and no memory taken,
    /// before its length has been checked. `None`: the peer closed before the field began.
    pub fn read_or_end(&mut self, lengths: RangeInclusive<usize>) -> io::Result<Option<Vec<u8>>> {
        let mut header = [0; 4];
        let mut have = 0;
        while have < header.len() {
            match self.0.read(&mut header[have..]) {
                Ok(0) if have == 0 => return Ok(None),
                Ok(0) => return Err(cut()),
                Ok(n) => have += n,
                Err(e) if e.kind() == ErrorKind::Interrupted => {}
                Err(e) => return Err(plain(e)),
            }
        }
        let claimed = u32::from_be_bytes(header);
        let length = match usize::try_from(claimed) {
            Ok(n) if lengths.contains(&n) => n,
            _ => {
                let (low, high) = (lengths.start(), lengths.end());
                let message = format!("a field of {claimed} bytes, allowed are {low}…{high}");
                return Err(Error::new(ErrorKind::InvalidData, message));
            }
        };
        let mut body = vec![0; length];
        self.0.read_exact(&mut body).map_err(plain)?;
        Ok(Some(body))
    }

    /// Reads a field of exactly this length.
    pub fn read(&mut self, length: usize) -> io::Result<Vec<u8>> {
        self.read_or_end(length..=length)?
            .ok_or_else(|| Error::new(ErrorKind::UnexpectedEof, "the peer closed"))
    }
}

pub struct FieldWriter {
    stream: TcpStream,
    segment: Segment,
    /// How many bytes of a flight `Segment::Bytes` writes singly.
    singly: usize,
    pending: Vec<u8>,
}

impl FieldWriter {
    pub fn new(stream: TcpStream, segment: Segment) -> Self {
        FieldWriter {
            stream,
            segment,
            singly: usize::MAX,
            pending: Vec::new(),
        }
    }

    /// From here on a flight is a record, and not all of a long one is written byte by byte.
    pub fn start_data(&mut self) {
        self.singly = SINGLE_BYTES_OF_A_RECORD;
    }

    pub fn put(&mut self, body: &[u8]) {
        // No field of the profile comes near 2^32 bytes.
        self.put_claiming(body.len() as u32, body);
    }

    /// Puts a field that claims any length (for the hostile tests).
    pub fn put_claiming(&mut self, length: u32, body: &[u8]) {
        self.pending.extend_from_slice(&length.to_be_bytes());
        self.pending.extend_from_slice(body);
    }

    /// Keeps only the first half of what has been put (for the hostile tests).
    pub fn halve(&mut self) {
        self.pending.truncate(self.pending.len() / 2);
    }

    /// A step that sends has ended, the flight has not.
    pub fn end_step(&mut self) -> io::Result<()> {
        match self.segment {
            Segment::Bytes => self.end_flight(),
            Segment::Flight => Ok(()),
        }
    }

    /// Sends all that has been put.
    pub fn end_flight(&mut self) -> io::Result<()> {
        let singly = match self.segment {
            Segment::Bytes => self.pending.len().min(self.singly),
            Segment::Flight => 0,
        };
        let (single, rest) = self.pending.split_at(singly);
        for byte in single.chunks(1) {
            self.stream.write_all(byte).map_err(plain)?;
        }
        self.stream.write_all(rest).map_err(plain)?;
        self.pending.clear();
        Ok(())
    }

    /// Sends FIN; reading goes on.
    pub fn finish(&mut self) -> io::Result<()> {
        match self.stream.shutdown(Shutdown::Write) {
            Err(e) if e.kind() != ErrorKind::NotConnected => Err(e),
            _ => Ok(()),
        }
    }
}
