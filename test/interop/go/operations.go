package main

import (
	"crypto/sha256"
	"errors"
	"fmt"
)

// The requests on a connection.

// ofConnection is an operation on a connection.
func ofConnection(run func(c *connection, r *request) (answer, error)) func(*peer, *request) (answer, error) {
	return func(p *peer, r *request) (answer, error) {
		p.mu.Lock()
		c := p.connections[r.Connection]
		p.mu.Unlock()
		if c == nil {
			return nil, fmt.Errorf("no connection %q", r.Connection)
		}
		return run(c, r)
	}
}

func opSend(c *connection, r *request) (answer, error) {
	size := r.RecordSize
	if size == 0 {
		size = maxContent
	}
	return nil, c.sendData(r.Data, r.Padding, size)
}

func opReceive(c *connection, r *request) (answer, error) {
	data, end := c.receive(r.Length)
	a := answer{"data": data}
	if end != "" {
		a["end"] = end
	}
	return a, nil
}

func opDrain(c *connection, r *request) (answer, error) {
	h := sha256.New()
	for length := 0; ; {
		data, end := c.receive(1 << 16)
		h.Write(data)
		length += len(data)
		if end != "" {
			return answer{"length": length, "sha256": h.Sum(nil), "end": end}, nil
		}
	}
}

func opKeyUpdate(c *connection, r *request) (answer, error) { return nil, c.sendKeyUpdate(r.Padding) }

func opRekey(c *connection, r *request) (answer, error) {
	var waiting chan error
	err := c.locked(func() (err error) {
		waiting, err = c.startRekey()
		return err
	})
	if err != nil {
		return nil, err
	}
	return nil, <-waiting
}

func opStartRekey(c *connection, r *request) (answer, error) {
	return nil, c.locked(func() error {
		if _, err := c.startRekey(); err != nil || !r.Close {
			return err
		}
		return c.close(0, false)
	})
}

func opAnswer(c *connection, r *request) (answer, error) {
	return nil, c.locked(func() error {
		if c.rekey.state != rekeyAsked {
			return errors.New("no REKEY_INIT is waiting")
		}
		if err := c.answerRekey(); err != nil || !r.Close {
			return err
		}
		return c.close(0, false)
	})
}

func opClose(c *connection, r *request) (answer, error) {
	return nil, c.sendClose(r.Padding, r.FIN == nil || *r.FIN)
}

func opTruncate(c *connection, r *request) (answer, error) {
	c.truncate()
	return nil, nil
}

func opAbort(c *connection, r *request) (answer, error) {
	code := alertCloseByUser
	if r.Code != nil {
		code = alertCode(*r.Code)
	}
	c.abort(code)
	return nil, nil
}

func opEnd(c *connection, r *request) (answer, error) {
	<-c.over
	return answer{"outcome": c.result}, nil
}

func opExporter(c *connection, r *request) (answer, error) {
	if r.Length < 1 || r.Length > 255*hashSize || len(r.Label) > 243 {
		return nil, errors.New("the length or the label is out of range")
	}
	return answer{"data": export(c.exporter, r.Label, r.Context, r.Length)}, nil
}

func opKeys(c *connection, r *request) (answer, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	state := [...]string{rekeyIdle: "idle", rekeyAsked: "asked", rekeyAnswered: "answered"}[c.rekey.state]
	return answer{
		"sent": c.out.generation, "received": c.in.generation, "keyLog": c.keyLog,
		"rekeys": c.rekey.done, "rekey": state,
	}, nil
}

func opFrame(c *connection, r *request) (answer, error) {
	c.transport.write(frame(frameType(r.Type), r.Content))
	return nil, c.transport.flushed()
}

func opRecord(c *connection, r *request) (answer, error) {
	return nil, c.writeSealed(plaintext(recordType(r.Type), r.Content, r.Padding))
}

func opPlaintext(c *connection, r *request) (answer, error) { return nil, c.writeSealed(r.Content) }

// writeSealed writes a record of any plaintext, in any state.
func (c *connection) writeSealed(pt []byte) error {
	c.locked(func() error {
		c.transport.write(c.out.seal(pt))
		return nil
	})
	return c.transport.flushed()
}

func opRaw(c *connection, r *request) (answer, error) {
	c.transport.write(r.Content)
	return nil, c.transport.flushed()
}
