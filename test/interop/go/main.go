// Command pqsock-peer is a second implementation of the hardened profile,
// written from PROTOCOL.md alone, for the interoperability tests. It shares no
// code with the package. The lattice algorithms are Cloudflare's CIRCL; all
// else is Go's standard library.
//
// It is a peer for tests, not a server for the open network: of chapter 14 it
// has what concerns one connection, and it leaves the wiping of secrets to the
// end of the process.
//
// # Requests
//
// It answers requests on standard input. One JSON object a line,
// {"id":n,"op":…}, is answered by one line {"id":n,…}, or
// {"id":n,"error":"text"} if it cannot be carried out. Requests run
// concurrently: wait for an answer where the order matters. The end of the
// input ends the process. Bytes are base64 (standard alphabet, with padding);
// identities, listeners and connections are named by strings.
//
//	identity {algorithm:"Dilithium5"|"ML-DSA-87"}
//	    -> {identity, publicKey, secretKey, fingerprint}
//	listen {options}
//	    -> {listener, port}           on 127.0.0.1
//	accept {listener}
//	    -> opened, or {failure}       of the next handshake that is over
//	stop {listener}
//	    -> {}                         takes no more connections
//	connect {port, options}
//	    -> opened, or {failure}
//	send {connection, data, padding?, recordSize?}
//	    -> {}                         when the data has gone to the transport
//	receive {connection, length}
//	    -> {data, end?}               that many bytes, or those before the end
//	drain {connection}
//	    -> {length, sha256, end}      all bytes until the end
//	keyUpdate {connection, padding?}
//	    -> {}
//	rekey {connection}
//	    -> {}                         a client's, when REKEY_DONE was sent
//	startRekey {connection, close?}
//	    -> {}                         when REKEY_INIT was sent; with CLOSE right
//	                                  behind it
//	answer {connection, close?}
//	    -> {}                         a server's, to a REKEY_INIT that waits for
//	                                  rekeyLeast; with CLOSE right behind it
//	close {connection, padding?, fin?:false}
//	    -> {}                         CLOSE, and FIN unless it is not to
//	truncate {connection}
//	    -> {}                         FIN without CLOSE
//	abort {connection, code?}
//	    -> {}                         ALERT, by default close_by_user
//	end {connection}
//	    -> {outcome}                  once the connection has ended
//	exporter {connection, label, context?, length}
//	    -> {data}
//	keys {connection}
//	    -> {sent, received, rekeys, rekey:"idle"|"asked"|"answered", keyLog}
//	frame {connection, type, content}
//	    -> {}                         any frame
//	record {connection, type, content, padding?}
//	    -> {}                         any record, under the present key, which
//	                                  it does not change
//	plaintext {connection, content}
//	    -> {}                         a record of any plaintext
//	raw {connection, content}
//	    -> {}                         any bytes
//	vectors {vectors}
//	    -> {agree, differing}         of a file's JSON; the paths that differ. Not
//	                                  beside connections: it replaces the generator
//	                                  of the process while it signs
//	seal {connection, type?, content, padding?, ahead?, updates?}
//	    -> {frame}                    a record that is not sent, see attack.go
//	lastRecord {connection}
//	    -> {frame}                    the last that has come
//	transcript {connection}
//	    -> {frames}                   of the handshake, both sides'
//
// "opened" is {connection, suite, peerKey, peerFingerprint}. "failure" and
// "outcome" are as outcome.go says. "end" is "close" or the end in an outcome.
// The counts of keys are those of the switches in that direction.
//
// Options: identities (names) and trust (fingerprints, or "any") are needed.
// suites: names, the preferred first, by default the first two that there is
// an identity for. prologue: bytes. versions: numbers, by default [1].
// pieces: bytes in one TCP segment that we send, 0 for a whole flight at once;
// reads: bytes taken from TCP at once. rekeyLeast: milliseconds. early: data
// that a client sends together with ClientFinished. batch: {size, place?}, how a
// server signs for several, see batch.go; noBatches: a client takes none. attack:
// what a hostile peer does in the handshake, see attack.go.
package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"sync"
)

// serve answers every line of in on out.
func serve(in io.Reader, out io.Writer) error {
	p := newPeer()
	var writing sync.Mutex
	encoder := json.NewEncoder(out)
	encoder.SetEscapeHTML(false)
	reader := bufio.NewReaderSize(in, 1<<16)
	for {
		line, err := reader.ReadBytes('\n')
		if err != nil && err != io.EOF {
			return err
		}
		if len(bytes.TrimSpace(line)) > 0 {
			go func() {
				answer := p.handle(line)
				writing.Lock()
				defer writing.Unlock()
				encoder.Encode(answer)
			}()
		}
		if err == io.EOF {
			return nil
		}
	}
}

func main() {
	if len(os.Args) > 1 {
		fmt.Fprintf(os.Stderr, "pqsock-peer: unknown arguments %q\n", os.Args[1:])
		os.Exit(2)
	}
	if err := serve(os.Stdin, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "pqsock-peer:", err)
		os.Exit(1)
	}
}
