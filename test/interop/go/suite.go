package main

import (
	"crypto/ecdh"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"

	"github.com/cloudflare/circl/kem"
	"github.com/cloudflare/circl/kem/kyber/kyber1024"
	"github.com/cloudflare/circl/kem/mlkem/mlkem1024"
	"github.com/cloudflare/circl/sign/dilithium/mode5"
	"github.com/cloudflare/circl/sign/mldsa/mldsa87"
)

// The suites, their algorithms, and identities with their fingerprints
// (chapters 2 and 12).

// sigalg is a signature algorithm. Keys are packed; a secret key comes from a
// seed of 32 bytes.
type sigalg struct {
	id            byte
	name          string
	publicSize    int
	signatureSize int
	fromSeed      func(seed *[32]byte) (public, secret []byte, sign func(message []byte) ([]byte, error))
	verify        func(public, message, signature []byte) bool
}

var dilithium5 = &sigalg{
	id: 0x01, name: "dilithium5", publicSize: mode5.PublicKeySize, signatureSize: mode5.SignatureSize,
	fromSeed: func(seed *[32]byte) ([]byte, []byte, func([]byte) ([]byte, error)) {
		pk, sk := mode5.NewKeyFromSeed(seed)
		return pk.Bytes(), sk.Bytes(), func(message []byte) ([]byte, error) {
			signature := make([]byte, mode5.SignatureSize)
			mode5.SignTo(sk, message, signature)
			return signature, nil
		}
	},
	verify: func(public, message, signature []byte) bool {
		var pk mode5.PublicKey
		return pk.UnmarshalBinary(public) == nil && mode5.Verify(&pk, message, signature)
	},
}

var mlDSA87 = &sigalg{
	id: 0x02, name: "mldsa87", publicSize: mldsa87.PublicKeySize, signatureSize: mldsa87.SignatureSize,
	fromSeed: func(seed *[32]byte) ([]byte, []byte, func([]byte) ([]byte, error)) {
		pk, sk := mldsa87.NewKeyFromSeed(seed)
		return pk.Bytes(), sk.Bytes(), func(message []byte) ([]byte, error) {
			signature := make([]byte, mldsa87.SignatureSize)
			return signature, mldsa87.SignTo(sk, message, nil, true, signature)
		}
	},
	verify: func(public, message, signature []byte) bool {
		var pk mldsa87.PublicKey
		return pk.UnmarshalBinary(public) == nil && mldsa87.Verify(&pk, message, nil, signature)
	},
}

// sigalgs by their number.
var sigalgs = map[byte]*sigalg{0x01: dilithium5, 0x02: mlDSA87}

type suite struct {
	id                uint16
	name              string
	sigalg            *sigalg
	lattice           kem.Scheme
	x25519            bool
	kemPublicSize     int
	kemCiphertextSize int
}

var allSuites = []*suite{
	{0x0001, "kyber1024-dilithium5", dilithium5, kyber1024.Scheme(), false, 1568, 1568},
	{0x0002, "mlkem1024-mldsa87", mlDSA87, mlkem1024.Scheme(), false, 1568, 1568},
	{0x0003, "x25519mlkem1024-mldsa87", mlDSA87, mlkem1024.Scheme(), true, 1600, 1600},
}

func suiteByID(id uint16) *suite {
	for _, s := range allSuites {
		if s.id == id {
			return s
		}
	}
	return nil
}

func suiteByName(name string) (*suite, error) {
	for _, s := range allSuites {
		if s.name == name {
			return s, nil
		}
	}
	return nil, fmt.Errorf("unknown suite %q", name)
}

const (
	latticeSize    = 1568
	x25519Size     = 32
	kemSeedSize    = 64
	encapsSeedSize = 32
)

// kemKey is one side's key pair for one handshake or one REKEY.
type kemKey struct {
	suite   *suite
	public  []byte
	lattice kem.PrivateKey
	x25519  *ecdh.PrivateKey
}

