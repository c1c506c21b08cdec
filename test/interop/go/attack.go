package main

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
)

// How a peer can be made to deviate from the protocol. A handshake's
// deviations are described by the "attack" in the options; those of an open
// connection are operations.

// attack is what one side does differently in the handshake.
type attack struct {
	// Messages are changed before they enter the transcript, so that our
	// signature and MAC cover the change.
	Messages []edit `json:"messages"`
	// Wire is changed behind the transcript, so that the two sides have
	// different ones.
	Wire []edit `json:"wire"`
	// Flights replaces the frames of a flight, by its number: a client's 0 has
	// three frames and 1 ClientFinished, a server's 0 ServerHello and 1 three.
	Flights map[int][]part `json:"flights"`
	// Signer is the identity that signs instead of ours.
	Signer string `json:"signer"`
	// Label and Over replace what is signed, Label alone in the 148 (of a batch
	// 150) bytes, Over ("hash", or a kind of frame, for its body) all of it.
	Label string `json:"label"`
	Over  string `json:"over"`
	// MAC is one of macs.
	MAC string `json:"mac"`
	// Ignore are the checks that we don't make, by their names in client.go
	// and server.go.
	Ignore []string `json:"ignore"`
}

// edit changes the body of a message: so many bytes are removed at a place,
// others inserted, and the byte that is then there is XORed. A negative place
// counts from the end.
type edit struct {
	Frame  frameType `json:"frame"`
	At     int       `json:"at"`
	Remove int       `json:"remove"`
	Insert []byte    `json:"insert"`
	XOR    byte      `json:"xor"`
}

// part is a frame of a flight: ours of that number, the peer's of that number,
// or any bytes. Type replaces the type of a frame of the peer's.
type part struct {
	Own  *int       `json:"own"`
	Peer *int       `json:"peer"`
	Type *frameType `json:"type"`
	Raw  []byte     `json:"raw"`
}

// macs replace the right one, made for our role.
var macs = map[string]func(h *handshake, right []byte) []byte{
	"zero":        func(h *handshake, right []byte) []byte { return make([]byte, macSize) },
	"random":      func(h *handshake, right []byte) []byte { return randomBytes(macSize) },
	"first bit":   func(h *handshake, right []byte) []byte { return edit{XOR: 0x80}.apply(right) },
	"last bit":    func(h *handshake, right []byte) []byte { return edit{At: -1, XOR: 1}.apply(right) },
	"half":        func(h *handshake, right []byte) []byte { return append(right[:32:32], make([]byte, 32)...) },
	"other role":  func(h *handshake, right []byte) []byte { return macOf(h, h.side.other(), h.shared) },
	"other KEM":   func(h *handshake, right []byte) []byte { return macOf(h, h.side, wrong(h.shared, 0)) },
	"other curve": func(h *handshake, right []byte) []byte { return macOf(h, h.side, wrong(h.shared, 32)) },
}

func (s side) other() side {
	if s == client {
		return server
	}
	return client
}

// macOf is the MAC of a role's over the transcript, with any secret.
func macOf(h *handshake, role side, shared []byte) []byte {
	_, _, hs := handshakeSecret(shared)
	key := serverMacKey(hs, h.thSK)
	if role == client {
		key = clientMacKey(hs, h.thSK)
	}
	return mac(key, h.transcript.hash())
}

// wrong has another bit in the secret that begins there.
func wrong(shared []byte, at int) []byte { return edit{At: at, XOR: 1}.apply(shared) }

func (e edit) apply(body []byte) []byte {
	at := e.At
	if at < 0 {
		at += len(body)
	}
	changed := slices.Replace(slices.Clone(body), at, at+e.Remove, e.Insert...)
	if e.XOR != 0 {
		changed[at] ^= e.XOR
	}
	return changed
}

// applyAll applies the edits of one kind of message.
func applyAll(edits []edit, t frameType, body []byte) []byte {
	for _, e := range edits {
		if e.Frame == t {
			body = e.apply(body)
		}
	}
	return body
}

