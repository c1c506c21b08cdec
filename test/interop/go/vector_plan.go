package main

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"fmt"
)

// The form of a file of test vectors (test/vectors/README.md).

type hexBytes []byte

func (h *hexBytes) UnmarshalJSON(text []byte) error {
	var s string
	if err := json.Unmarshal(text, &s); err != nil {
		return err
	}
	b, err := hex.DecodeString(s)
	*h = b
	return err
}

type vectorInputs struct {
	Prologue hexBytes `json:"prologue"`
	PadTo    struct {
		Client int `json:"client"`
		Server int `json:"server"`
	} `json:"pad_to"`
	Client vectorSide `json:"client"`
	Server vectorSide `json:"server"`
	Rekey  struct {
		KemSeed      hexBytes `json:"kem_seed"`
		KemM         hexBytes `json:"kem_m"`
		ClientX25519 hexBytes `json:"x25519_sk_c"`
		ServerX25519 hexBytes `json:"x25519_sk_s"`
	} `json:"rekey"`
	Batch struct {
		Place        int        `json:"place"`
		ID           hexBytes   `json:"id"`
		Randoms      []hexBytes `json:"r"`
		Hashes       []hexBytes `json:"th_sk"`
		Nodes        []hexBytes `json:"nodes"`
		ClientSigRnd hexBytes   `json:"client_sig_rnd"`
		ServerSigRnd hexBytes   `json:"server_sig_rnd"`
	} `json:"batch"`
	KeyChoice struct {
		NewSigSeed   hexBytes `json:"new_sig_seed"`
		ClientSigRnd hexBytes `json:"client_sig_rnd"`
		ServerSigRnd hexBytes `json:"server_sig_rnd"`
	} `json:"key_choice"`
}

type vectorSide struct {
	SigSeed hexBytes `json:"sig_seed"`
	SigRnd  hexBytes `json:"sig_rnd"`
	Random  hexBytes `json:"random"`
	X25519  hexBytes `json:"x25519_sk"`
	KemSeed hexBytes `json:"kem_seed"`
	KemM    hexBytes `json:"kem_m"`
}

// vectorPlan is what of a file is neither an input nor computed: which records
// there are, and what the exporter is asked for.
type vectorPlan struct {
	Inputs vectorInputs `json:"inputs"`
	Suite  struct {
		ID   uint16 `json:"id"`
		Name string `json:"name"`
	} `json:"suite"`
	Frames []vectorFrame `json:"frames"`
	Batch  struct {
		Signature string        `json:"sig_b"`
		Frames    []vectorFrame `json:"frames"`
	} `json:"batch"`
	KeyChoice struct {
		Frames []vectorFrame `json:"frames"`
	} `json:"key_choice"`
	Records []struct {
		Sender  string `json:"sender"`
		Type    string `json:"type"`
		Content string `json:"content"`
		Record  string `json:"record"`
	} `json:"records"`
	Exporter []struct {
		Label   string `json:"label"`
		Context string `json:"context"`
		Length  int    `json:"length"`
	} `json:"exporter"`
}

type vectorFrame struct {
	Frame string `json:"frame"`
}

// leaves of what is expected, by path.
func leaves(file []byte) (map[string]string, error) {
	decoder := json.NewDecoder(bytes.NewReader(file))
	decoder.UseNumber()
	var root map[string]any
	if err := decoder.Decode(&root); err != nil {
		return nil, err
	}
	delete(root, "inputs")
	found := map[string]string{}
	var walk func(path string, node any)
	walk = func(path string, node any) {
		switch node := node.(type) {
		case map[string]any:
			for name, child := range node {
				walk(path+"."+name, child)
			}
		case []any:
			for i, child := range node {
				walk(fmt.Sprintf("%s.%d", path, i), child)
			}
		default:
			found[path[1:]] = fmt.Sprint(node)
		}
	}
	walk("", root)
	return found, nil
}
