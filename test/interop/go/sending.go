package main

import (
	"errors"
	"time"
)

// What a side of an open connection sends (chapters 8 to 11 and 13).

// seal makes the frame of a record under the present key, and changes no other
// state.
func (c *connection) seal(t recordType, content []byte, padding int) []byte {
	return c.out.seal(plaintext(t, content, padding))
}

// send seals a record and queues it.
func (c *connection) send(t recordType, content []byte, padding int) {
	c.transport.write(c.seal(t, content, padding))
}

// sealData makes the frames of data, in records of so many bytes at most.
func (c *connection) sealData(data []byte, padding, recordSize int) []byte {
	var frames []byte
	most := max(1, min(recordSize, maxContent-padding))
	for first := true; first || len(data) > 0; first = false {
		if c.out.bytes >= keyBytes || c.out.seq >= keyRecords || time.Since(c.out.since) >= keyAge {
			frames = append(frames, c.seal(recordKeyUpdate, nil, 0)...)
			c.out.update()
		}
		n := min(len(data), most)
		frames = append(frames, c.seal(recordData, data[:n], padding)...)
		data = data[n:]
	}
	return frames
}

var errMayNotSend = errors.New("our side of the connection has ended")

// sendData resolves when the data has gone to the transport.
func (c *connection) sendData(data []byte, padding, recordSize int) error {
	err := c.locked(func() error {
		if c.ownClosed {
			return errMayNotSend
		}
		if c.side == client && c.mayRekey() && time.Since(c.rekey.since) >= rekeyAge {
			c.startRekey()
		}
		c.transport.write(c.sealData(data, padding, recordSize))
		return nil
	})
	if err == nil {
		err = c.transport.flushed()
	}
	return err
}

func (c *connection) sendKeyUpdate(padding int) error {
	return c.locked(func() error {
		if c.ownClosed {
			return errMayNotSend
		}
		c.send(recordKeyUpdate, nil, padding)
		c.out.update()
		return nil
	})
}

// sendClose sends CLOSE and, if it is to, the FIN behind it.
func (c *connection) sendClose(padding int, fin bool) error {
	return c.locked(func() error { return c.close(padding, fin) })
}

func (c *connection) close(padding int, fin bool) error {
	if c.ownClosed {
		return errMayNotSend
	}
	c.send(recordClose, nil, padding)
	c.ownClosed = true
	c.dropUnanswered()
	if fin {
		c.transport.end()
	}
	c.overIfClosed()
	return nil
}

// truncate sends FIN without CLOSE.
func (c *connection) truncate() {
	c.locked(func() error {
		c.ownClosed = true
		c.transport.end()
		return nil
	})
}

// abort sends an alert and ends.
func (c *connection) abort(code alertCode) {
	c.locked(func() error {
		if c.result == nil && !c.ownClosed {
			c.send(recordAlert, []byte{byte(code)}, 0)
			c.finish(&outcome{End: "aborted", AlertSent: code.String()})
			go c.transport.farewell()
		}
		return nil
	})
}
