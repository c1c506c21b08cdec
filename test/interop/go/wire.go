package main

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"slices"
)

// Frames and the messages of the handshake (chapters 3 and 4), and alerts
// (chapter 11).

type frameType byte

const (
	frameServerHello    frameType = 0x01
	frameClientHello    frameType = 0x02
	frameClientKem      frameType = 0x03
	frameClientAuth     frameType = 0x04
	frameServerKem      frameType = 0x05
	frameServerAuth     frameType = 0x06
	frameServerFinished frameType = 0x07
	frameClientFinished frameType = 0x08
	frameAlert          frameType = 0x0a
	frameRecord         frameType = 0x10
)

const (
	headerSize = 4
	randomSize = 32
	magic      = "PQSK"
	version1   = 0x01
)

type alertCode byte

const (
	alertCloseByUser       alertCode = 0x01
	alertUnexpectedMessage alertCode = 0x02
	alertDecodeError       alertCode = 0x03
	alertNoCommonSuite     alertCode = 0x04
	alertNoCommonVersion   alertCode = 0x05
	alertAuthFailed        alertCode = 0x06
	alertTicketRejected    alertCode = 0x07
	alertBusy              alertCode = 0x08
	alertTimeout           alertCode = 0x09
	alertBadRecord         alertCode = 0x0a
	alertLimitExceeded     alertCode = 0x0b
	alertInternal          alertCode = 0x0c
	alertRekeyError        alertCode = 0x0d
)

var alertNames = map[alertCode]string{
	alertCloseByUser:       "close_by_user",
	alertUnexpectedMessage: "unexpected_message",
	alertDecodeError:       "decode_error",
	alertNoCommonSuite:     "no_common_suite",
	alertNoCommonVersion:   "no_common_version",
	alertAuthFailed:        "auth_failed",
	alertTicketRejected:    "ticket_rejected",
	alertBusy:              "busy",
	alertTimeout:           "timeout",
	alertBadRecord:         "bad_record",
	alertLimitExceeded:     "limit_exceeded",
	alertInternal:          "internal",
	alertRekeyError:        "rekey_error",
}

func (a alertCode) String() string {
	if name, known := alertNames[a]; known {
		return name
	}
	return fmt.Sprintf("0x%02x", byte(a))
}

// fault is something that the peer did wrong, or that went wrong with it; the
// code is that of the alert that tells so, whether or not one is sent.
type fault struct {
	code alertCode
	text string
}

func (f *fault) Error() string { return f.code.String() + ": " + f.text }

func faultf(code alertCode, format string, args ...any) *fault {
	return &fault{code, fmt.Sprintf(format, args...)}
}

// frame puts a header before a body. The length is the low 24 bits of the real
// one.
func frame(t frameType, body []byte) []byte {
	n := len(body)
	return append([]byte{byte(t), byte(n >> 16), byte(n >> 8), byte(n)}, body...)
}

// bodyLength is the length that a header announces.
func bodyLength(header []byte) int {
	return int(header[1])<<16 | int(header[2])<<8 | int(header[3])
}

// lengths are the least and the greatest length of the body of a frame. The
// suite is needed from ClientKem on.
func lengths(t frameType, s *suite) (least, most int) {
	exactly := func(n int) (int, int) { return n, n }
	switch t {
	case frameServerHello:
		return 0, 16384
	case frameClientHello:
		return 41, 3656
	case frameClientKem:
		return exactly(s.kemPublicSize)
	case frameClientAuth:
		return exactly(s.sigalg.signatureSize)
	case frameServerKem:
		return exactly(s.kemCiphertextSize)
	case frameServerAuth:
		return exactly(1 + s.sigalg.signatureSize)
	case frameServerFinished, frameClientFinished:
		return exactly(macSize)
	case frameAlert:
		return exactly(1)
	case frameRecord:
		return 1 + tagSize, maxPlaintext + tagSize
	}
	return 1, 0
}

type shownKey struct {
	sigalg byte
	key    []byte
}

type extension struct {
	kind uint16
	data []byte
}

type serverHello struct {
	versions   []byte
	random     []byte
	suites     []uint16
	keys       []shownKey
	extensions []extension
}

type clientHello struct {
	version    byte
	suite      uint16
	random     []byte
	mode       byte
	key        []byte
	extensions []extension
}

func (m *serverHello) encode() []byte {
	b := append([]byte(magic), byte(len(m.versions)))
	b = append(b, m.versions...)
	b = append(b, m.random...)
	b = append(b, byte(len(m.suites)))
	for _, id := range m.suites {
		b = binary.BigEndian.AppendUint16(b, id)
	}
	b = append(b, byte(len(m.keys)))
	for _, k := range m.keys {
		b = append(b, k.sigalg)
		b = binary.BigEndian.AppendUint16(b, uint16(len(k.key)))
		b = append(b, k.key...)
	}
	return appendExtensions(b, m.extensions)
}

func (m *clientHello) encode() []byte {
	b := binary.BigEndian.AppendUint16([]byte{m.version}, m.suite)
	b = append(b, m.random...)
	b = append(b, m.mode)
	b = binary.BigEndian.AppendUint16(b, uint16(len(m.key)))
	b = append(b, m.key...)
	return appendExtensions(b, m.extensions)
}

