//! Step 18: data under the shared secret. A record is one field:
//! GCM `nonce[12] || ct || tag[16]`, CTR `iv[16] || ct`.

use aes::Aes256;
use aes_gcm::aead::AeadInPlace;
use aes_gcm::{Aes256Gcm, Nonce, Tag};
use ctr::cipher::{KeyInit, KeyIvInit, StreamCipher};
use ctr::Ctr128BE;

use crate::args::{Cipher, Hostile, Nonces, Role, MAX_PLAINTEXT};
use crate::report::{self, At, Result};
use crate::wire::{FieldReader, FieldWriter};

const NONCE: usize = 12;
const TAG: usize = 16;
const IV: usize = 16;

/// The receiving direction.
pub struct Inbound {
    reader: FieldReader,
    cipher: Cipher,
    key: [u8; 32],
}

impl Inbound {
    pub fn new(reader: FieldReader, cipher: Cipher, key: [u8; 32]) -> Self {
        Inbound {
            reader,
            cipher,
            key,
        }
    }

    /// The next record's plaintext; `None` after the peer's FIN.
    pub fn receive(&mut self) -> Result<Option<Vec<u8>>> {
        match self.receive_sealed()? {
            Some(body) => Ok(Some(self.open(body)?)),
            None => Ok(None),
        }
    }

    /// The next record as it was sent.
    pub fn receive_sealed(&mut self) -> Result<Option<Vec<u8>>> {
        let overhead = match self.cipher {
            Cipher::Gcm => NONCE + TAG,
            Cipher::Ctr => IV,
        };
        self.reader
            .read_or_end(overhead..=overhead + MAX_PLAINTEXT)
            .at(18)
    }

    /// `body` is at least as long as the cipher's overhead.
    fn open(&self, mut body: Vec<u8>) -> Result<Vec<u8>> {
        match self.cipher {
            Cipher::Gcm => {
                let mut ct = body.split_off(NONCE);
                let tag = ct.split_off(ct.len() - TAG);
                Aes256Gcm::new(&self.key.into())
                    .decrypt_in_place_detached(
                        Nonce::from_slice(&body),
                        b"",
                        &mut ct,
                        Tag::from_slice(&tag),
                    )
                    .map_err(|_| "a record does not open")
                    .at(18)?;
                Ok(ct)
            }
            Cipher::Ctr => {
                let mut ct = body.split_off(IV);
                Ctr128BE::<Aes256>::new(&self.key.into(), body.as_slice().into())
                    .apply_keystream(&mut ct);
                Ok(ct)
            }
        }
    }
}

/// The sending direction.
pub struct Outbound {
    writer: FieldWriter,
    cipher: Cipher,
    key: [u8; 32],
    nonces: Nonces,
    role: Role,
    sent: u64,
    hostile: Option<Hostile>,
    /// FIN has been sent early (`Hostile::Cut`): there is nothing more to do.
    cut: bool,
}

impl Outbound {
    pub fn new(
        mut writer: FieldWriter,
        cipher: Cipher,
        key: [u8; 32],
        nonces: Nonces,
        role: Role,
        hostile: Option<Hostile>,
    ) -> Self {
        writer.start_data();
        Outbound {
            writer,
            cipher,
            key,
            nonces,
            role,
            sent: 0,
            hostile,
            cut: false,
        }
    }

    pub fn send(&mut self, plaintext: &[u8]) -> Result<()> {
        let body = self.seal(plaintext)?;
        self.send_sealed(&body)
    }

    /// Sends a record that is already sealed.
    pub fn send_sealed(&mut self, body: &[u8]) -> Result<()> {
        if self.cut {
            return Ok(());
        }
        self.writer.put(body);
        if self.hostile == Some(Hostile::Cut) {
            report::hostile("cut");
            self.cut = true;
            self.writer.halve();
            self.writer.end_flight().at(18)?;
            return self.writer.finish().at(18);
        }
        self.writer.end_flight().at(18)
    }

    /// Sends FIN.
    pub fn finish(&mut self) -> Result<()> {
        self.writer.finish().at(18)
    }

    fn seal(&mut self, plaintext: &[u8]) -> Result<Vec<u8>> {
        let start = self.next_block()?;
        match self.cipher {
            Cipher::Gcm => {
                let nonce = &start[..NONCE];
                let mut body = [nonce, plaintext].concat();
                let tag = Aes256Gcm::new(&self.key.into())
                    .encrypt_in_place_detached(Nonce::from_slice(nonce), b"", &mut body[NONCE..])
                    .at(18)?;
                body.extend_from_slice(&tag);
                Ok(body)
            }
            Cipher::Ctr => {
                let mut body = [&start[..], plaintext].concat();
                Ctr128BE::<Aes256>::new(&self.key.into(), &start.into())
                    .apply_keystream(&mut body[IV..]);
                Ok(body)
            }
        }
    }

    /// What a record starts with: 12 bytes that no other record has, and for CTR the block
    /// counter, which starts at 0 (a record has far fewer than 2^32 blocks).
    fn next_block(&mut self) -> Result<[u8; IV]> {
        let mut block = [0; IV];
        match self.nonces {
            Nonces::Random => getrandom::fill(&mut block[..NONCE]).at(18)?,
            Nonces::Counter => {
                block[0] = match self.role {
                    Role::Client => b'C',
                    Role::Server => b'S',
                };
                block[4..NONCE].copy_from_slice(&self.sent.to_be_bytes());
            }
        }
        self.sent += 1;
        Ok(block)
    }
}
