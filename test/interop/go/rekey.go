package main

import (
	"errors"
	"time"
)

// REKEY (chapter 9), with the tables of chapter 13.

type rekeyState int

const (
	rekeyIdle rekeyState = iota
	rekeyAsked
	rekeyAnswered // a server's
)

type rekey struct {
	state     rekeyState
	secret    []byte    // rk_i
	since     time.Time // the last one, or the handshake
	done      int       // how many were completed
	own       *kemKey   // the client's
	kemPublic []byte    // the client's, at the server
	next      []byte    // c', from RESP to DONE at the server
	waiting   chan error
}

// mayRekey says whether a client may send REKEY_INIT now.
func (c *connection) mayRekey() bool {
	return c.side == client && c.rekey.state == rekeyIdle && !c.ownClosed && !c.peerClosed && c.result == nil
}

// startRekey sends REKEY_INIT. The channel gives nil when REKEY_DONE was sent,
// or, after our own CLOSE, when REKEY_RESP was taken.
func (c *connection) startRekey() (chan error, error) {
	if !c.mayRekey() {
		return nil, errors.New("no REKEY_INIT may be sent now")
	}
	key, err := c.suite.newKemKey(randomBytes(c.suite.kemKeyRandom()))
	if err != nil {
		return nil, err
	}
	waiting := make(chan error, 1)
	c.rekey.state, c.rekey.own, c.rekey.waiting = rekeyAsked, key, waiting
	c.send(recordRekeyInit, key.public, 0)
	return waiting, nil
}

// judgeRekey asks whether one of the three is in turn, and has the right length.
func (c *connection) judgeRekey(t recordType, length int) error {
	var inTurn bool
	var size int
	switch t {
	case recordRekeyInit:
		inTurn, size = c.side == server && c.rekey.state == rekeyIdle, c.suite.kemPublicSize
	case recordRekeyResp:
		inTurn, size = c.side == client && c.rekey.state == rekeyAsked, c.suite.kemCiphertextSize
	case recordRekeyDone:
		inTurn = c.side == server && c.rekey.state == rekeyAnswered
	}
	if !inTurn {
		return faultf(alertRekeyError, "record 0x%02x is out of turn", byte(t))
	}
	if length != size {
		return faultf(alertRekeyError, "record 0x%02x with %d bytes", byte(t), length)
	}
	return nil
}

func (c *connection) takeRekeyInit(kemPublic []byte) error {
	if !reduced(kemPublic) {
		return faultf(alertRekeyError, "a coefficient of kem_pk is not reduced")
	}
	if c.ownClosed {
		return nil
	}
	c.rekey.state, c.rekey.kemPublic = rekeyAsked, kemPublic
	wait := c.options.rekeyLeast - time.Since(c.rekey.since)
	if c.rekey.done == 0 || wait <= 0 {
		return c.answerRekey()
	}
	time.AfterFunc(wait, func() {
		c.mu.Lock()
		defer c.mu.Unlock()
		if err := c.answerRekey(); err != nil {
			c.fail(err)
		}
	})
	return nil
}

// answerRekey sends REKEY_RESP, unless a CLOSE has come in between.
func (c *connection) answerRekey() error {
	if c.rekey.state != rekeyAsked {
		return nil
	}
	ct, ss, err := c.suite.encapsulate(c.rekey.kemPublic, randomBytes(c.suite.encapsulateRandom()))
	if err != nil {
		return faultf(alertRekeyError, "%v", err)
	}
	next, _ := rekeySecrets(c.rekey.secret, ss, c.rekey.kemPublic, ct)
	c.send(recordRekeyResp, ct, 0)
	c.out.switchTo(next.server)
	c.rekey.state, c.rekey.kemPublic = rekeyAnswered, nil
	c.rekey.secret, c.rekey.next = next.rekey, next.client
	return nil
}

func (c *connection) takeRekeyResp(ct []byte) error {
	ss, err := c.rekey.own.decapsulate(ct)
	if err != nil {
		return faultf(alertRekeyError, "%v", err)
	}
	next, _ := rekeySecrets(c.rekey.secret, ss, c.rekey.own.public, ct)
	c.in.switchTo(next.server)
	if !c.ownClosed {
		c.send(recordRekeyDone, nil, 0)
		c.out.switchTo(next.client)
	}
	c.rekeyOver(next.rekey)
	return nil
}

func (c *connection) takeRekeyDone() {
	c.in.switchTo(c.rekey.next)
	c.rekeyOver(c.rekey.secret)
}

// rekeyOver is the end of one that went well.
func (c *connection) rekeyOver(secret []byte) {
	waiting := c.rekey.waiting
	c.rekey = rekey{secret: secret, since: time.Now(), done: c.rekey.done + 1}
	if waiting != nil {
		waiting <- nil
	}
}

// dropUnanswered is what our own CLOSE does: a server answers no more, while a
// client still takes REKEY_RESP.
func (c *connection) dropUnanswered() {
	if c.side == server && c.rekey.state == rekeyAsked {
		c.rekey.state, c.rekey.kemPublic = rekeyIdle, nil
	}
}

// forgetRekey is what the peer's CLOSE does, or the end.
func (c *connection) forgetRekey(why error) {
	if c.rekey.waiting != nil {
		c.rekey.waiting <- why
	}
	r := c.rekey
	c.rekey = rekey{secret: r.secret, since: r.since, done: r.done}
}
