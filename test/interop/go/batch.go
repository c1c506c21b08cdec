package main

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"slices"
	"sync"
)

// One signature for several handshakes (chapter 6), both sides of it.

const (
	extensionBatches = 0x0001
	nodeSize         = 32
	maxDepth         = 6
	// batchFixed is a batch without its nodes and its signature.
	batchFixed = 1 + nodeSize + 4 + nodeSize + 1
)

// batchProof is what one handshake is sent.
type batchProof struct {
	id, random []byte
	place      uint32
	siblings   [][]byte
	signature  []byte
}

func (p *batchProof) encode() []byte {
	b := append([]byte{1}, p.id...)
	b = binary.BigEndian.AppendUint32(b, p.place)
	b = append(b, p.random...)
	b = append(b, byte(len(p.siblings)))
	for _, node := range p.siblings {
		b = append(b, node...)
	}
	return append(b, p.signature...)
}

// decodeBatch checks the form of a ServerAuth that begins with 1.
func decodeBatch(body []byte, s *sigalg) (*batchProof, error) {
	p := parser{rest: body[1:]}
	m := &batchProof{id: p.bytes(nodeSize)}
	place := p.bytes(4)
	m.random = p.bytes(nodeSize)
	depth := p.count("depth", 1, maxDepth)
	for range depth {
		m.siblings = append(m.siblings, p.bytes(nodeSize))
	}
	m.signature = p.bytes(s.signatureSize)
	if err := p.end("ServerAuth"); err != nil {
		return nil, err
	}
	m.place = binary.BigEndian.Uint32(place)
	if m.place >= 1<<depth {
		return nil, faultf(alertDecodeError, "ServerAuth has a wrong place")
	}
	return m, nil
}

// signed are the bytes that the server has signed, if it signed input, too.
func (p *batchProof) signed(input []byte) []byte {
	node := leafNode(p.id, p.place, p.random, input)
	for l, sibling := range p.siblings {
		left, right := node, sibling
		if p.place>>l%2 == 1 {
			left, right = sibling, node
		}
		node = innerNode(p.id, l+1, p.place>>(l+1), left, right)
	}
	return batchInput(p.id, len(p.siblings), node)
}

func leafNode(id []byte, place uint32, random, input []byte) []byte {
	return hash32([]byte{0}, id, binary.BigEndian.AppendUint32(nil, place), random, input)
}

func innerNode(id []byte, level int, place uint32, left, right []byte) []byte {
	return hash32([]byte{1}, id, []byte{byte(level)}, binary.BigEndian.AppendUint32(nil, place), left, right)
}

func hash32(parts ...[]byte) []byte {
	sum := sha256.Sum256(bytes.Join(parts, nil))
	return sum[:]
}

func batchInput(id []byte, depth int, root []byte) []byte {
	return labelled("pqsock1 server batch", slices.Concat(id, []byte{byte(depth)}, root))
}

// batchTree has the nodes level by level, the leaves first, the root last.
type batchTree struct {
	id      []byte
	randoms [][]byte
	levels  [][][]byte
}

// newBatchTree takes a random value for each input, and one for each level
// whose number of nodes is odd, from random.
func newBatchTree(id []byte, inputs [][]byte, random func() []byte) *batchTree {
	t := &batchTree{id: id}
	var level [][]byte
	for i, input := range inputs {
		t.randoms = append(t.randoms, random())
		level = append(level, leafNode(id, uint32(i), t.randoms[i], input))
	}
	for {
		if len(level) > 1 && len(level)%2 == 1 {
			level = append(level, random())
		}
		t.levels = append(t.levels, level)
		if len(level) == 1 {
			return t
		}
		var next [][]byte
		for i := 0; i < len(level); i += 2 {
			next = append(next, innerNode(id, len(t.levels), uint32(i/2), level[i], level[i+1]))
		}
		level = next
	}
}

func (t *batchTree) depth() int { return len(t.levels) - 1 }

func (t *batchTree) root() []byte { return t.levels[t.depth()][0] }

func (t *batchTree) signed() []byte { return batchInput(t.id, t.depth(), t.root()) }

func (t *batchTree) proof(place int, signature []byte) *batchProof {
	p := &batchProof{id: t.id, place: uint32(place), random: t.randoms[place], signature: signature}
	for l := range t.depth() {
		p.siblings = append(p.siblings, t.levels[l][(place>>l)^1])
	}
	return p
}

// batchPlan is how a server of the tests makes batches. It signs when so many
// handshakes are there; or each at once, at a place among made-up neighbours.
type batchPlan struct {
	Size  int  `json:"size"`
	Place *int `json:"place"`

	mu      sync.Mutex
	waiting []*batchMember
}

func (b *batchPlan) valid() bool {
	return b.Size >= 2 && b.Size <= 1<<maxDepth && (b.Place == nil || *b.Place >= 0 && *b.Place < b.Size)
}

type batchMember struct {
	input []byte
	done  chan struct{}
	proof *batchProof
	err   error
}

func (b *batchPlan) join(input []byte, sign func([]byte) ([]byte, error)) (*batchProof, error) {
	if b.Place != nil {
		inputs := make([][]byte, b.Size)
		for i := range inputs {
			inputs[i] = randomBytes(len(input))
		}
		inputs[*b.Place] = input
		t := newBatchTree(randomBytes(nodeSize), inputs, randomNode)
		signature, err := sign(t.signed())
		return t.proof(*b.Place, signature), err
	}
	m := &batchMember{input: input, done: make(chan struct{})}
	b.mu.Lock()
	b.waiting = append(b.waiting, m)
	var members []*batchMember
	if len(b.waiting) == b.Size {
		members, b.waiting = b.waiting, nil
	}
	b.mu.Unlock()
	if members != nil {
		signTogether(members, sign)
	}
	<-m.done
	return m.proof, m.err
}

func signTogether(members []*batchMember, sign func([]byte) ([]byte, error)) {
	var inputs [][]byte
	for _, m := range members {
		inputs = append(inputs, m.input)
	}
	t := newBatchTree(randomBytes(nodeSize), inputs, randomNode)
	signature, err := sign(t.signed())
	for i, m := range members {
		m.proof, m.err = t.proof(i, signature), err
		close(m.done)
	}
}

func randomNode() []byte { return randomBytes(nodeSize) }
