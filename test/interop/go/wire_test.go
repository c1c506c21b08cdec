package main

import (
	"bytes"
	"errors"
	"testing"
)

// The form of the two hellos (chapter 4): each case breaks one rule of it.

func goodOffer() *serverHello {
	return &serverHello{
		versions: []byte{1, 9}, random: of(1, 32), suites: []uint16{1, 2, 99},
		keys: []shownKey{{1, of(2, 2592)}, {2, of(3, 2592)}, {77, nil}},
	}
}

func goodChoice() *clientHello {
	return &clientHello{version: 1, suite: 2, random: of(1, 32), key: of(4, 2592)}
}

func TestOffersOfWrongForm(t *testing.T) {
	if _, err := decodeServerHello(goodOffer().encode()); err != nil {
		t.Fatal(err)
	}
	for name, spoil := range map[string]func(m *serverHello){
		"no version":          func(m *serverHello) { m.versions = nil },
		"9 versions":          func(m *serverHello) { m.versions = []byte{1, 2, 3, 4, 5, 6, 7, 8, 9} },
		"a version twice":     func(m *serverHello) { m.versions = []byte{9, 1, 9} },
		"no suite":            func(m *serverHello) { m.suites = nil },
		"9 suites":            func(m *serverHello) { m.suites = []uint16{1, 2, 3, 4, 5, 6, 7, 8, 9} },
		"a suite twice":       func(m *serverHello) { m.suites = []uint16{99, 1, 99} },
		"no key":              func(m *serverHello) { m.keys = nil },
		"5 keys":              func(m *serverHello) { m.keys = append(m.keys, shownKey{78, nil}, shownKey{79, nil}) },
		"a sigalg twice":      func(m *serverHello) { m.keys = append(m.keys, shownKey{77, of(1, 5)}) },
		"a choice of nothing": func(m *serverHello) { m.extensions = []extension{{extensionKeyChoice, nil}} },
		"a key twice": func(m *serverHello) {
			m.keys = append(m.keys, m.keys[0])
			m.extensions = []extension{{extensionKeyChoice, nil}}
		},
		"a choice with data": func(m *serverHello) {
			m.keys = append(m.keys, shownKey{1, of(5, 2592)})
			m.extensions = []extension{{extensionKeyChoice, []byte{0}}}
		},
		"a short key":             func(m *serverHello) { m.keys[0].key = of(2, 2591) },
		"a long key":              func(m *serverHello) { m.keys[1].key = of(2, 2593) },
		"a short random":          func(m *serverHello) { m.random = of(1, 31) },
		"too many extensions":     func(m *serverHello) { m.extensions = []extension{{7, of(0, 1021)}} },
		"an extension twice":      func(m *serverHello) { m.extensions = []extension{{7, nil}, {7, nil}} },
		"extensions out of order": func(m *serverHello) { m.extensions = []extension{{8, nil}, {7, nil}} },
	} {
		m := goodOffer()
		spoil(m)
		if _, err := decodeServerHello(m.encode()); !isDecodeError(err) {
			t.Errorf("%s: %v", name, err)
		}
	}
	several := goodOffer()
	several.keys = append(several.keys, shownKey{77, of(1, 5)})
	several.extensions = []extension{{extensionBatches, nil}, {extensionKeyChoice, nil}}
	if _, err := decodeServerHello(several.encode()); err != nil {
		t.Error(err)
	}
	good := goodOffer().encode()
	spoilt := [][]byte{nil, append(bytes.Clone(good), 0), append([]byte("pqsk"), good[4:]...)}
	for n := range good {
		spoilt = append(spoilt, good[:n])
	}
	for _, body := range spoilt {
		if _, err := decodeServerHello(body); !isDecodeError(err) {
			t.Errorf("of %d bytes: %v", len(body), err)
		}
	}
}

func TestChoicesOfWrongForm(t *testing.T) {
	if _, err := decodeClientHello(goodChoice().encode()); err != nil {
		t.Fatal(err)
	}
	for name, spoil := range map[string]func(m *clientHello){
		"mode 2":              func(m *clientHello) { m.mode = 2 },
		"a long random":       func(m *clientHello) { m.random = of(1, 33) },
		"too many extensions": func(m *clientHello) { m.extensions = []extension{{7, of(0, 1021)}} },
		"an extension twice":  func(m *clientHello) { m.extensions = []extension{{0, nil}, {0, nil}} },
		"an empty choice":     func(m *clientHello) { m.extensions = []extension{{extensionKeyChoice, nil}} },
		"a long choice":       func(m *clientHello) { m.extensions = []extension{{extensionKeyChoice, of(0, 2)}} },
	} {
		m := goodChoice()
		spoil(m)
		if _, err := decodeClientHello(m.encode()); !isDecodeError(err) {
			t.Errorf("%s: %v", name, err)
		}
	}
	good := goodChoice().encode()
	for n := range good {
		if _, err := decodeClientHello(good[:n]); !isDecodeError(err) {
			t.Errorf("of %d bytes: %v", n, err)
		}
	}
	cut := append(bytes.Clone(good[:len(good)-2]), 0, 3, 0, 7, 0) // an extension cut off within extlen
	for _, body := range [][]byte{append(bytes.Clone(good), 0), cut} {
		if _, err := decodeClientHello(body); !isDecodeError(err) {
			t.Errorf("of %d bytes: %v", len(body), err)
		}
	}
}

func isDecodeError(err error) bool {
	var f *fault
	return errors.As(err, &f) && f.code == alertDecodeError
}

// TestReduced is the border of the coefficients (chapter 2).
func TestReduced(t *testing.T) {
	key := make([]byte, latticeSize)
	for place, spoil := range map[int][2]byte{
		0: {0x01, 0x0d}, 1533: {0x01, 0x0d}, // a + 256·(b mod 16) = 3329
	} {
		copy(key[place:], spoil[:])
		if reduced(key) {
			t.Errorf("3329 at %d is taken", place)
		}
		key[place] = 0
		if !reduced(key) {
			t.Errorf("3328 at %d is refused", place)
		}
		key[place+1] = 0
	}
	copy(key[1:], []byte{0x10, 0xd0}) // ⌊b/16⌋ + 16·c = 3329
	if reduced(key) {
		t.Error("3329 as a second one is taken")
	}
	key[1] = 0
	if !reduced(key) {
		t.Error("3328 as a second one is refused")
	}
	copy(key[1536:], of(0xff, 32))
	if !reduced(key) {
		t.Error("the seed behind the coefficients is taken for some")
	}
}
