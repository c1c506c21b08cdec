//! The seed profile's steps 2 to 17, in its order. The comments quote its calls.

use base64::prelude::{Engine, BASE64_URL_SAFE_NO_PAD};
use oqs::{kem, sig};
use sha2::{Digest, Sha256};

use crate::args::Hostile;
use crate::report::{self, At, Failure, Result};
use crate::wire::{FieldReader, FieldWriter};

/// What a handshake leaves behind.
pub struct Established {
    pub own: String,
    pub peer: String,
    /// The shared secret, which is the AES-256 key as it is.
    pub key: [u8; 32],
}

/// How a signature key is shown and compared.
fn fingerprint(pk: &[u8]) -> String {
    let hash = Sha256::new()
        .chain_update(b"pqsock1 key\x01")
        .chain_update(pk)
        .finalize();
    format!("pqsock1:dilithium5:{}", BASE64_URL_SAFE_NO_PAD.encode(hash))
}

/// Step 2: both sides initialize.
struct Algorithms {
    sigalg: sig::Sig,
    kemalg: kem::Kem,
}

impl Algorithms {
    fn new() -> Result<Self> {
        oqs::init();
        // 2. let sigalg = sig::Sig::new(sig::Algorithm::Dilithium5)?;
        let sigalg = sig::Sig::new(sig::Algorithm::Dilithium5).at(2)?;
        // 2. let kemalg = kem::Kem::new(kem::Algorithm::Kyber1024)?;
        let kemalg = kem::Kem::new(kem::Algorithm::Kyber1024).at(2)?;
        report::step(2);
        Ok(Algorithms { sigalg, kemalg })
    }

    /// Receives the peer's signature key and verifies what can be verified of a key that was made
    /// for this run: its length. Whose it is, the two printed fingerprints tell.
    fn receive_sig_pk(&self, reader: &mut FieldReader, step: u8) -> Result<sig::PublicKey> {
        let bytes = reader.read(self.sigalg.length_public_key()).at(step)?;
        let pk = self.sigalg.public_key_from_bytes(&bytes);
        Ok(pk.ok_or("not a Dilithium5 public key").at(step)?.to_owned())
    }

    fn receive_signature(&self, reader: &mut FieldReader, step: u8) -> Result<sig::Signature> {
        let bytes = reader.read(self.sigalg.length_signature()).at(step)?;
        let signature = self.sigalg.signature_from_bytes(&bytes);
        Ok(signature
            .ok_or("not a Dilithium5 signature")
            .at(step)?
            .to_owned())
    }
}

fn put_sig_pk(writer: &mut FieldWriter, pk: &sig::PublicKey, hostile: Option<Hostile>) {
    match hostile {
        Some(Hostile::ShortKey) => {
            report::hostile("short-key");
            writer.put_claiming(pk.len() as u32 - 1, pk.as_ref());
        }
        Some(Hostile::HugeLength) => {
            report::hostile("huge-length");
            writer.put_claiming(u32::MAX, pk.as_ref());
        }
        _ => writer.put(pk.as_ref()),
    }
}

fn aes_key(step: u8, ss: kem::SharedSecret) -> Result<[u8; 32]> {
    <[u8; 32]>::try_from(ss.into_vec()).map_err(|_| Failure {
        step,
        message: "the shared secret is not 32 bytes long".into(),
    })
}

/// The server's side. It is made before the first connection, so that its key can be pinned.
pub struct Server {
    algorithms: Algorithms,
    b_sig_pk: sig::PublicKey,
    b_sig_sk: sig::SecretKey,
}

impl Server {
    pub fn new() -> Result<Self> {
        let algorithms = Algorithms::new()?;
        // 3. let (b_sig_pk, b_sig_sk) = sigalg.keypair()?;
        let (b_sig_pk, b_sig_sk) = algorithms.sigalg.keypair().at(3)?;
        report::step(3);
        report::key(&fingerprint(b_sig_pk.as_ref()));
        Ok(Server {
            algorithms,
            b_sig_pk,
            b_sig_sk,
        })
    }

