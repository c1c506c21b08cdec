package main

import (
	"errors"
	"sync"
	"time"
)

// An open connection: what comes in frames and records, and what each kind
// does (chapters 8, 10, 11 and 13). REKEY is in rekey.go.

const (
	mostEmptyData  = 32
	mostKeyUpdates = 16
	mostTickets    = 4
	// updateSpan is the time in which no more than mostKeyUpdates may come.
	updateSpan = time.Minute
	// buffered is how much received data may wait for the test before reading
	// stops.
	buffered = 1 << 20
	// keyBytes, keyAge and keyRecords are when a sender updates its key. The
	// rest of the 2^24 is for KEY_UPDATE and the messages of a REKEY.
	keyBytes   = 1 << 30
	keyAge     = time.Hour
	keyRecords = maxRecords - 4
	rekeyAge   = time.Hour
)

// connection is an open connection. All but the constants is under mu.
type connection struct {
	side       side
	suite      *suite
	peerKey    []byte
	options    *options
	transport  *transport
	exporter   []byte
	random     []byte // the client's, for the key log
	transcript []byte

	mu      sync.Mutex
	changed *sync.Cond
	in, out *direction
	rekey   rekey
	keyLog  string

	sawRecord  bool
	lastRecord []byte // whole
	peerClosed bool
	ownClosed  bool // by CLOSE, ALERT, or FIN without either
	received   []byte
	emptyData  int
	updates    []time.Time // of the peer, since its last DATA with content
	tickets    int
	result     *outcome
	over       chan struct{} // closed with result set
}

func newConnection(h *handshake, s secrets) *connection {
	c := &connection{
		side: h.side, suite: h.suite, peerKey: h.peerKey, options: h.options, transport: h.transport,
		exporter: s.exporter, random: h.choice.random, transcript: h.transcript.bytes, over: make(chan struct{}),
	}
	c.changed = sync.NewCond(&c.mu)
	fromClient := newDirection(s.client, c.logger(client))
	fromServer := newDirection(s.server, c.logger(server))
	c.in, c.out = fromServer, fromClient
	if c.side == server {
		c.in, c.out = fromClient, fromServer
	}
	c.rekey = rekey{secret: s.rekey, since: time.Now()}
	return c
}

func (c *connection) logger(sender side) func(int, []byte) {
	return func(generation int, secret []byte) {
		c.keyLog += keyLogLine(string(sender), generation, c.random, secret) + "\n"
	}
}

// readFrames takes frames until nothing more can come.
func (c *connection) readFrames() {
	for {
		header, err := c.transport.readHeader()
		if err == nil {
			err = c.whileOpen(func() error { return c.judgeHeader(header) })
		} else {
			err = transportError(err)
		}
		var body []byte
		if err == nil {
			if body, err = c.transport.readBody(bodyLength(header)); err != nil {
				err = transportError(err)
			}
		}
		if err == nil {
			err = c.whileOpen(func() error { return c.takeFrame(header, body) })
		}

		c.mu.Lock()
		if err != nil {
			c.fail(err)
		}
		for len(c.received) >= buffered && c.result == nil {
			c.changed.Wait()
		}
		done := err != nil || c.result != nil
		c.mu.Unlock()
		if done {
			return
		}
	}
}

func (c *connection) locked(run func() error) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	return run()
}

// whileOpen runs nothing once the connection has ended.
func (c *connection) whileOpen(run func() error) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.result != nil {
		return errAborted
	}
	return run()
}

// judgeHeader is chapter 3 with the table of frames of chapter 13.
func (c *connection) judgeHeader(header []byte) error {
	t := frameType(header[0])
	permitted := t == frameRecord || t == frameAlert && c.side == client && !c.sawRecord
	if !permitted || c.peerClosed {
		return faultf(alertUnexpectedMessage, "frame 0x%02x in the open connection", header[0])
	}
	length := bodyLength(header)
	if least, most := lengths(t, c.suite); length < least || length > most {
		return faultf(alertDecodeError, "frame 0x%02x of %d bytes", header[0], length)
	}
	return nil
}

func (c *connection) takeFrame(header, body []byte) error {
	if frameType(header[0]) == frameAlert {
		return alerted{alertCode(body[0])}
	}
	c.sawRecord, c.lastRecord = true, append(header, body...)
	pt, err := c.in.open(header, body)
	if err != nil {
		return err
	}
	t, content, err := split(pt)
	if err != nil {
		return err
	}
	if err := c.judgeRecord(t, len(content)); err != nil {
		return err
	}
	defer c.changed.Broadcast()
	return c.takeRecord(t, content)
}