// hooks carries the attack out.
func (a *attack) hooks(p *peer) (hooks, error) {
	signer := p.identities[a.Signer]
	if a.Signer != "" && signer == nil {
		return hooks{}, fmt.Errorf("no identity %q", a.Signer)
	}
	newMAC := macs[a.MAC]
	if a.MAC != "" && newMAC == nil {
		return hooks{}, fmt.Errorf("no MAC %q", a.MAC)
	}
	return hooks{
		body:         func(h *handshake, t frameType, body []byte) []byte { return applyAll(a.Messages, t, body) },
		signingInput: a.signingInput,
		ignore:       func(check string) bool { return slices.Contains(a.Ignore, check) },
		flight:       a.flight,
		signer: func(h *handshake, i *identity) *identity {
			if signer != nil {
				return signer
			}
			return i
		},
		mac: func(h *handshake, t frameType, right []byte) []byte {
			if newMAC != nil {
				return newMAC(h, right)
			}
			return right
		},
	}, nil
}

func (a *attack) signingInput(h *handshake, input []byte) []byte {
	// Behind the label: a hash, or the root of a batch with id and depth.
	hash := input[64+bytes.IndexByte(input[64:], 0)+1:]
	switch {
	case a.Label != "":
		return slices.Concat(input[:64], []byte(a.Label), []byte{0}, hash)
	case a.Over == "hash":
		return hash
	case a.Over != "":
		for _, f := range h.transcript.frames() {
			if fmt.Sprintf("0x%02x", f[0]) == a.Over {
				return f[headerSize:]
			}
		}
	}
	return input
}

// flight is what goes out in place of the frames. The number of a flight is
// told by its first frame.
func (a *attack) flight(h *handshake, frames [][]byte) [][]byte {
	number := 0
	switch frameType(frames[0][0]) {
	case frameServerKem, frameClientFinished:
		number = 1
	}
	for i, f := range frames {
		if body := applyAll(a.Wire, frameType(f[0]), f[headerSize:]); !bytes.Equal(body, f[headerSize:]) {
			frames[i] = frame(frameType(f[0]), body)
		}
	}
	parts, replaced := a.Flights[number]
	if !replaced {
		return frames
	}
	var all [][]byte
	for _, part := range parts {
		all = append(all, part.frame(h, frames))
	}
	return all
}

func (p part) frame(h *handshake, own [][]byte) []byte {
	switch {
	case p.Own != nil:
		return own[*p.Own]
	case p.Peer != nil:
		theirs := slices.DeleteFunc(h.transcript.frames(), func(f []byte) bool { return sender(frameType(f[0])) == h.side })
		f := theirs[*p.Peer]
		if p.Type != nil {
			f = frame(*p.Type, f[headerSize:])
		}
		return f
	}
	return p.Raw
}

func sender(t frameType) side {
	switch t {
	case frameClientHello, frameClientKem, frameClientAuth, frameClientFinished:
		return client
	}
	return server
}

// frames are those in the transcript, behind T0.
func (t *transcript) frames() [][]byte {
	const label = len("pqsock1 transcript") + 1
	rest := t.bytes[label+1+int(t.bytes[label]):]
	var all [][]byte
	for len(rest) > 0 {
		n := headerSize + int(binary.BigEndian.Uint32(rest)&0xffffff)
		all = append(all, rest[:n])
		rest = rest[n:]
	}
	return all
}

// opTranscript gives the frames of the handshake.
func opTranscript(c *connection, r *request) (answer, error) {
	t := transcript{c.transcript}
	return answer{"frames": t.frames()}, nil
}

// opSeal makes a record of any plaintext without sending it, and changes
// nothing: it has the number of the record that is next, or of one after that,
// under the present key, or one after that.
func opSeal(c *connection, r *request) (answer, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	d := *c.out
	d.onSwitch = nil
	for range r.Updates {
		d.update()
	}
	d.seq += r.Ahead
	pt := r.Content
	if r.Type != 0 {
		pt = plaintext(recordType(r.Type), r.Content, r.Padding)
	}
	return answer{"frame": d.seal(pt)}, nil
}

// opLastRecord gives the last record that has come, whole.
func opLastRecord(c *connection, r *request) (answer, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.lastRecord == nil {
		return nil, errors.New("no record has come")
	}
	return answer{"frame": c.lastRecord}, nil
}
