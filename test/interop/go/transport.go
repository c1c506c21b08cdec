package main

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"net"
	"sync"
	"time"
)

const (
	// handshakeTime and silenceTime are how long a handshake may take, and the
	// peer may be silent within it.
	handshakeTime = 10 * time.Second
	silenceTime   = 5 * time.Second
	// farewellTime is how long a side reads on after its alert (chapter 11).
	farewellTime = time.Second
)

// transport is a TCP connection. What is written is queued, so that nobody
// waits for the peer while it handles a frame of the peer's.
type transport struct {
	conn   *net.TCPConn
	in     *bufio.Reader
	pieces int // bytes in one write, 0 if as many as there are
	reads  int // bytes taken by one read, 0 if as many as there are

	handshakeEnd time.Time // zero once the handshake is complete

	mu      sync.Mutex
	changed *sync.Cond
	queue   []byte
	writing bool
	ending  bool // FIN follows what is queued
	failure error
}

func newTransport(conn *net.TCPConn, pieces, reads int) *transport {
	t := &transport{conn: conn, pieces: pieces, reads: reads}
	t.changed = sync.NewCond(&t.mu)
	t.in = bufio.NewReaderSize(rawReader{t}, 1<<16)
	go t.writeQueue()
	return t
}

// write queues bytes; those of one call that nothing precedes go out together.
func (t *transport) write(b []byte) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if !t.ending && t.failure == nil {
		t.queue = append(t.queue, b...)
		t.changed.Broadcast()
	}
}

// end ends our side (FIN) behind what is queued.
func (t *transport) end() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.ending = true
	t.changed.Broadcast()
}

// flushed waits until everything has gone out.
func (t *transport) flushed() error {
	t.mu.Lock()
	defer t.mu.Unlock()
	for t.failure == nil && (t.writing || len(t.queue) > 0) {
		t.changed.Wait()
	}
	return t.failure
}

// farewell ends our side, throws away what still comes until the peer ends its
// own, and closes.
func (t *transport) farewell() {
	t.end()
	t.conn.SetDeadline(time.Now().Add(farewellTime))
	io.Copy(io.Discard, t.conn)
	t.flushed()
	t.close()
}

// close closes at once; what is queued may be lost.
func (t *transport) close() {
	t.fail(net.ErrClosed)
	t.conn.Close()
}

func (t *transport) fail(err error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.failure == nil {
		t.failure = err
	}
	t.changed.Broadcast()
}

func (t *transport) writeQueue() {
	for {
		t.mu.Lock()
		t.writing = false
		t.changed.Broadcast()
		for len(t.queue) == 0 && !t.ending && t.failure == nil {
			t.changed.Wait()
		}
		ready := t.queue
		t.queue = nil
		t.writing = true
		failed, last := t.failure != nil, len(ready) == 0
		t.mu.Unlock()

		if failed {
			return
		}
		err := t.writeInPieces(ready)
		if last {
			err = errors.Join(t.conn.CloseWrite(), errQueueEnded)
		}
		if err != nil {
			if last {
				err = errQueueEnded
			}
			t.fail(err)
			return
		}
	}
}

var errQueueEnded = errors.New("our side of the transport has ended")

func (t *transport) writeInPieces(b []byte) error {
	for len(b) > 0 {
		n := len(b)
		if t.pieces > 0 {
			n = min(n, t.pieces)
		}
		if _, err := t.conn.Write(b[:n]); err != nil {
			return err
		}
		b = b[n:]
	}
	return nil
}

// readHeader reads the four bytes of a frame's header.
func (t *transport) readHeader() ([]byte, error) {
	header := make([]byte, headerSize)
	_, err := io.ReadFull(t.in, header)
	return header, err
}

// readBody reads a body whose length was found right. Memory grows with what
// has come.
func (t *transport) readBody(length int) ([]byte, error) {
	var body bytes.Buffer
	_, err := io.CopyN(&body, t.in, int64(length))
	return body.Bytes(), err
}

// rawReader is what the buffered reader reads from.
type rawReader struct{ t *transport }

func (r rawReader) Read(p []byte) (int, error) {
	t := r.t
	if t.reads > 0 {
		p = p[:min(len(p), t.reads)]
	}
	if !t.handshakeEnd.IsZero() {
		deadline := time.Now().Add(silenceTime)
		if t.handshakeEnd.Before(deadline) {
			deadline = t.handshakeEnd
		}
		t.conn.SetReadDeadline(deadline)
	}
	return t.conn.Read(p)
}
