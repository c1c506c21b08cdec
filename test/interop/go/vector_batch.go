package main

import (
	"errors"
	"fmt"
	"slices"
)

// The batch of a file of test vectors: a handshake in which batches are agreed,
// and four others of which there is only TH_SK.

func (v *vectorRun) batch(clients, servers *identity) error {
	v.in = inBatch
	_, err := v.handshake(clients, servers)
	return err
}

// batchAuth is the body of ServerAuth of the one that is whole.
func (v *vectorRun) batchAuth(servers *identity, own []byte) ([]byte, error) {
	in := &v.plan.Inputs.Batch
	place := in.Place
	if place < 0 || place > len(in.Hashes) || len(in.Randoms) != len(in.Hashes)+1 {
		return nil, errors.New("the batch has another size")
	}
	var inputs [][]byte
	for _, th := range in.Hashes {
		inputs = append(inputs, signingInput("server", th))
	}
	inputs = slices.Insert(inputs, place, own)

	random := slices.Concat(in.Randoms, in.Nodes)
	tree := newBatchTree(in.ID, inputs, func() []byte {
		if len(random) == 0 {
			return make([]byte, nodeSize) // differs from what the file has
		}
		next := random[0]
		random = random[1:]
		return next
	})
	given := givenSignature{"batch.sig_b", v.plan.Batch.Signature}
	signature, err := v.sign(servers, tree.signed(), in.ServerSigRnd, given)
	if err != nil {
		return nil, err
	}

	v.set("batch.depth", tree.depth())
	v.set("batch.signed", tree.signed())
	v.set("batch.sig_b", signature)
	for l, nodes := range tree.levels {
		for i, node := range nodes {
			v.set(fmt.Sprintf("batch.nodes.%d.%d", l, i), node)
		}
	}
	for i := range inputs {
		v.set(fmt.Sprintf("batch.proofs.%d", i), tree.proof(i, nil).encode()[1:])
	}
	return tree.proof(place, signature).encode(), nil
}
