package main

import (
	"bytes"
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"sort"
	"sync"
)

// Test vectors (test/vectors/README.md). Everything that a file expects is
// computed anew from its inputs, by the functions that the live protocol uses,
// and compared leaf by leaf. CIRCL can't be given the randomness of a
// Dilithium5 signature: those are taken from the file and verified.

// vectorRun is a recomputation. What it computes goes into values, by path.
type vectorRun struct {
	plan       *vectorPlan
	suite      *suite
	values     map[string]string
	wrong      map[string]bool
	transcript transcript
	frames     int
}

func (v *vectorRun) set(path string, value any) {
	switch value := value.(type) {
	case []byte:
		v.values[path] = hex.EncodeToString(value)
	default:
		v.values[path] = fmt.Sprint(value)
	}
}

// checkVectors gives how many values agree, and the paths of those that don't.
// An error is a file that can't be read as one.
func checkVectors(file []byte) (agree int, differing []string, err error) {
	var plan vectorPlan
	if err := json.Unmarshal(file, &plan); err != nil {
		return 0, nil, err
	}
	v := &vectorRun{plan: &plan, values: map[string]string{}, wrong: map[string]bool{}}
	if v.suite, err = suiteByName(plan.Suite.Name); err != nil {
		if v.suite = suiteByID(plan.Suite.ID); v.suite == nil {
			return 0, nil, err
		}
	}
	if err := v.compute(); err != nil {
		return 0, nil, err
	}
	expected, err := leaves(file)
	if err != nil {
		return 0, nil, err
	}
	for path, value := range expected {
		if computed, known := v.values[path]; !known || computed != value {
			v.wrong[path] = true
		}
	}
	for path := range v.values {
		if _, there := expected[path]; !there {
			v.wrong[path] = true
		}
	}
	for path := range v.wrong {
		differing = append(differing, path)
	}
	sort.Strings(differing)
	return len(v.values) - len(differing), differing, nil
}

func (v *vectorRun) compute() error {
	v.set("version", version1)
	v.set("suite.id", v.suite.id)
	v.set("suite.name", v.suite.name)
	v.set("suite.sigalg", v.suite.sigalg.id)

	in := &v.plan.Inputs
	clients, err := v.identity("client", in.Client.SigSeed)
	if err != nil {
		return err
	}
	servers, err := v.identity("server", in.Server.SigSeed)
	if err != nil {
		return err
	}
	hs, err := v.handshake(clients, servers)
	if err != nil {
		return err
	}

	secrets, master := openSecrets(hs, v.transcript.hash())
	v.set("key_schedule.c_0", secrets.client)
	v.set("key_schedule.s_0", secrets.server)
	v.set("key_schedule.ms", master)
	v.set("key_schedule.exp", secrets.exporter)
	v.set("key_schedule.rk_0", secrets.rekey)
	if err := v.export(secrets.exporter); err != nil {
		return err
	}
	return v.records(secrets)
}

func (v *vectorRun) identity(role string, seed []byte) (*identity, error) {
	i, err := newIdentity(v.suite.sigalg, seed)
	if err != nil {
		return nil, err
	}
	v.set("identities."+role+".pk", i.public)
	v.set("identities."+role+".fingerprint", fingerprint(v.suite.sigalg, i.public))
	return i, nil
}

