package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"sync"
	"time"
)

// The requests of main.go's comment.

// request is one line of input. A []byte is base64.
type request struct {
	ID         json.RawMessage `json:"id"`
	Op         string          `json:"op"`
	Algorithm  string          `json:"algorithm"`
	Listener   string          `json:"listener"`
	Connection string          `json:"connection"`
	Port       int             `json:"port"`
	Options    requestOptions  `json:"options"`
	Data       []byte          `json:"data"`
	Content    []byte          `json:"content"`
	Length     int             `json:"length"`
	Padding    int             `json:"padding"`
	RecordSize int             `json:"recordSize"`
	FIN        *bool           `json:"fin"`
	Close      bool            `json:"close"`
	Code       *byte           `json:"code"`
	Label      string          `json:"label"`
	Context    []byte          `json:"context"`
	Type       byte            `json:"type"`
	Vectors    json.RawMessage `json:"vectors"`
	Ahead      uint64          `json:"ahead"`
	Updates    int             `json:"updates"`
}

type requestOptions struct {
	Suites     []string        `json:"suites"`
	Identities []string        `json:"identities"`
	Trust      json.RawMessage `json:"trust"`
	Prologue   []byte          `json:"prologue"`
	Versions   []int           `json:"versions"`
	Pieces     int             `json:"pieces"`
	Reads      int             `json:"reads"`
	RekeyLeast *int            `json:"rekeyLeast"`
	Early      []byte          `json:"early"`
	Batch      *batchPlan      `json:"batch"`
	NoBatches  bool            `json:"noBatches"`
	Attack     *attack         `json:"attack"`
}

// answer holds what a request comes to, besides its id.
type answer map[string]any

// peer is the state that requests share.
type peer struct {
	mu          sync.Mutex
	identities  map[string]*identity
	listeners   map[string]*listener
	connections map[string]*connection
}

type listener struct {
	tcp     *net.TCPListener
	results chan answer
}

func newPeer() *peer {
	return &peer{
		identities:  map[string]*identity{},
		listeners:   map[string]*listener{},
		connections: map[string]*connection{},
	}
}

// handle answers one line. A panic becomes an error of the request.
func (p *peer) handle(line []byte) (a answer) {
	var r request
	defer func() {
		if failure := recover(); failure != nil {
			a = answer{"error": fmt.Sprint(failure)}
		}
		a["id"] = r.ID
	}()
	if err := json.Unmarshal(line, &r); err != nil {
		return answer{"error": err.Error()}
	}
	run := operations[r.Op]
	if run == nil {
		return answer{"error": fmt.Sprintf("unknown op %q", r.Op)}
	}
	a, err := run(p, &r)
	if err != nil {
		return answer{"error": err.Error()}
	}
	if a == nil {
		a = answer{}
	}
	return a
}

// operations by their name.
var operations = map[string]func(p *peer, r *request) (answer, error){
	"identity":   (*peer).identity,
	"listen":     (*peer).listen,
	"accept":     (*peer).accept,
	"stop":       (*peer).stop,
	"connect":    (*peer).connect,
	"vectors":    (*peer).vectors,
	"send":       ofConnection(opSend),
	"receive":    ofConnection(opReceive),
	"drain":      ofConnection(opDrain),
	"keyUpdate":  ofConnection(opKeyUpdate),
	"rekey":      ofConnection(opRekey),
	"startRekey": ofConnection(opStartRekey),
	"answer":     ofConnection(opAnswer),
	"close":      ofConnection(opClose),
	"truncate":   ofConnection(opTruncate),
	"abort":      ofConnection(opAbort),
	"end":        ofConnection(opEnd),
	"exporter":   ofConnection(opExporter),
	"keys":       ofConnection(opKeys),
	"frame":      ofConnection(opFrame),
	"record":     ofConnection(opRecord),
	"plaintext":  ofConnection(opPlaintext),
	"raw":        ofConnection(opRaw),
	"seal":       ofConnection(opSeal),
	"lastRecord": ofConnection(opLastRecord),
	"transcript": ofConnection(opTranscript),
}

func (p *peer) identity(r *request) (answer, error) {
	s := map[string]*sigalg{"Dilithium5": dilithium5, "ML-DSA-87": mlDSA87}[r.Algorithm]
	if s == nil {
		return nil, fmt.Errorf("unknown algorithm %q", r.Algorithm)
	}
	i, err := newIdentity(s, randomBytes(32))
	if err != nil {
		return nil, err
	}
	name := put(p, p.identities, "identity", i)
	return answer{"identity": name, "publicKey": i.public, "secretKey": i.secret, "fingerprint": fingerprint(s, i.public)}, nil
}

