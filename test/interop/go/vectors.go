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
	in         string // the group of the file that is computed: none, inBatch or inKeyChoice
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
	secrets, err := v.handshake(clients, servers)
	if err != nil {
		return err
	}
	if err := v.export(secrets.exporter); err != nil {
		return err
	}
	if err := v.records(secrets); err != nil {
		return err
	}
	if err := v.batch(clients, servers); err != nil {
		return err
	}
	return v.keyChoice(clients, servers)
}

const (
	inBatch     = "batch."
	inKeyChoice = "key_choice."
)

// keyChoice is a handshake in which the server shows another key before its own.
func (v *vectorRun) keyChoice(clients, servers *identity) error {
	v.in = inKeyChoice
	_, err := v.handshake(clients, servers)
	return err
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

// handshake makes the eight frames, and gives the secrets of the connection.
func (v *vectorRun) handshake(clients, servers *identity) (secrets, error) {
	in, s := &v.plan.Inputs, v.suite
	v.transcript, v.frames = newTranscript(in.Prologue), 0
	if v.in == "" {
		v.set("transcript.T0", v.transcript.bytes)
	}

	offer := serverHello{
		versions: []byte{version1}, random: in.Server.Random, suites: []uint16{s.id},
		keys: []shownKey{{s.sigalg.id, servers.public}},
	}
	choice := clientHello{version: version1, suite: s.id, random: in.Client.Random, key: clients.public}
	signatureRandom := in.Client.SigRnd
	switch v.in {
	case inBatch:
		offer.extensions, choice.extensions = batchesExtension, batchesExtension
		signatureRandom = in.Batch.ClientSigRnd
	case inKeyChoice:
		other, err := newIdentity(s.sigalg, in.KeyChoice.NewSigSeed)
		if err != nil {
			return secrets{}, err
		}
		v.set(v.in+"new_pk", other.public)
		offer.keys = []shownKey{{s.sigalg.id, other.public}, offer.keys[0]}
		offer.extensions = []extension{{kind: extensionKeyChoice}}
		choice.extensions = []extension{{kind: extensionKeyChoice, data: []byte{1}}}
		signatureRandom = in.KeyChoice.ClientSigRnd
	}
	v.frame(frameServerHello, "ServerHello", server, offer.encode())
	v.frame(frameClientHello, "ClientHello", client, choice.encode())

	key, err := s.newKemKey(joined(in.Client.KemSeed, in.Client.X25519))
	if err != nil {
		return secrets{}, err
	}
	v.frame(frameClientKem, "ClientKem", client, key.public)
	thCK := v.hash("TH_CK")
	signature, err := v.sign(clients, signingInput("client", thCK), signatureRandom, v.given(headerSize))
	if err != nil {
		return secrets{}, err
	}
	v.frame(frameClientAuth, "ClientAuth", client, signature)

	ct, ss, err := s.encapsulate(key.public, joined(in.Server.KemM, in.Server.X25519))
	if err != nil {
		return secrets{}, err
	}
	v.frame(frameServerKem, "ServerKem", server, ct)
	thSK := v.hash("TH_SK")
	auth, err := v.serverAuth(servers, signingInput("server", thSK))
	if err != nil {
		return secrets{}, err
	}
	v.frame(frameServerAuth, "ServerAuth", server, auth)

	if same, err := key.decapsulate(ct); err != nil || !bytes.Equal(same, ss) {
		return secrets{}, errors.New("the two sides of the KEM disagree")
	}
	early, derived, hs := handshakeSecret(ss)
	serversKey, clientsKey := serverMacKey(hs, thSK), clientMacKey(hs, thSK)
	serversMac := mac(serversKey, v.hash("TH_SA"))
	v.frame(frameServerFinished, "ServerFinished", server, serversMac)
	clientsMac := mac(clientsKey, v.hash("TH_SF"))
	v.frame(frameClientFinished, "ClientFinished", client, clientsMac)
	opened, master := openSecrets(hs, v.hash("TH_CF"))
	for name, value := range map[string][]byte{
		"ss": ss, "early": early, "d": derived, "hs": hs,
		"s_finished": serversKey, "c_finished": clientsKey, "mac_s": serversMac, "mac_c": clientsMac,
		"c_0": opened.client, "s_0": opened.server, "ms": master, "exp": opened.exporter, "rk_0": opened.rekey,
	} {
		v.set(v.in+"key_schedule."+name, value)
	}
	return opened, nil
}

// serverAuth is the body of ServerAuth, for what would be signed alone.
func (v *vectorRun) serverAuth(servers *identity, input []byte) ([]byte, error) {
	signatureRandom := v.plan.Inputs.Server.SigRnd
	switch v.in {
	case inBatch:
		return v.batchAuth(servers, input)
	case inKeyChoice:
		signatureRandom = v.plan.Inputs.KeyChoice.ServerSigRnd
	}
	signature, err := v.sign(servers, input, signatureRandom, v.given(headerSize+1))
	return append([]byte{0}, signature...), err
}

func (v *vectorRun) frame(t frameType, name string, sender side, body []byte) {
	f := frame(t, body)
	v.transcript.add(f)
	path := fmt.Sprintf("%sframes.%d.", v.in, v.frames)
	v.set(path+"name", name)
	v.set(path+"sender", sender)
	v.set(path+"frame", f)
	v.frames++
}

func (v *vectorRun) hash(name string) []byte {
	th := v.transcript.hash()
	v.set(v.in+"transcript."+name, th)
	return th
}

// fixedRandom is held while the system's generator is replaced.
var fixedRandom sync.Mutex

// givenSignature is one in the file, by the path of where it is.
type givenSignature struct {
	path string
	hex  string
}

// given is the signature that begins at an offset of the next frame.
func (v *vectorRun) given(offset int) givenSignature {
	frames := v.plan.Frames
	switch v.in {
	case inBatch:
		frames = v.plan.Batch.Frames
	case inKeyChoice:
		frames = v.plan.KeyChoice.Frames
	}
	g := givenSignature{path: fmt.Sprintf("%sframes.%d.frame", v.in, v.frames)}
	if v.frames < len(frames) && len(frames[v.frames].Frame) > 2*offset {
		g.hex = frames[v.frames].Frame[2*offset:]
	}
	return g
}

// sign computes a signature with its randomness given, or takes the one of the
// file, and verifies it.
func (v *vectorRun) sign(i *identity, input, rnd []byte, in givenSignature) ([]byte, error) {
	if i.sigalg == mlDSA87 {
		fixedRandom.Lock()
		defer fixedRandom.Unlock()
		system := rand.Reader
		rand.Reader = bytes.NewReader(rnd)
		defer func() { rand.Reader = system }()
		return i.sign(input)
	}
	signature, err := hex.DecodeString(in.hex)
	if err != nil || !i.sigalg.verify(i.public, input, signature) {
		v.wrong[in.path] = true
		return i.sign(input)
	}
	return signature, nil
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
