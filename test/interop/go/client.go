package main

import (
	"crypto/hmac"
	"errors"
	"slices"
)

// The client's side of the handshake (chapters 5 and 12).

var clientSteps = []step{
	clientTakeHello,
	clientChooseVersion,
	clientChooseSuite,
	(*handshake).judgeKey,
	clientPutHello,
	clientPutKem,
	clientPutAuth,
	(*handshake).flush,
	clientTakeKem,
	clientTakeAuth,
	clientVerify,
	clientDecapsulate,
	clientTakeFinished,
	clientPutFinished,
	(*handshake).open,
	clientEarlyData,
	(*handshake).flush,
	(*handshake).start,
}

// clientTakeHello is step 1.
func clientTakeHello(h *handshake) error {
	body, err := h.take(frameServerHello)
	if err != nil {
		return err
	}
	if h.offer, err = decodeServerHello(body); err != nil {
		return err
	}
	h.batches = holdsBatches(h.offer.extensions) && !h.options.noBatches
	h.heard = true
	return nil
}

// clientChooseVersion is step 2.
func clientChooseVersion(h *handshake) error {
	for _, ours := range h.options.versions {
		for _, theirs := range h.offer.versions {
			if ours == theirs && ours > h.version {
				h.version = ours
			}
		}
	}
	return h.check("version", h.version != 0, alertNoCommonVersion, "the server has none of our versions")
}

// clientChooseSuite is step 3.
func clientChooseSuite(h *handshake) error {
	for _, s := range h.options.suites {
		for _, theirs := range h.offer.suites {
			own, place := h.options.identity(s.sigalg), h.options.trust.choose(s.sigalg, h.offer.keys)
			if h.suite == nil && theirs == s.id && own != nil && place >= 0 && h.options.trust.has(s.sigalg) {
				h.suite, h.own, h.peerKey, h.place = s, own, h.offer.keys[place].key, place
			}
		}
	}
	return h.check("suite", h.suite != nil, alertNoCommonSuite, "no suite will do")
}

func clientPutHello(h *handshake) error {
	h.choice = &clientHello{
		version: h.version,
		suite:   h.suite.id,
		random:  randomBytes(randomSize),
		key:     h.own.public,
	}
	if h.batches {
		h.choice.extensions = batchesExtension
	}
	if _, offered := keyChoice(h.offer.extensions); offered {
		chosen := extension{kind: extensionKeyChoice, data: []byte{byte(h.place)}}
		h.choice.extensions = append(slices.Clone(h.choice.extensions), chosen)
	}
	h.put(frameClientHello, h.choice.encode())
	return nil
}

func clientPutKem(h *handshake) (err error) {
	if h.kemKey, err = h.suite.newKemKey(randomBytes(h.suite.kemKeyRandom())); err != nil {
		return err
	}
	h.kemPK = h.kemKey.public
	h.put(frameClientKem, h.kemPK)
	h.thCK = h.transcript.hash()
	return nil
}

func clientPutAuth(h *handshake) error {
	signature, err := h.sign(h.thCK)
	if err != nil {
		return err
	}
	h.put(frameClientAuth, signature)
	return nil
}

func clientTakeKem(h *handshake) (err error) {
	h.kemCT, err = h.take(frameServerKem)
	h.thSK = h.transcript.hash()
	return err
}

// clientTakeAuth is step 7.
func clientTakeAuth(h *handshake) error {
	body, err := h.take(frameServerAuth)
	if err != nil {
		return err
	}
	h.signed = signingInput("server", h.thSK)
	if body[0] == 1 && h.batches {
		proof, err := decodeBatch(body, h.suite.sigalg)
		if err == nil {
			h.signed, h.peerSig = proof.signed(h.signed), proof.signature
		}
		return err
	}
	h.peerSig = body[1:]
	right := body[0] == 0 && len(h.peerSig) == h.suite.sigalg.signatureSize
	return h.check("kind of ServerAuth", right, alertDecodeError, "ServerAuth is neither a signature nor a batch")
}

// clientVerify is step 8.
func clientVerify(h *handshake) error {
	right := h.suite.sigalg.verify(h.peerKey, h.signed, h.peerSig)
	return h.check("signature", right, alertAuthFailed, "the server's signature is wrong")
}

// clientDecapsulate is step 9.
func clientDecapsulate(h *handshake) (err error) {
	h.shared, err = h.kemKey.decapsulate(h.kemCT)
	h.kemKey = nil
	if errors.Is(err, errAllZero) {
		return faultf(alertDecodeError, "%v", err)
	}
	_, _, h.hs = handshakeSecret(h.shared)
	return err
}

// clientTakeFinished is step 10.
func clientTakeFinished(h *handshake) error {
	expected := mac(serverMacKey(h.hs, h.thSK), h.transcript.hash())
	body, err := h.take(frameServerFinished)
	if err != nil {
		return err
	}
	return h.check("MAC", hmac.Equal(body, expected), alertAuthFailed, "the server's MAC is wrong")
}

func clientPutFinished(h *handshake) error {
	h.putMAC(frameClientFinished, mac(clientMacKey(h.hs, h.thSK), h.transcript.hash()))
	return nil
}

// clientEarlyData seals what is to go out together with ClientFinished.
func clientEarlyData(h *handshake) error {
	if h.options.early != nil {
		h.flight = append(h.flight, h.opened.sealData(h.options.early, 0, maxContent))
	}
	return nil
}