// handshake makes the eight frames, and gives hs.
func (v *vectorRun) handshake(clients, servers *identity) ([]byte, error) {
	in, s := &v.plan.Inputs, v.suite
	v.transcript = newTranscript(in.Prologue)
	v.set("transcript.T0", v.transcript.bytes)

	offer := serverHello{
		versions: []byte{version1}, random: in.Server.Random, suites: []uint16{s.id},
		keys: []shownKey{{s.sigalg.id, servers.public}},
	}
	choice := clientHello{version: version1, suite: s.id, random: in.Client.Random, key: clients.public}
	v.frame(frameServerHello, "ServerHello", server, offer.encode())
	v.frame(frameClientHello, "ClientHello", client, choice.encode())

	key, err := s.newKemKey(joined(in.Client.KemSeed, in.Client.X25519))
	if err != nil {
		return nil, err
	}
	v.frame(frameClientKem, "ClientKem", client, key.public)
	thCK := v.hash("TH_CK")
	signature, err := v.sign(clients, client, thCK, in.Client.SigRnd, headerSize)
	if err != nil {
		return nil, err
	}
	v.frame(frameClientAuth, "ClientAuth", client, signature)

	ct, ss, err := s.encapsulate(key.public, joined(in.Server.KemM, in.Server.X25519))
	if err != nil {
		return nil, err
	}
	v.frame(frameServerKem, "ServerKem", server, ct)
	thSK := v.hash("TH_SK")
	if signature, err = v.sign(servers, server, thSK, in.Server.SigRnd, headerSize+1); err != nil {
		return nil, err
	}
	v.frame(frameServerAuth, "ServerAuth", server, append([]byte{0}, signature...))

	if same, err := key.decapsulate(ct); err != nil || !bytes.Equal(same, ss) {
		return nil, errors.New("the two sides of the KEM disagree")
	}
	early, derived, hs := handshakeSecret(ss)
	serversKey, clientsKey := serverMacKey(hs, thSK), clientMacKey(hs, thSK)
	serversMac := mac(serversKey, v.hash("TH_SA"))
	v.frame(frameServerFinished, "ServerFinished", server, serversMac)
	clientsMac := mac(clientsKey, v.hash("TH_SF"))
	v.frame(frameClientFinished, "ClientFinished", client, clientsMac)
	v.hash("TH_CF")
	for name, value := range map[string][]byte{
		"ss": ss, "early": early, "d": derived, "hs": hs,
		"s_finished": serversKey, "c_finished": clientsKey, "mac_s": serversMac, "mac_c": clientsMac,
	} {
		v.set("key_schedule."+name, value)
	}
	return hs, nil
}

func (v *vectorRun) frame(t frameType, name string, sender side, body []byte) {
	f := frame(t, body)
	v.transcript.add(f)
	path := fmt.Sprintf("frames.%d.", v.frames)
	v.set(path+"name", name)
	v.set(path+"sender", sender)
	v.set(path+"frame", f)
	v.frames++
}

func (v *vectorRun) hash(name string) []byte {
	th := v.transcript.hash()
	v.set("transcript."+name, th)
	return th
}

// fixedRandom is held while the system's generator is replaced.
var fixedRandom sync.Mutex

// sign computes a signature with its randomness given, or takes the one of the
// file, which begins at an offset of the next frame, and verifies it.
func (v *vectorRun) sign(i *identity, role side, th, rnd []byte, offset int) ([]byte, error) {
	input := signingInput(string(role), th)
	if i.sigalg == mlDSA87 {
		fixedRandom.Lock()
		defer fixedRandom.Unlock()
		system := rand.Reader
		rand.Reader = bytes.NewReader(rnd)
		defer func() { rand.Reader = system }()
		return i.sign(input)
	}
	if v.frames >= len(v.plan.Frames) {
		return nil, errors.New("frames are missing")
	}
	path := fmt.Sprintf("frames.%d.frame", v.frames)
	given, err := hex.DecodeString(v.plan.Frames[v.frames].Frame)
	if err != nil || len(given) < offset || !i.sigalg.verify(i.public, input, given[offset:]) {
		v.wrong[path] = true
		return i.sign(input)
	}
	return given[offset:], nil
}

func (v *vectorRun) export(exporter []byte) error {
	for i, e := range v.plan.Exporter {
		context, err := hex.DecodeString(e.Context)
		if err != nil || e.Length < 1 || e.Length > 255*hashSize || len(e.Label) > 243 {
			return fmt.Errorf("exporter %d asks for what there is not", i)
		}
		path := fmt.Sprintf("exporter.%d.", i)
		v.set(path+"label", e.Label)
		v.set(path+"context", e.Context)
		v.set(path+"length", e.Length)
		v.set(path+"output", export(exporter, e.Label, context, e.Length))
	}
	return nil
}

func joined(parts ...[]byte) []byte { return bytes.Join(parts, nil) }
