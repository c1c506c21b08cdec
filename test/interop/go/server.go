package main

import (
	"crypto/hmac"
	"errors"
	"slices"
)

// The server's side of the handshake (chapter 5).

var serverSteps = []step{
	serverPutHello,
	(*handshake).flush,
	serverTakeHello,
	serverJudgeChoice,
	(*handshake).judgeKey,
	serverTakeKem,
	serverTakeAuth,
	serverCheckKem,
	serverVerify,
	serverPutKem,
	serverPutAuth,
	serverPutFinished,
	(*handshake).flush,
	serverTakeFinished,
	(*handshake).open,
	(*handshake).start,
}

func serverPutHello(h *handshake) error {
	h.offer = &serverHello{versions: h.options.versions, random: randomBytes(randomSize)}
	for _, s := range h.options.suites {
		if h.options.identity(s.sigalg) != nil {
			h.offer.suites = append(h.offer.suites, s.id)
		}
	}
	for _, i := range h.options.identities {
		h.offer.keys = append(h.offer.keys, shownKey{i.sigalg.id, i.public})
	}
	if h.options.batch != nil {
		h.offer.extensions = batchesExtension
	}
	if hasChoice(h.offer.keys) {
		h.offer.extensions = append(slices.Clone(h.offer.extensions), extension{kind: extensionKeyChoice})
	}
	h.put(frameServerHello, h.offer.encode())
	return nil
}

// serverTakeHello is step 1.
func serverTakeHello(h *handshake) error {
	body, err := h.take(frameClientHello)
	if err != nil {
		return err
	}
	h.heard = true
	h.choice, err = decodeClientHello(body)
	return err
}

// serverJudgeChoice is steps 2 to 5.
func serverJudgeChoice(h *handshake) error {
	m := h.choice
	if err := h.check("version", slices.Contains(h.options.versions, m.version), alertNoCommonVersion,
		"the client chose a version that was not offered"); err != nil {
		return err
	}
	if slices.Contains(h.offer.suites, m.suite) {
		h.suite = suiteByID(m.suite)
	}
	if h.suite == nil {
		return faultf(alertNoCommonSuite, "the client chose a suite that was not offered")
	}
	h.own = h.options.identity(h.suite.sigalg)
	if err := h.check("mode", m.mode == 0, alertTicketRejected, "no tickets are taken"); err != nil {
		return err
	}
	h.batches = h.options.batch != nil && holdsBatches(m.extensions)
	unknown := len(m.extensions)
	if h.batches {
		unknown--
	}
	chosen := true
	if hasChoice(h.offer.keys) {
		place, there := keyChoice(m.extensions)
		if chosen = there && int(place[0]) < len(h.options.identities); chosen {
			h.own = h.options.identities[place[0]]
			chosen = h.own.sigalg == h.suite.sigalg
			unknown--
		}
	}
	h.peerKey = m.key
	right := len(m.key) == h.suite.sigalg.publicSize && unknown == 0 && chosen
	return h.check("ClientHello", right, alertDecodeError,
		"a key of a wrong length, an extension not offered, or no key chosen")
}

func serverTakeKem(h *handshake) (err error) {
	h.kemPK, err = h.take(frameClientKem)
	h.thCK = h.transcript.hash()
	return err
}

func serverTakeAuth(h *handshake) (err error) {
	h.peerSig, err = h.take(frameClientAuth)
	return err
}

// serverCheckKem is step 8.
func serverCheckKem(h *handshake) error {
	return h.check("kem_pk", reduced(h.kemPK), alertDecodeError, "a coefficient of kem_pk is not reduced")
}

// serverVerify is step 9.
func serverVerify(h *handshake) error {
	right := h.suite.sigalg.verify(h.peerKey, signingInput("client", h.thCK), h.peerSig)
	return h.check("signature", right, alertAuthFailed, "the client's signature is wrong")
}

// serverPutKem is step 10.
func serverPutKem(h *handshake) (err error) {
	h.kemCT, h.shared, err = h.suite.encapsulate(h.kemPK, randomBytes(h.suite.encapsulateRandom()))
	if errors.Is(err, errAllZero) {
		return faultf(alertDecodeError, "%v", err)
	}
	if err != nil {
		return err
	}
	_, _, h.hs = handshakeSecret(h.shared)
	h.put(frameServerKem, h.kemCT)
	h.thSK = h.transcript.hash()
	return nil
}

// serverPutAuth is the first half of step 11.
func serverPutAuth(h *handshake) error {
	if h.options.batch != nil && h.check("agreement", h.batches, 0, "") == nil {
		proof, err := h.options.batch.join(signingInput(string(h.side), h.thSK), h.signInput)
		if err == nil {
			h.put(frameServerAuth, proof.encode())
		}
		return err
	}
	signature, err := h.sign(h.thSK)
	if err != nil {
		return err
	}
	h.put(frameServerAuth, append([]byte{0}, signature...))
	return nil
}

func serverPutFinished(h *handshake) error {
	h.putMAC(frameServerFinished, mac(serverMacKey(h.hs, h.thSK), h.transcript.hash()))
	return nil
}

// serverTakeFinished is step 12.
func serverTakeFinished(h *handshake) error {
	expected := mac(clientMacKey(h.hs, h.thSK), h.transcript.hash())
	body, err := h.take(frameClientFinished)
	if err != nil {
		return err
	}
	return h.check("MAC", hmac.Equal(body, expected), alertAuthFailed, "the client's MAC is wrong")
}