    pub fn handshake(
        self,
        reader: &mut FieldReader,
        writer: &mut FieldWriter,
        hostile: Option<Hostile>,
    ) -> Result<Established> {
        let Server {
            algorithms,
            b_sig_pk,
            b_sig_sk,
        } = self;
        let Algorithms { sigalg, kemalg } = &algorithms;

        // 4. Server sends b_sig_pk -> Client.
        put_sig_pk(writer, &b_sig_pk, hostile);
        writer.end_flight().at(4)?;
        report::step(4);

        // 8. Server receives and verifies a_sig_pk.
        let a_sig_pk = algorithms.receive_sig_pk(reader, 8)?;
        if a_sig_pk == b_sig_pk {
            return Err("the peer has sent our own key back").at(8);
        }
        report::step(8);

        // 12. sigalg.verify(kem_pk.as_ref(), &kem_signature, &a_sig_pk)?;
        let kem_pk = reader.read(kemalg.length_public_key()).at(12)?;
        let kem_pk = kemalg.public_key_from_bytes(&kem_pk);
        let kem_pk = kem_pk.ok_or("not a Kyber1024 public key").at(12)?;
        let kem_signature = algorithms.receive_signature(reader, 12)?;
        let verified = sigalg.verify(&kem_pk, &kem_signature, &a_sig_pk);
        verified
            .map_err(|_| "the signature on kem_pk is wrong")
            .at(12)?;
        report::step(12);

        // 13. let (kem_ct, b_kem_ss) = kemalg.encapsulate(kem_pk)?;
        let (kem_ct, b_kem_ss) = kemalg.encapsulate(kem_pk).at(13)?;
        report::step(13);

        // 14. let ct_signature = sigalg.sign(kem_ct.as_ref(), &b_sig_sk)?;
        let signed = match hostile {
            Some(Hostile::WrongCtSignature) => {
                report::hostile("wrong-ct-signature");
                &kem_pk // a good signature, but not on kem_ct
            }
            _ => kem_ct.as_ref(),
        };
        let ct_signature = sigalg.sign(signed, &b_sig_sk).at(14)?;
        report::step(14);

        // 15. Server sends (kem_ct, ct_signature) -> Client.
        writer.put(kem_ct.as_ref());
        writer.put(ct_signature.as_ref());
        writer.end_flight().at(15)?;
        report::step(15);

        Ok(Established {
            own: fingerprint(b_sig_pk.as_ref()),
            peer: fingerprint(a_sig_pk.as_ref()),
            key: aes_key(18, b_kem_ss)?,
        })
    }
}

/// The client's side.
pub struct Client {
    algorithms: Algorithms,
}

impl Client {
    pub fn new() -> Result<Self> {
        let algorithms = Algorithms::new()?;
        Ok(Client { algorithms })
    }

    pub fn handshake(
        self,
        reader: &mut FieldReader,
        writer: &mut FieldWriter,
        hostile: Option<Hostile>,
    ) -> Result<Established> {
        let algorithms = self.algorithms;
        let Algorithms { sigalg, kemalg } = &algorithms;

        // 5. Client receives and verifies b_sig_pk.
        let b_sig_pk = algorithms.receive_sig_pk(reader, 5)?;
        report::step(5);

        // 6. let (a_sig_pk, a_sig_sk) = sigalg.keypair()?;
        let (a_sig_pk, a_sig_sk) = sigalg.keypair().at(6)?;
        report::step(6);
        report::key(&fingerprint(a_sig_pk.as_ref()));

        // 7. Client sends a_sig_pk -> Server. Step 11 belongs to the same flight.
        put_sig_pk(writer, &a_sig_pk, hostile);
        writer.end_step().at(7)?;
        report::step(7);

        // 9. let (kem_pk, kem_sk) = kemalg.keypair()?;
        let (kem_pk, kem_sk) = kemalg.keypair().at(9)?;
        let mut kem_pk = kem_pk.into_vec();
        if hostile == Some(Hostile::BadCoefficient) {
            report::hostile("bad-coefficient");
            // The first 12 bits are a number below 3329; now they are 4095.
            kem_pk[0] = 0xff;
            kem_pk[1] |= 0x0f;
        }
        report::step(9);

        // 10. let kem_signature = sigalg.sign(kem_pk.as_ref(), &a_sig_sk)?;
        let kem_signature = sigalg.sign(&kem_pk, &a_sig_sk).at(10)?;
        report::step(10);

        // 11. Client sends (kem_pk, kem_signature) -> Server.
        writer.put(&kem_pk);
        writer.put(kem_signature.as_ref());
        writer.end_flight().at(11)?;
        report::step(11);

        // 16. sigalg.verify(kem_ct.as_ref(), &ct_signature, &b_sig_pk)?;
        let kem_ct = reader.read(kemalg.length_ciphertext()).at(16)?;
        let kem_ct = kemalg.ciphertext_from_bytes(&kem_ct);
        let kem_ct = kem_ct.ok_or("not a Kyber1024 ciphertext").at(16)?;
        let ct_signature = algorithms.receive_signature(reader, 16)?;
        let verified = sigalg.verify(&kem_ct, &ct_signature, &b_sig_pk);
        verified
            .map_err(|_| "the signature on kem_ct is wrong")
            .at(16)?;
        report::step(16);

        // 17. let a_kem_ss = kemalg.decapsulate(&kem_sk, &kem_ct)?;
        let a_kem_ss = kemalg.decapsulate(&kem_sk, kem_ct).at(17)?;
        report::step(17);

        Ok(Established {
            own: fingerprint(a_sig_pk.as_ref()),
            peer: fingerprint(b_sig_pk.as_ref()),
            key: aes_key(18, a_kem_ss)?,
        })
    }
}
