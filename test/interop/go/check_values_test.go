package main

import (
	"bytes"
	"encoding/hex"
	"testing"
)

// The check values of chapter 18, copied from it.

func of(b byte, n int) []byte { return bytes.Repeat([]byte{b}, n) }

// begins says whether a value begins with the digits of the document.
func begins(t *testing.T, name string, value []byte, digits string) {
	t.Helper()
	if got := hex.EncodeToString(value); len(got) < len(digits) || got[:len(digits)] != digits {
		t.Errorf("%s is %s, not %s", name, got, digits)
	}
}

func TestCheckValues(t *testing.T) {
	s := suiteByID(2)
	offer := serverHello{
		versions: []byte{version1}, random: of(0x11, 32), suites: []uint16{2},
		keys: []shownKey{{2, of(0x22, 2592)}},
	}
	choice := clientHello{version: version1, suite: 2, random: of(0x33, 32), key: of(0x44, 2592)}
	tr := newTranscript(nil)
	begins(t, "H(T0)", tr.hash(), "33c875e4701ea004fe638ba394887843")
	hello := frame(frameServerHello, offer.encode())
	begins(t, "ServerHello", hello, "01000a4f5051534b")
	tr.add(hello)
	hello = frame(frameClientHello, choice.encode())
	begins(t, "ClientHello", hello, "02000a4801000233")
	tr.add(hello)
	tr.add(frame(frameClientKem, of(0x55, s.kemPublicSize)))
	begins(t, "TH_CK", tr.hash(), "e7f55ee8a12e1c82ca50bf39e6e2729c")
	input := signingInput("client", tr.hash())
	if len(input) != 148 {
		t.Errorf("%d bytes are signed", len(input))
	}
	begins(t, "H(the 148 bytes of sig_c)", hash(input), "f09be4cbd266aaf5acc96cdc6c9891af")
	tr.add(frame(frameClientAuth, of(0x66, 4627)))
	tr.add(frame(frameServerKem, of(0x77, s.kemCiphertextSize)))
	thSK := tr.hash()
	begins(t, "TH_SK", thSK, "c9117eb333374db39efdab7b46d5c126")
	tr.add(frame(frameServerAuth, append([]byte{0}, of(0x88, 4627)...)))
	begins(t, "TH_SA", tr.hash(), "fb23d06ebe28953c5381ef545275a3db")

	early, derived, hs := handshakeSecret(of(0x99, 32))
	begins(t, "early", early, "fd4a40cb6252b3c08d9b88d5bde85339")
	begins(t, "d", derived, "05bb5988d13c230d5c4cf3ee8bfb03f8")
	begins(t, "hs", hs, "3f5d9e1debd78765a2e4d48c6e24b699")
	serversMac := mac(serverMacKey(hs, thSK), tr.hash())
	begins(t, "mac_s", serversMac, "b13a4e8c929e150a8b9f2a23728e83ba")
	tr.add(frame(frameServerFinished, serversMac))
	begins(t, "TH_SF", tr.hash(), "826700c59442b688522cf314c29beddf")
	clientsMac := mac(clientMacKey(hs, thSK), tr.hash())
	begins(t, "mac_c", clientsMac, "7494697528b10d3fe61e4a5e61d86f18")
	tr.add(frame(frameClientFinished, clientsMac))
	begins(t, "TH_CF", tr.hash(), "67c62c7171226492ee7b790fd9bdfd3c")

	open, master := openSecrets(hs, tr.hash())
	begins(t, "c_0", open.client, "ec43b3f08b6b3a29a4c507f0377f0a8a")
	begins(t, "s_0", open.server, "053d7c0863dc1ce436bea2361285d67e")
	begins(t, "ms", master, "f40265cb168abec59118ce7bfdb2d1b2")
	begins(t, "exp", open.exporter, "04984a2b9b3570ba8bc6e4453ec0d148")
	begins(t, "rk_0", open.rekey, "71b20dc5a58eb79b37c82c41bd661a60")
	begins(t, "c_1", nextSecret(open.client), "cfd5c1d8f8ff35e3f8005e96accd4714")
	begins(t, "exporter", export(open.exporter, "test", nil, 16), "dadfbe66f36b23ef2469aca5337f80c0")

	key, iv := recordKey(open.client)
	begins(t, "key", key, "44253ab084a4edaf6f39995251dbe905c1b9e632695eed57889ac49ae06d38d3")
	begins(t, "iv", iv, "08d17598248caa1214dd3534")
	d := newDirection(open.client, nil)
	begins(t, "DATA", d.seal(plaintext(recordData, []byte("hello"), 0)),
		"100000162eeea04ad71710b8d0f334f8293dae9ff90aea8c8f2c")
	begins(t, "KEY_UPDATE", d.seal(plaintext(recordKeyUpdate, nil, 2)),
		"100000131e041c989ae28cad46e94ffb61fd6e2c5e7073")

	next, x := rekeySecrets(open.rekey, of(0xaa, 32), of(0x12, s.kemPublicSize), of(0xbb, s.kemCiphertextSize))
	begins(t, "x", x, "c47a266f93e0404fdccd665061854011")
	begins(t, "rk_1", next.rekey, "a6543a25f82ea6f6bc2e07d6b758cc2d")
	begins(t, "c'", next.client, "75f7d4b8079d238c28f6d36ed93353cd")
	begins(t, "s'", next.server, "272ecafb23c30cfeed7e77907085a671")
}

func TestFingerprints(t *testing.T) {
	for s, expected := range map[*sigalg]string{
		dilithium5: "pqsock1:dilithium5:HoiukbjQRQ5EXWC4japHOSwJQpwKBZAxetYXilJnuBY",
		mlDSA87:    "pqsock1:mldsa87:gWTQrVITjTXbaOtMjm-SK9KlDLy6QSfqP7ZgAIfEckI",
	} {
		if got := fingerprint(s, of(0x22, 2592)); got != expected {
			t.Errorf("%s, not %s", got, expected)
		}
	}
}

// TestSizes is the arithmetic at the ends of chapters 2 and 4.
func TestSizes(t *testing.T) {
	for id, expected := range map[uint16][2]int{1: {8883, 8875}, 2: {8915, 8907}, 3: {8947, 8939}} {
		s := suiteByID(id)
		key := make([]byte, s.sigalg.publicSize)
		offer := serverHello{
			versions: []byte{1}, random: make([]byte, 32), suites: []uint16{id}, keys: []shownKey{{s.sigalg.id, key}},
		}
		choice := clientHello{random: make([]byte, 32), key: key}
		signature := s.sigalg.signatureSize
		toClient := len(offer.encode()) + s.kemCiphertextSize + 1 + signature + macSize + 4*headerSize
		toServer := len(choice.encode()) + s.kemPublicSize + signature + macSize + 4*headerSize
		if toClient != expected[0] || toServer != expected[1] {
			t.Errorf("suite %d takes %d and %d bytes, not %v", id, toClient, toServer, expected)
		}
	}
}
