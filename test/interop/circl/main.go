// Command circl-peer is a second implementation of the four algorithms the
// addon offers, for the interoperability tests: it does with Cloudflare's
// CIRCL what the addon does with liboqs, so that a test can make a key, a
// ciphertext or a signature on one side and use it on the other.
//
// It reads one JSON object per line from standard input and writes one per
// line to standard output, in the same order, until the input ends. Bytes are
// base64 strings (standard alphabet, with padding):
//
//	{"id":1,"op":"keypair","algorithm":A}
//	    -> {"id":1,"publicKey":..,"secretKey":..}
//	{"id":2,"op":"encapsulate","algorithm":A,"publicKey":..}
//	    -> {"id":2,"ciphertext":..,"sharedSecret":..}
//	{"id":3,"op":"decapsulate","algorithm":A,"secretKey":..,"ciphertext":..}
//	    -> {"id":3,"sharedSecret":..}
//	{"id":4,"op":"sign","algorithm":A,"secretKey":..,"message":..,"context":..}
//	    -> {"id":4,"signature":..}
//	{"id":5,"op":"verify","algorithm":A,"publicKey":..,"message":..,"signature":..,"context":..}
//	    -> {"id":5,"valid":true|false}
//
// A request that cannot be carried out is answered {"id":n,"error":"text"}.
// The algorithms are Kyber1024 (round 3), ML-KEM-1024, Dilithium5 (round 3.1)
// and ML-DSA-87. The context is optional and only ML-DSA-87 may have one that
// is not empty. A key of the wrong length is an error; a signature of the wrong
// length is just not valid. Secret keys are in the expanded layout of the
// reference implementations, which is liboqs's: 3168, 3168, 4864 and 4896
// bytes.
//
// CIRCL signs Dilithium5 deterministically; ML-DSA-87 is signed hedged, as
// liboqs does.
package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/cloudflare/circl/kem"
	"github.com/cloudflare/circl/kem/kyber/kyber1024"
	"github.com/cloudflare/circl/kem/mlkem/mlkem1024"
	"github.com/cloudflare/circl/sign/dilithium/mode5"
	"github.com/cloudflare/circl/sign/mldsa/mldsa87"
)

// maxContext is the longest context string FIPS 204 allows.
const maxContext = 255

// request is one line of input. encoding/json decodes a []byte from base64; a
// field that is absent stays nil, whereas an empty string gives an empty slice.
type request struct {
	ID         json.RawMessage `json:"id"`
	Op         string          `json:"op"`
	Algorithm  string          `json:"algorithm"`
	PublicKey  []byte          `json:"publicKey"`
	SecretKey  []byte          `json:"secretKey"`
	Ciphertext []byte          `json:"ciphertext"`
	Message    []byte          `json:"message"`
	Signature  []byte          `json:"signature"`
	Context    []byte          `json:"context"`
}

// response is one line of output.
type response struct {
	ID           json.RawMessage `json:"id"`
	PublicKey    []byte          `json:"publicKey,omitempty"`
	SecretKey    []byte          `json:"secretKey,omitempty"`
	Ciphertext   []byte          `json:"ciphertext,omitempty"`
	SharedSecret []byte          `json:"sharedSecret,omitempty"`
	Signature    []byte          `json:"signature,omitempty"`
	Valid        *bool           `json:"valid,omitempty"`
	Error        string          `json:"error,omitempty"`
}

// signer is what the two signature schemes have in common.
type signer interface {
	keypair() (publicKey, secretKey []byte, err error)
	sign(secretKey, message, context []byte) ([]byte, error)
	verify(publicKey, message, context, signature []byte) (bool, error)
}

var kems = map[string]kem.Scheme{
	"Kyber1024":   kyber1024.Scheme(),
	"ML-KEM-1024": mlkem1024.Scheme(),
}

var signers = map[string]signer{
	"Dilithium5": dilithium5{},
	"ML-DSA-87":  mlDSA87{},
}

// dilithium5 is Dilithium5 as of round 3.1, which knows no context.
type dilithium5 struct{}

func (dilithium5) keypair() ([]byte, []byte, error) {
	pk, sk, err := mode5.GenerateKey(nil)
	if err != nil {
		return nil, nil, err
	}
	return pk.Bytes(), sk.Bytes(), nil
}

func (dilithium5) sign(secretKey, message, context []byte) ([]byte, error) {
	if len(context) > 0 {
		return nil, errors.New("Dilithium5 has no context")
	}
	var sk mode5.PrivateKey
	if err := sk.UnmarshalBinary(secretKey); err != nil {
		return nil, err
	}
	signature := make([]byte, mode5.SignatureSize)
	mode5.SignTo(&sk, message, signature)
	return signature, nil
}

func (dilithium5) verify(publicKey, message, context, signature []byte) (bool, error) {
	if len(context) > 0 {
		return false, errors.New("Dilithium5 has no context")
	}
	var pk mode5.PublicKey
	if err := pk.UnmarshalBinary(publicKey); err != nil {
		return false, err
	}
	return mode5.Verify(&pk, message, signature), nil
}

// mlDSA87 is ML-DSA-87 with the "pure" interface of FIPS 204.
type mlDSA87 struct{}

func (mlDSA87) keypair() ([]byte, []byte, error) {
	pk, sk, err := mldsa87.GenerateKey(nil)
	if err != nil {
		return nil, nil, err
	}
	return pk.Bytes(), sk.Bytes(), nil
}

