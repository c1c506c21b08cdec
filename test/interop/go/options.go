package main

import (
	"time"
)

// options are one side's, for one or more connections.
type options struct {
	suites        []*suite // the preferred one first
	versions      []byte
	identities    []*identity // of several of an algorithm, a server shows all and a client uses the first
	trust         trust
	prologue      []byte
	pieces, reads int
	rekeyLeast    time.Duration // a server's, between DONE and the next answer
	early         []byte        // data that a client sends with ClientFinished
	batch         *batchPlan    // a server's, which then offers batches
	noBatches     bool          // a client's, which takes none
	hooks         hooks
}

// trust is a policy: fingerprints, or anybody.
type trust struct {
	anybody bool
	pinned  map[string]bool
}

func (t trust) accepts(s *sigalg, key []byte) bool { return t.anybody || t.pinned[fingerprint(s, key)] }

// has says whether there may be a trusted key of that algorithm.
func (t trust) has(s *sigalg) bool {
	prefix := "pqsock1:" + s.name + ":"
	for f := range t.pinned {
		if len(f) > len(prefix) && f[:len(prefix)] == prefix {
			return true
		}
	}
	return t.anybody
}

// choose is the place of the key that a client takes: of those of an algorithm
// the first that is pinned, else the first; -1 if there is none.
func (t trust) choose(s *sigalg, keys []shownKey) int {
	first := -1
	for i, k := range keys {
		if k.sigalg != s.id {
			continue
		}
		if t.pinned[fingerprint(s, k.key)] {
			return i
		}
		if first < 0 {
			first = i
		}
	}
	return first
}

// identity is the one for a signature algorithm, of several the first, or nil.
func (o *options) identity(s *sigalg) *identity {
	for _, i := range o.identities {
		if i.sigalg == s {
			return i
		}
	}
	return nil
}

// hooks are the places where a peer can be made to deviate from the protocol;
// an honest one has none. handshake.go uses them.
type hooks struct {
	// body replaces the body of a message before its frame is made.
	body func(h *handshake, t frameType, body []byte) []byte
	// flight replaces the frames that are about to be written.
	flight func(h *handshake, frames [][]byte) [][]byte
	// signingInput replaces the 148 bytes before they are signed.
	signingInput func(h *handshake, input []byte) []byte
	// signer replaces the identity that signs.
	signer func(h *handshake, i *identity) *identity
	// mac replaces a MAC that we send.
	mac func(h *handshake, t frameType, mac []byte) []byte
	// ignore says whether a check of this name is not to be made.
	ignore func(check string) bool
}