func (p *peer) listen(r *request) (answer, error) {
	o, err := p.options(&r.Options)
	if err != nil {
		return nil, err
	}
	tcp, err := net.ListenTCP("tcp4", &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		return nil, err
	}
	l := &listener{tcp: tcp, results: make(chan answer, 1024)}
	go func() {
		for {
			conn, err := tcp.AcceptTCP()
			if err != nil {
				return
			}
			go func() { l.results <- p.handshake(server, conn, o) }()
		}
	}()
	name := put(p, p.listeners, "listener", l)
	return answer{"listener": name, "port": tcp.Addr().(*net.TCPAddr).Port}, nil
}

func (p *peer) accept(r *request) (answer, error) {
	l, err := p.listener(r)
	if err != nil {
		return nil, err
	}
	return <-l.results, nil
}

func (p *peer) stop(r *request) (answer, error) {
	l, err := p.listener(r)
	if err != nil {
		return nil, err
	}
	return nil, l.tcp.Close()
}

func (p *peer) listener(r *request) (*listener, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	l := p.listeners[r.Listener]
	if l == nil {
		return nil, fmt.Errorf("no listener %q", r.Listener)
	}
	return l, nil
}

func (p *peer) connect(r *request) (answer, error) {
	o, err := p.options(&r.Options)
	if err != nil {
		return nil, err
	}
	conn, err := net.DialTCP("tcp4", nil, &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: r.Port})
	if err != nil {
		return nil, err
	}
	return p.handshake(client, conn, o), nil
}

func (p *peer) vectors(r *request) (answer, error) {
	agree, differing, err := checkVectors(r.Vectors)
	return answer{"agree": agree, "differing": differing}, err
}

func (p *peer) handshake(s side, conn *net.TCPConn, o *options) answer {
	c, failure := runHandshake(s, newTransport(conn, o.pieces, o.reads), o)
	if failure != nil {
		return answer{"failure": failure}
	}
	return answer{
		"connection":      put(p, p.connections, "connection", c),
		"suite":           c.suite.name,
		"peerKey":         c.peerKey,
		"peerFingerprint": fingerprint(c.suite.sigalg, c.peerKey),
	}
}

// put gives something a name.
func put[T any](p *peer, where map[string]T, kind string, what T) string {
	p.mu.Lock()
	defer p.mu.Unlock()
	name := fmt.Sprintf("%s %d", kind, len(where))
	where[name] = what
	return name
}

func (p *peer) options(r *requestOptions) (*options, error) {
	o := &options{
		prologue: r.Prologue, pieces: r.Pieces, reads: r.Reads, early: r.Early, rekeyLeast: 10 * time.Second,
		batch: r.Batch, noBatches: r.NoBatches,
	}
	if b := r.Batch; b != nil && !b.valid() {
		return nil, errors.New("a batch has 2 to 64 places")
	}
	if r.RekeyLeast != nil {
		o.rekeyLeast = time.Duration(*r.RekeyLeast) * time.Millisecond
	}
	if len(o.prologue) > 255 {
		return nil, errors.New("the prologue is too long")
	}
	p.mu.Lock()
	for _, name := range r.Identities {
		i := p.identities[name]
		if i == nil || o.batch != nil && o.identity(i.sigalg) != nil {
			p.mu.Unlock()
			return nil, fmt.Errorf("no identity %q, or two of an algorithm that would be in one batch", name)
		}
		o.identities = append(o.identities, i)
	}
	var err error
	if r.Attack != nil {
		o.hooks, err = r.Attack.hooks(p)
	}
	p.mu.Unlock()
	if err != nil {
		return nil, err
	}
	for _, v := range r.Versions {
		o.versions = append(o.versions, byte(v))
	}
	if r.Versions == nil {
		o.versions = []byte{version1}
	}
	for _, name := range r.Suites {
		s, err := suiteByName(name)
		if err != nil {
			return nil, err
		}
		o.suites = append(o.suites, s)
	}
	if r.Suites == nil {
		o.suites = allSuites[:2]
	}
	return o, o.trust.parse(r.Trust)
}

// parse reads fingerprints, or "any". There is no default.
func (t *trust) parse(text json.RawMessage) error {
	if t.anybody = string(text) == `"any"`; t.anybody {
		return nil
	}
	var fingerprints []string
	if err := json.Unmarshal(text, &fingerprints); err != nil {
		return fmt.Errorf("trust is fingerprints or \"any\": %w", err)
	}
	t.pinned = map[string]bool{}
	for _, f := range fingerprints {
		t.pinned[f] = true
	}
	return nil
}