func (mlDSA87) sign(secretKey, message, context []byte) ([]byte, error) {
	if len(context) > maxContext {
		return nil, errors.New("the context is too long")
	}
	var sk mldsa87.PrivateKey
	if err := sk.UnmarshalBinary(secretKey); err != nil {
		return nil, err
	}
	signature := make([]byte, mldsa87.SignatureSize)
	if err := mldsa87.SignTo(&sk, message, context, true, signature); err != nil {
		return nil, err
	}
	return signature, nil
}

func (mlDSA87) verify(publicKey, message, context, signature []byte) (bool, error) {
	if len(context) > maxContext {
		return false, errors.New("the context is too long")
	}
	var pk mldsa87.PublicKey
	if err := pk.UnmarshalBinary(publicKey); err != nil {
		return false, err
	}
	return mldsa87.Verify(&pk, message, context, signature), nil
}

// kemKeypair makes a key pair of a KEM and packs both keys.
func kemKeypair(scheme kem.Scheme) (publicKey, secretKey []byte, err error) {
	pk, sk, err := scheme.GenerateKeyPair()
	if err != nil {
		return nil, nil, err
	}
	if publicKey, err = pk.MarshalBinary(); err != nil {
		return nil, nil, err
	}
	if secretKey, err = sk.MarshalBinary(); err != nil {
		return nil, nil, err
	}
	return publicKey, secretKey, nil
}

// encapsulate makes a shared secret for a packed public key.
func encapsulate(scheme kem.Scheme, publicKey []byte) (ciphertext, sharedSecret []byte, err error) {
	pk, err := scheme.UnmarshalBinaryPublicKey(publicKey)
	if err != nil {
		return nil, nil, err
	}
	return scheme.Encapsulate(pk)
}

// decapsulate recovers the shared secret of a ciphertext with a packed secret
// key.
func decapsulate(scheme kem.Scheme, secretKey, ciphertext []byte) ([]byte, error) {
	sk, err := scheme.UnmarshalBinaryPrivateKey(secretKey)
	if err != nil {
		return nil, err
	}
	return scheme.Decapsulate(sk, ciphertext)
}

// require complains if one of the named fields is absent from the request.
func (r *request) require(names ...string) error {
	fields := map[string][]byte{
		"publicKey":  r.PublicKey,
		"secretKey":  r.SecretKey,
		"ciphertext": r.Ciphertext,
		"message":    r.Message,
		"signature":  r.Signature,
	}
	for _, name := range names {
		if fields[name] == nil {
			return fmt.Errorf("%q is missing", name)
		}
	}
	return nil
}

// perform carries out a request and puts the result into answer.
func perform(r *request, answer *response) (err error) {
	kemScheme, isKEM := kems[r.Algorithm]
	sigScheme, isSigner := signers[r.Algorithm]
	if !isKEM && !isSigner {
		return fmt.Errorf("unknown algorithm %q", r.Algorithm)
	}

	switch {
	case r.Op == "keypair" && isKEM:
		answer.PublicKey, answer.SecretKey, err = kemKeypair(kemScheme)
	case r.Op == "keypair" && isSigner:
		answer.PublicKey, answer.SecretKey, err = sigScheme.keypair()
	case r.Op == "encapsulate" && isKEM:
		if err = r.require("publicKey"); err == nil {
			answer.Ciphertext, answer.SharedSecret, err = encapsulate(kemScheme, r.PublicKey)
		}
	case r.Op == "decapsulate" && isKEM:
		if err = r.require("secretKey", "ciphertext"); err == nil {
			answer.SharedSecret, err = decapsulate(kemScheme, r.SecretKey, r.Ciphertext)
		}
	case r.Op == "sign" && isSigner:
		if err = r.require("secretKey", "message"); err == nil {
			answer.Signature, err = sigScheme.sign(r.SecretKey, r.Message, r.Context)
		}
	case r.Op == "verify" && isSigner:
		if err = r.require("publicKey", "message", "signature"); err == nil {
			var valid bool
			if valid, err = sigScheme.verify(r.PublicKey, r.Message, r.Context, r.Signature); err == nil {
				answer.Valid = &valid
			}
		}
	default:
		err = fmt.Errorf("no operation %q for %s", r.Op, r.Algorithm)
	}
	return err
}

// handle answers one line of input. It never panics: a panic of the library
// becomes an error of the request.
func handle(line []byte) (answer response) {
	answer.ID = json.RawMessage("null")
	defer func() {
		if failure := recover(); failure != nil {
			answer = response{ID: answer.ID, Error: fmt.Sprint(failure)}
		}
	}()

	var r request
	if err := json.Unmarshal(line, &r); err != nil {
		// The id may have been read although another field is wrong.
		if r.ID != nil {
			answer.ID = r.ID
		}
		answer.Error = err.Error()
		return answer
	}
	if r.ID != nil {
		answer.ID = r.ID
	}
	if err := perform(&r, &answer); err != nil {
		return response{ID: answer.ID, Error: err.Error()}
	}
	return answer
}

// serve answers every line of in on out, each before it reads the next.
func serve(in io.Reader, out io.Writer) error {
	reader := bufio.NewReaderSize(in, 1<<16)
	writer := bufio.NewWriterSize(out, 1<<16)
	encoder := json.NewEncoder(writer)
	encoder.SetEscapeHTML(false)
	for {
		line, readErr := reader.ReadBytes('\n')
		if readErr != nil && readErr != io.EOF {
			return readErr
		}
		if len(bytes.TrimSpace(line)) > 0 {
			if err := encoder.Encode(handle(line)); err != nil {
				return err
			}
			if err := writer.Flush(); err != nil {
				return err
			}
		}
		if readErr == io.EOF {
			return nil
		}
	}
}

func main() {
	if err := serve(os.Stdin, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "circl-peer:", err)
		os.Exit(1)
	}
}
