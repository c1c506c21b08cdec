package main

import (
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/sha512"
	"encoding/binary"
	"fmt"
	"strings"
)

// The key schedule (chapters 1, 7, 9 and 16).

const (
	hashSize = 64
	macSize  = 64
)

func hash(x []byte) []byte {
	h := sha512.Sum512(x)
	return h[:]
}

func mac(key, x []byte) []byte {
	m := hmac.New(sha512.New, key)
	m.Write(x)
	return m.Sum(nil)
}

// extract and expand fail only for wrong lengths, which no caller has.
func extract(salt, ikm []byte) []byte {
	return must(hkdf.Extract(sha512.New, ikm, salt))
}

// expandLabel is EL.
func expandLabel(prk []byte, label string, ctx []byte, length int) []byte {
	info := binary.BigEndian.AppendUint16(nil, uint16(length))
	info = append(info, vec8([]byte("pqsock1 "+label))...)
	info = append(info, vec8(ctx)...)
	return must(hkdf.Expand(sha512.New, prk, string(info), length))
}

func vec8(x []byte) []byte { return append([]byte{byte(len(x))}, x...) }

func must(b []byte, err error) []byte {
	if err != nil {
		panic(err)
	}
	return b
}

// handshakeSecret is hs, and what it follows from.
func handshakeSecret(ss []byte) (early, derived, hs []byte) {
	zeros := make([]byte, hashSize)
	early = extract(zeros, zeros)
	derived = expandLabel(early, "derived", nil, hashSize)
	return early, derived, extract(derived, ss)
}

func serverMacKey(hs, thSK []byte) []byte { return expandLabel(hs, "s finished", thSK, macSize) }
func clientMacKey(hs, thSK []byte) []byte { return expandLabel(hs, "c finished", thSK, macSize) }

// secrets are those of an open connection.
type secrets struct {
	client, server []byte // traffic, C→S and S→C
	exporter       []byte
	rekey          []byte
}

// openSecrets follow from hs and TH_CF.
func openSecrets(hs, thCF []byte) (s secrets, master []byte) {
	master = expandLabel(hs, "master", thCF, hashSize)
	return secrets{
		client:   expandLabel(hs, "c ap", thCF, hashSize),
		server:   expandLabel(hs, "s ap", thCF, hashSize),
		exporter: expandLabel(master, "exp", nil, hashSize),
		rekey:    expandLabel(master, "rk", nil, hashSize),
	}, master
}

func nextSecret(secret []byte) []byte { return expandLabel(secret, "upd", nil, hashSize) }

func recordKey(secret []byte) (key, iv []byte) {
	both := expandLabel(secret, "key iv", nil, keySize+nonceSize)
	return both[:keySize], both[keySize:]
}

// rekeySecrets are those after a REKEY; the exporter secret is not among them.
func rekeySecrets(rekey, ss, kemPublic, kemCiphertext []byte) (s secrets, x []byte) {
	x = extract(rekey, ss)
	ctx := hash(append(append([]byte{}, kemPublic...), kemCiphertext...))
	return secrets{
		client: expandLabel(x, "c ap", ctx, hashSize),
		server: expandLabel(x, "s ap", ctx, hashSize),
		rekey:  expandLabel(x, "rk", ctx, hashSize),
	}, x
}

func export(exporter []byte, label string, context []byte, length int) []byte {
	return expandLabel(exporter, "exp "+label, hash(context), length)
}

// keyLogLine is that of chapter 15, without its end.
func keyLogLine(sender string, generation int, clientRandom, secret []byte) string {
	return fmt.Sprintf("PQSOCK_%s_TRAFFIC_SECRET_%d %x %x", strings.ToUpper(sender), generation, clientRandom, secret)
}
