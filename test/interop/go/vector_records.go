package main

import (
	"bytes"
	"encoding/hex"
	"errors"
	"fmt"
)

// The records of a file of test vectors, with their traffic secrets.

var recordNames = map[string]recordType{
	"DATA": recordData, "CLOSE": recordClose, "KEY_UPDATE": recordKeyUpdate,
	"REKEY_INIT": recordRekeyInit, "REKEY_RESP": recordRekeyResp, "REKEY_DONE": recordRekeyDone,
}

// records replays the plan of records, in both directions.
func (v *vectorRun) records(s secrets) error {
	in := &v.plan.Inputs
	if in.PadTo.Client < 1 || in.PadTo.Server < 1 {
		return errors.New("pad_to is less than 1")
	}
	key, err := v.suite.newKemKey(joined(in.Rekey.KemSeed, in.Rekey.ClientX25519))
	if err != nil {
		return err
	}
	ct, ss, err := v.suite.encapsulate(key.public, joined(in.Rekey.KemM, in.Rekey.ServerX25519))
	if err != nil {
		return err
	}
	next, x := rekeySecrets(s.rekey, ss, key.public, ct)
	for name, value := range map[string][]byte{
		"kem_pk": key.public, "kem_ct": ct, "ss_prime": ss, "x": x, "ctx": hash(joined(key.public, ct)),
		"rk_1": next.rekey, "c_prime": next.client, "s_prime": next.server,
	} {
		v.set("rekey."+name, value)
	}

	clients := &vectorDirection{run: v, name: "client", origin: "c_0", padTo: in.PadTo.Client}
	servers := &vectorDirection{run: v, name: "server", origin: "s_0", padTo: in.PadTo.Server}
	clients.direction = newDirection(s.client, clients.log)
	servers.direction = newDirection(s.server, servers.log)
	contents := map[recordType][]byte{recordRekeyInit: key.public, recordRekeyResp: ct}
	for i, r := range v.plan.Records {
		d := clients
		if r.Sender == "server" {
			d = servers
		}
		t := d.record(fmt.Sprintf("records.%d.", i), r.Type, contents, r.Content, r.Record)
		switch t {
		case recordKeyUpdate:
			d.origin = "upd"
			d.direction.update()
		case recordRekeyResp:
			servers.origin = "s'"
			servers.direction.switchTo(next.server)
		case recordRekeyDone:
			clients.origin = "c'"
			clients.direction.switchTo(next.client)
		}
	}
	return nil
}

// vectorDirection is a direction that writes down its traffic secrets.
type vectorDirection struct {
	run       *vectorRun
	name      string
	origin    string // what the next secret comes from
	padTo     int
	direction *direction
}

func (d *vectorDirection) log(generation int, secret []byte) {
	v, path := d.run, fmt.Sprintf("traffic_secrets.%s.%d.", d.name, generation)
	key, iv := recordKey(secret)
	v.set(path+"generation", generation)
	v.set(path+"from", d.origin)
	v.set(path+"secret", secret)
	v.set(path+"key", key)
	v.set(path+"iv", iv)
	v.set(path+"key_log", keyLogLine(d.name, generation, v.plan.Inputs.Client.Random, secret))
}

// record computes one record. The content of DATA is the plan's, and has to be
// what the file's record opens to.
func (d *vectorDirection) record(
	path, typeName string, contents map[recordType][]byte, given, sealed string,
) recordType {
	v, t := d.run, recordNames[typeName]
	content := contents[t]
	if t == recordData {
		var err error
		if content, err = hex.DecodeString(given); err != nil {
			v.wrong[path+"content"] = true
		}
	}
	// What opens says what was meant, if the plan's type or content is wrong.
	if frame, err := hex.DecodeString(sealed); err == nil && len(frame) > headerSize {
		pt, err := d.direction.aead.Open(nil, d.direction.nonce(), frame[headerSize:], frame[:headerSize])
		if opened, inside, splitErr := split(pt); err == nil && splitErr == nil {
			v.wrong[path+"type"] = opened != t
			v.wrong[path+"content"] = !bytes.Equal(inside, content)
			t, content = opened, inside
		}
	}
	padding := (d.padTo - (len(content)+1)%d.padTo) % d.padTo
	v.set(path+"sender", d.name)
	v.set(path+"type", typeName)
	v.set(path+"content", content)
	v.set(path+"padding", padding)
	v.set(path+"generation", d.direction.generation)
	v.set(path+"seq", d.direction.seq)
	v.set(path+"record", d.direction.seal(plaintext(t, content, padding)))
	for _, name := range []string{"type", "content"} {
		if !v.wrong[path+name] {
			delete(v.wrong, path+name)
		}
	}
	return t
}
