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
	asked   int  // bytes that were to be written
	written int  // and have gone out
	ending  bool // FIN follows what is queued
	failure error
	over    bool // nothing more goes out
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
	t.asked += len(b)
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

// flushed waits until all that was to be written until now has gone out. How
// the transport fails behind it, perhaps because of it, is not its failure.
func (t *transport) flushed() error {
	t.mu.Lock()
	defer t.mu.Unlock()
	for end := t.asked; t.written < end; t.changed.Wait() {
		if t.over {
			return t.failure
		}
	}
	return nil
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

// writeQueue ends once the transport has failed, which ends a write that is
// under way, or our side has ended.
func (t *transport) writeQueue() {
	for {
		ready := t.nextWrite()
		if len(ready) == 0 {
			break
		}
		if err := t.writeInPieces(ready); err != nil {
			t.fail(err)
			break
		}
		t.mu.Lock()
		t.written += len(ready)
		t.changed.Broadcast()
		t.mu.Unlock()
	}
	t.conn.CloseWrite()
	t.fail(errQueueEnded)
	t.mu.Lock()
	defer t.mu.Unlock()
	t.over = true
	t.changed.Broadcast()
}

// nextWrite waits for what is to go out, nothing if that was all.
func (t *transport) nextWrite() []byte {
	t.mu.Lock()
	defer t.mu.Unlock()
	for len(t.queue) == 0 && !t.ending && t.failure == nil {
		t.changed.Wait()
	}
	if t.failure != nil {
		return nil
	}
	ready := t.queue
	t.queue = nil
	return ready
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
