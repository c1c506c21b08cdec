package main

import "bytes"

// The transcript and what is signed over it (chapter 6).

type transcript struct{ bytes []byte }

func newTranscript(prologue []byte) transcript {
	start := append([]byte("pqsock1 transcript"), 0)
	return transcript{append(start, vec8(prologue)...)}
}

// add appends a frame with its header.
func (t *transcript) add(frame []byte) { t.bytes = append(t.bytes, frame...) }

// hash is TH_x, x being the frame that was added last.
func (t *transcript) hash() []byte { return hash(t.bytes) }

// signingInput is what a side signs, "client" over TH_CK, "server" over TH_SK.
func signingInput(role string, th []byte) []byte { return labelled("pqsock1 "+role+" auth", th) }

func labelled(label string, content []byte) []byte {
	input := append(bytes.Repeat([]byte{0x20}, 64), label...)
	return append(append(input, 0), content...)
}
