package main

import (
	"crypto/aes"
	"crypto/cipher"
	"encoding/binary"
	"time"
)

// Records (chapter 8): one direction's key, and sealing and opening under it.

type recordType byte

const (
	recordData      recordType = 0x01
	recordClose     recordType = 0x02
	recordAlert     recordType = 0x03
	recordKeyUpdate recordType = 0x04
	recordTicket    recordType = 0x05
	recordRekeyInit recordType = 0x06
	recordRekeyResp recordType = 0x07
	recordRekeyDone recordType = 0x08
)

const (
	keySize      = 32
	nonceSize    = 12
	tagSize      = 16
	maxContent   = 65536
	maxPlaintext = maxContent + 1
	// maxRecords may come, and may be sealed, under one key.
	maxRecords = 1 << 24
)

// direction is C→S or S→C.
type direction struct {
	secret     []byte
	aead       cipher.AEAD
	iv         []byte
	seq        uint64
	bytes      uint64 // of plaintext, under this key
	since      time.Time
	generation int // how many switches there were
	onSwitch   func(generation int, secret []byte)
}

func newDirection(secret []byte, onSwitch func(int, []byte)) *direction {
	d := &direction{generation: -1, onSwitch: onSwitch}
	d.switchTo(secret)
	return d
}

// switchTo makes a traffic secret the present one.
func (d *direction) switchTo(secret []byte) {
	key, iv := recordKey(secret)
	block, err := aes.NewCipher(key)
	if err != nil {
		panic(err) // the length is right
	}
	if d.aead, err = cipher.NewGCM(block); err != nil {
		panic(err)
	}
	d.secret, d.iv, d.seq, d.bytes, d.since = secret, iv, 0, 0, time.Now()
	d.generation++
	if d.onSwitch != nil {
		d.onSwitch(d.generation, secret)
	}
}

// update does what a KEY_UPDATE says.
func (d *direction) update() { d.switchTo(nextSecret(d.secret)) }

func (d *direction) nonce() []byte {
	nonce := make([]byte, nonceSize)
	binary.BigEndian.PutUint64(nonce[4:], d.seq)
	for i := range nonce {
		nonce[i] ^= d.iv[i]
	}
	return nonce
}

// seal makes the whole frame of a record of any plaintext, also of one that is
// none.
func (d *direction) seal(pt []byte) []byte {
	length := len(pt) + tagSize
	header := []byte{byte(frameRecord), byte(length >> 16), byte(length >> 8), byte(length)}
	sealed := d.aead.Seal(header, d.nonce(), pt, header)
	d.seq++
	d.bytes += uint64(len(pt))
	return sealed
}

// open opens the body of a record.
func (d *direction) open(header, body []byte) ([]byte, error) {
	if d.seq >= maxRecords {
		return nil, faultf(alertLimitExceeded, "more than 2^24 records came under one key")
	}
	pt, err := d.aead.Open(nil, d.nonce(), body, header)
	if err != nil {
		return nil, faultf(alertBadRecord, "a record does not open")
	}
	d.seq++
	d.bytes += uint64(len(pt))
	return pt, nil
}

// plaintext is what is sealed for a content.
func plaintext(t recordType, content []byte, padding int) []byte {
	pt := make([]byte, 0, len(content)+1+padding)
	pt = append(append(pt, content...), byte(t))
	return append(pt, make([]byte, padding)...)
}

// split takes a plaintext apart.
func split(pt []byte) (recordType, []byte, error) {
	n := len(pt)
	for n > 0 && pt[n-1] == 0 {
		n--
	}
	if n == 0 {
		return 0, nil, faultf(alertBadRecord, "a record is only padding")
	}
	return recordType(pt[n-1]), pt[:n-1], nil
}