// newKemKey makes a key pair from random bytes: the seed d || z of the lattice
// KEM and, in suite 3, the X25519 secret key.
func (s *suite) newKemKey(random []byte) (*kemKey, error) {
	if len(random) != s.kemKeyRandom() {
		return nil, errors.New("wrong number of random bytes for a KEM key")
	}
	public, private := s.lattice.DeriveKeyPair(random[:kemSeedSize])
	packed, err := public.MarshalBinary()
	if err != nil {
		return nil, err
	}
	key := &kemKey{suite: s, public: packed, lattice: private}
	if s.x25519 {
		if key.x25519, err = ecdh.X25519().NewPrivateKey(random[kemSeedSize:]); err != nil {
			return nil, err
		}
		key.public = append(key.public, key.x25519.PublicKey().Bytes()...)
	}
	return key, nil
}

func (s *suite) kemKeyRandom() int {
	if s.x25519 {
		return kemSeedSize + x25519Size
	}
	return kemSeedSize
}

func (s *suite) encapsulateRandom() int {
	if s.x25519 {
		return encapsSeedSize + x25519Size
	}
	return encapsSeedSize
}

var errAllZero = errors.New("the X25519 result is all zero")

// encapsulate makes ct and ss from random bytes: the message of the lattice
// KEM (Kyber1024 hashes it first) and, in suite 3, the X25519 secret key. The
// public key must have been checked.
func (s *suite) encapsulate(public, random []byte) (ct, ss []byte, err error) {
	if len(random) != s.encapsulateRandom() {
		return nil, nil, errors.New("wrong number of random bytes for an encapsulation")
	}
	key, err := s.lattice.UnmarshalBinaryPublicKey(public[:latticeSize])
	if err != nil {
		return nil, nil, err
	}
	if ct, ss, err = s.lattice.EncapsulateDeterministically(key, random[:encapsSeedSize]); err != nil || !s.x25519 {
		return ct, ss, err
	}
	own, err := ecdh.X25519().NewPrivateKey(random[encapsSeedSize:])
	if err != nil {
		return nil, nil, err
	}
	classical, err := agree(own, public[latticeSize:])
	if err != nil {
		return nil, nil, err
	}
	return append(ct, own.PublicKey().Bytes()...), append(ss, classical...), nil
}

func (k *kemKey) decapsulate(ct []byte) ([]byte, error) {
	ss, err := k.suite.lattice.Decapsulate(k.lattice, ct[:latticeSize])
	if err != nil || !k.suite.x25519 {
		return ss, err
	}
	classical, err := agree(k.x25519, ct[latticeSize:])
	return append(ss, classical...), err
}

// agree is X25519; the only failure that ECDH has is the result of zeros.
func agree(own *ecdh.PrivateKey, peer []byte) ([]byte, error) {
	public, err := ecdh.X25519().NewPublicKey(peer)
	if err != nil {
		return nil, err
	}
	shared, err := own.ECDH(public)
	if err != nil {
		return nil, errAllZero
	}
	return shared, nil
}

// reduced says whether all 1024 coefficients in a kem_pk are below 3329.
func reduced(kemPublic []byte) bool {
	for i := 0; i < 1536; i += 3 {
		a, b, c := int(kemPublic[i]), int(kemPublic[i+1]), int(kemPublic[i+2])
		if a+256*(b%16) >= 3329 || b/16+16*c >= 3329 {
			return false
		}
	}
	return true
}

// identity is a long-term signature key pair.
type identity struct {
	sigalg *sigalg
	public []byte
	secret []byte // packed, for a test that gives it away
	sign   func(message []byte) ([]byte, error)
}

func newIdentity(s *sigalg, seed []byte) (*identity, error) {
	if len(seed) != 32 {
		return nil, errors.New("the seed of an identity has 32 bytes")
	}
	i := &identity{sigalg: s}
	i.public, i.secret, i.sign = s.fromSeed((*[32]byte)(seed))
	return i, nil
}

func fingerprint(s *sigalg, public []byte) string {
	h := sha256.New()
	h.Write([]byte("pqsock1 key"))
	h.Write([]byte{s.id})
	h.Write(public)
	return "pqsock1:" + s.name + ":" + base64.RawURLEncoding.EncodeToString(h.Sum(nil))
}

// randomBytes come from the operating system. Reading them never fails.
func randomBytes(n int) []byte {
	b := make([]byte, n)
	rand.Read(b)
	return b
}