// judgeRecord asks whether the type is permitted now, and then whether the
// length is right.
func (c *connection) judgeRecord(t recordType, length int) error {
	exactly := func(n int) error {
		if length != n {
			return faultf(alertDecodeError, "record 0x%02x with %d bytes", byte(t), length)
		}
		return nil
	}
	switch t {
	case recordData, recordAlert:
		return nil // an ALERT of any length ends the connection
	case recordClose, recordKeyUpdate:
		return exactly(0)
	case recordTicket:
		if c.side == client {
			if length < 37 || length > 548 {
				return exactly(-1)
			}
			return nil
		}
	case recordRekeyInit, recordRekeyResp, recordRekeyDone:
		return c.judgeRekey(t, length)
	}
	return faultf(alertUnexpectedMessage, "record of type 0x%02x", byte(t))
}

func (c *connection) takeRecord(t recordType, content []byte) error {
	switch t {
	case recordData:
		return c.takeData(content)
	case recordClose:
		c.peerClosed = true
		c.forgetRekey(errors.New("the peer has sent CLOSE"))
		c.overIfClosed()
	case recordAlert:
		if len(content) != 1 {
			return alerted{0}
		}
		return alerted{alertCode(content[0])}
	case recordKeyUpdate:
		return c.takeKeyUpdate()
	case recordTicket:
		if c.tickets++; c.tickets > mostTickets {
			return faultf(alertLimitExceeded, "the fifth TICKET")
		}
	case recordRekeyInit:
		return c.takeRekeyInit(content)
	case recordRekeyResp:
		return c.takeRekeyResp(content)
	case recordRekeyDone:
		c.takeRekeyDone()
	}
	return nil
}

func (c *connection) takeData(content []byte) error {
	if len(content) == 0 {
		if c.emptyData++; c.emptyData > mostEmptyData {
			return faultf(alertLimitExceeded, "the 33rd empty DATA in a row")
		}
		return nil
	}
	c.emptyData, c.updates = 0, nil
	c.received = append(c.received, content...)
	return nil
}

func (c *connection) takeKeyUpdate() error {
	now := time.Now()
	if c.updates = append(c.updates, now); len(c.updates) > mostKeyUpdates {
		if now.Sub(c.updates[0]) < updateSpan {
			return faultf(alertLimitExceeded, "17 KEY_UPDATEs without data within 60 s")
		}
		c.updates = c.updates[1:]
	}
	c.in.update()
	return nil
}

// fail ends the connection because of what came, or did not come.
func (c *connection) fail(err error) {
	if errors.Is(err, errTruncated) && c.peerClosed || c.result != nil {
		return // the end of the transport after CLOSE means nothing
	}
	result := outcomeOf(err)
	var f *fault
	if errors.As(err, &f) {
		c.received = nil
		if !c.ownClosed {
			c.send(recordAlert, []byte{byte(f.code)}, 0)
			result.AlertSent = f.code.String()
			go c.transport.farewell()
			c.finish(result)
			return
		}
	}
	c.transport.close()
	c.finish(result)
}

// overIfClosed ends the connection when both sides have sent CLOSE.
func (c *connection) overIfClosed() {
	if c.ownClosed && c.peerClosed && c.result == nil {
		go c.transport.farewell()
		c.finish(&outcome{End: "close"})
	}
}

func (c *connection) finish(result *outcome) {
	if c.result == nil {
		c.result = result
		c.forgetRekey(errors.New("the connection has ended"))
		c.ownClosed = true
		close(c.over)
		c.changed.Broadcast()
	}
}

// receive gives as many bytes as were asked for, or those that came before the
// end, and then how it ended: "close", or what outcome has.
func (c *connection) receive(length int) (data []byte, end string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for {
		taken := min(length-len(data), len(c.received))
		data = append(data, c.received[:taken]...)
		c.received = c.received[taken:]
		c.changed.Broadcast()
		if len(data) == length && length > 0 {
			return data, ""
		}
		if c.peerClosed {
			return data, "close"
		}
		if c.result != nil {
			return data, c.result.End
		}
		c.changed.Wait()
	}
}