// extensionKeyChoice is in a hello of a server that shows several keys of an
// algorithm, and in the answer, which has the place of one of them as its data.
const extensionKeyChoice = 0x0002

// keyChoice is the data of that extension, and whether it is there.
func keyChoice(extensions []extension) ([]byte, bool) {
	for _, e := range extensions {
		if e.kind == extensionKeyChoice {
			return e.data, true
		}
	}
	return nil, false
}

// hasChoice says whether a signature algorithm comes twice among keys.
func hasChoice(keys []shownKey) bool {
	var all []byte
	for _, k := range keys {
		all = append(all, k.sigalg)
	}
	return !distinct(all)
}

// batchesExtension is what a hello holds in which batches are offered or
// agreed.
var batchesExtension = []extension{{kind: extensionBatches}}

func holdsBatches(extensions []extension) bool {
	return slices.ContainsFunc(extensions, func(e extension) bool { return e.kind == extensionBatches })
}

func appendExtensions(b []byte, extensions []extension) []byte {
	var list []byte
	for _, e := range extensions {
		list = binary.BigEndian.AppendUint16(list, e.kind)
		list = binary.BigEndian.AppendUint16(list, uint16(len(e.data)))
		list = append(list, e.data...)
	}
	b = binary.BigEndian.AppendUint16(b, uint16(len(list)))
	return append(b, list...)
}

// decodeServerHello checks the form, and nothing else.
func decodeServerHello(body []byte) (*serverHello, error) {
	p := parser{rest: body}
	m := &serverHello{}
	p.require(string(p.bytes(len(magic))) == magic, "magic")
	m.versions = p.bytes(p.count("number of versions", 1, 8))
	m.random = p.bytes(randomSize)
	for n := p.count("number of suites", 1, 8); n > 0; n-- {
		m.suites = append(m.suites, p.u16())
	}
	for n := p.count("number of keys", 1, 4); n > 0; n-- {
		k := shownKey{sigalg: p.u8()}
		k.key = p.bytes(int(p.u16()))
		if s := sigalgs[k.sigalg]; s != nil {
			p.require(len(k.key) == s.publicSize, "length of a key")
		}
		for _, other := range m.keys {
			same := other.sigalg == k.sigalg && bytes.Equal(other.key, k.key)
			p.require(!same, "key that comes twice")
		}
		m.keys = append(m.keys, k)
	}
	p.require(distinct(m.versions), "version that comes twice")
	p.require(distinct(m.suites), "suite that comes twice")
	m.extensions = p.extensions(0)
	_, offered := keyChoice(m.extensions)
	p.require(offered == hasChoice(m.keys), "choice of keys")
	return m, p.end("ServerHello")
}

// decodeClientHello checks the form, and nothing else.
func decodeClientHello(body []byte) (*clientHello, error) {
	p := parser{rest: body}
	m := &clientHello{version: p.u8(), suite: p.u16(), random: p.bytes(randomSize), mode: p.u8()}
	p.require(m.mode <= 1, "mode")
	m.key = p.bytes(int(p.u16()))
	m.extensions = p.extensions(1)
	return m, p.end("ClientHello")
}

func distinct[T comparable](values []T) bool {
	seen := map[T]bool{}
	for _, v := range values {
		if seen[v] {
			return false
		}
		seen[v] = true
	}
	return true
}

// parser takes a message apart. After the first failure it yields zeros, and
// end tells of it.
type parser struct {
	rest    []byte
	failure string
}

func (p *parser) require(ok bool, what string) {
	if !ok && p.failure == "" {
		p.failure = what
	}
}

func (p *parser) bytes(n int) []byte {
	p.require(n <= len(p.rest), "end, as it comes too early")
	if p.failure != "" {
		p.rest = nil
		return nil
	}
	taken := p.rest[:n:n]
	p.rest = p.rest[n:]
	return taken
}

func (p *parser) u8() byte {
	if b := p.bytes(1); b != nil {
		return b[0]
	}
	return 0
}

func (p *parser) u16() uint16 {
	if b := p.bytes(2); b != nil {
		return binary.BigEndian.Uint16(b)
	}
	return 0
}

// count is a number of one byte that has to be in a range.
func (p *parser) count(what string, least, most int) int {
	n := int(p.u8())
	p.require(least <= n && n <= most, what)
	if p.failure != "" {
		return 0
	}
	return n
}

// extensions takes a choice of keys only if it has so many bytes.
func (p *parser) extensions(choice int) []extension {
	length := int(p.u16())
	p.require(length <= 1024, "length of the extensions")
	list := parser{rest: p.bytes(length)}
	var all []extension
	for len(list.rest) > 0 {
		e := extension{kind: list.u16()}
		e.data = list.bytes(int(list.u16()))
		list.require(e.kind != extensionBatches || len(e.data) == 0, "data of an extension")
		list.require(e.kind != extensionKeyChoice || len(e.data) == choice, "data of an extension")
		if len(all) > 0 {
			list.require(e.kind > all[len(all)-1].kind, "order of the extensions")
		}
		all = append(all, e)
	}
	p.require(list.failure == "", "list of extensions")
	return all
}

// end is the failure that there was, or that something is left over.
func (p *parser) end(message string) error {
	p.require(len(p.rest) == 0, "length, as bytes are left over")
	if p.failure != "" {
		return faultf(alertDecodeError, "%s has a wrong %s", message, p.failure)
	}
	return nil
}
