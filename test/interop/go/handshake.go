package main

import (
	"bytes"
	"errors"
	"slices"
	"time"
)

type side string

const (
	client side = "client"
	server side = "server"
)

// step is one of the small steps that a handshake is made of; the numbers in
// comments are those of chapter 5.
type step func(h *handshake) error

// handshake is the state that the steps of client.go and server.go share.
type handshake struct {
	side       side
	options    *options
	transport  *transport
	transcript transcript
	flight     [][]byte

	offer  *serverHello
	choice *clientHello
	// heard says that a whole hello of the right form has come (client), or
	// any whole ClientHello (server): from then on alerts are sent.
	heard bool

	version byte
	batches bool // are agreed
	suite   *suite
	own     *identity
	peerKey []byte
	place   int     // of peerKey in the offer, at a client
	kemKey  *kemKey // the client's
	kemPK   []byte
	kemCT   []byte
	shared  []byte
	peerSig []byte
	signed  []byte // what peerSig is for, at a client
	hs      []byte
	thCK    []byte
	thSK    []byte
	opened  *connection
}

// runHandshake does the steps. If one fails, it ends the transport as chapter 11 has it.
func runHandshake(s side, t *transport, o *options) (*connection, *outcome) {
	h := &handshake{side: s, options: o, transport: t, transcript: newTranscript(o.prologue)}
	t.handshakeEnd = time.Now().Add(handshakeTime)
	steps := clientSteps
	if s == server {
		steps = serverSteps
	}
	for _, step := range steps {
		if err := step(h); err != nil {
			return nil, h.fail(err)
		}
	}
	return h.opened, nil
}

func (h *handshake) fail(err error) *outcome {
	result := outcomeOf(err)
	var f *fault
	if errors.As(err, &f) && (h.heard || h.side == server && f.code == alertTimeout) {
		h.transport.write(frame(frameAlert, []byte{byte(f.code)}))
		result.AlertSent = f.code.String()
		go h.transport.farewell()
	} else {
		h.transport.close()
	}
	return result
}

// check is one of the checks: its failure is a fault.
func (h *handshake) check(name string, ok bool, code alertCode, text string) error {
	if ok || h.options.hooks.ignore != nil && h.options.hooks.ignore(name) {
		return nil
	}
	return faultf(code, "%s", text)
}

// put makes a frame of a message, appends it to the transcript, and keeps it
// for the flight.
func (h *handshake) put(t frameType, body []byte) {
	if h.options.hooks.body != nil {
		body = h.options.hooks.body(h, t, body)
	}
	f := frame(t, body)
	h.transcript.add(f)
	h.flight = append(h.flight, f)
}

// flush writes the flight, in one go.
func (h *handshake) flush() error {
	frames := h.flight
	h.flight = nil
	if h.options.hooks.flight != nil {
		frames = h.options.hooks.flight(h, frames)
	}
	var all []byte
	for _, f := range frames {
		all = append(all, f...)
	}
	h.transport.write(all)
	return nil
}

// take reads the one message that may come now. The header is judged before
// anything of the body is waited for.
func (h *handshake) take(want frameType) ([]byte, error) {
	header, err := h.transport.readHeader()
	if err != nil {
		return nil, transportError(err)
	}
	t := frameType(header[0])
	if t != want && t != frameAlert {
		return nil, faultf(alertUnexpectedMessage, "frame 0x%02x where 0x%02x is due", header[0], byte(want))
	}
	length := bodyLength(header)
	if least, most := lengths(t, h.suite); (length < least || length > most) && !h.mayBeBatch(t, length) {
		return nil, faultf(alertDecodeError, "frame 0x%02x of %d bytes", header[0], length)
	}
	body, err := h.transport.readBody(length)
	if err != nil {
		return nil, transportError(err)
	}
	if t == frameAlert {
		return nil, alerted{alertCode(body[0])}
	}
	h.transcript.add(append(header, body...))
	return body, nil
}

// mayBeBatch says whether a frame has one of the lengths that batches have.
func (h *handshake) mayBeBatch(t frameType, length int) bool {
	if t != frameServerAuth || !h.batches {
		return false
	}
	nodes := length - batchFixed - h.suite.sigalg.signatureSize
	return nodes%nodeSize == 0 && nodes >= nodeSize && nodes <= maxDepth*nodeSize
}

// sign signs the transcript's hash for our role.
func (h *handshake) sign(th []byte) ([]byte, error) {
	return h.signInput(signingInput(string(h.side), th))
}

func (h *handshake) signInput(input []byte) ([]byte, error) {
	signer := h.own
	if h.options.hooks.signingInput != nil {
		input = h.options.hooks.signingInput(h, input)
	}
	if h.options.hooks.signer != nil {
		signer = h.options.hooks.signer(h, signer)
	}
	return signer.sign(input)
}

// putMAC sends a MAC.
func (h *handshake) putMAC(t frameType, m []byte) {
	if h.options.hooks.mac != nil {
		m = h.options.hooks.mac(h, t, m)
	}
	h.put(t, m)
}

// judgeKey is what both sides ask about the peer's key, in this order.
func (h *handshake) judgeKey() error {
	own := slices.ContainsFunc(h.options.identities, func(i *identity) bool {
		return i.sigalg == h.suite.sigalg && bytes.Equal(i.public, h.peerKey)
	})
	if err := h.check("own key", !own, alertAuthFailed, "the peer shows our own key"); err != nil {
		return err
	}
	trusted := h.options.trust.accepts(h.suite.sigalg, h.peerKey)
	return h.check("trust", trusted, alertAuthFailed, "the policy does not accept the peer's key")
}

// open makes the connection. What is sealed under it stays in the flight.
func (h *handshake) open() error {
	secrets, _ := openSecrets(h.hs, h.transcript.hash())
	h.opened = newConnection(h, secrets)
	return nil
}

// start lets the connection take frames.
func (h *handshake) start() error {
	h.transport.handshakeEnd = time.Time{}
	h.transport.conn.SetReadDeadline(time.Time{})
	go h.opened.readFrames()
	return nil
}
