package main

import (
	"errors"
	"io"
	"net"
	"testing"
)

// transportPair is a transport, and the peer's end.
func transportPair(t *testing.T) (*transport, net.Conn) {
	t.Helper()
	listener, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	conn, err := net.Dial("tcp4", listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	peer, err := listener.Accept()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { peer.Close() })
	return newTransport(conn.(*net.TCPConn), 0, 0), peer
}

// A peer may answer what was written, and end the connection, before the
// writer hears that it has gone out.
func TestFlushedBeforeTheEnd(t *testing.T) {
	for range 100 {
		sender, peer := transportPair(t)
		sender.write([]byte("sent"))
		if _, err := io.ReadFull(peer, make([]byte, 4)); err != nil {
			t.Fatal(err)
		}
		sender.close()
		if err := sender.flushed(); err != nil {
			t.Fatalf("what has gone out is said not to have: %v", err)
		}
	}
}

func TestNotFlushedBehindTheEnd(t *testing.T) {
	sender, _ := transportPair(t)
	sender.close()
	sender.write([]byte("lost"))
	if err := sender.flushed(); !errors.Is(err, net.ErrClosed) {
		t.Fatalf("what is lost is said to have gone out: %v", err)
	}
	sender, _ = transportPair(t)
	sender.end()
	sender.write([]byte("lost"))
	if err := sender.flushed(); !errors.Is(err, errQueueEnded) {
		t.Fatalf("what is behind FIN is said to have gone out: %v", err)
	}
}
