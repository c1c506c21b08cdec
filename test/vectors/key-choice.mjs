// @ts-check
/** A handshake in which the server shows two keys, of which the client chooses the second: PROTOCOL.md chapters 4, 12. */
import { keyExchange, sigKeypair } from './algorithms.mjs';
import { handshakeOf } from './connection.mjs';

/** @typedef {import('./algorithms.mjs').Suite} Suite */

/**
 * It has the connection's inputs, but for what its own say.
 *
 * @param {Suite} suite
 * @param {ReturnType<typeof import('./inputs.mjs').inputsOf>} inputs
 */
export function keyChoiceOf(suite, { prologue, client, server, key_choice }) {
  const keys = { client: sigKeypair(suite, client.sig_seed), server: sigKeypair(suite, server.sig_seed) };
  const { pk } = sigKeypair(suite, key_choice.new_sig_seed);
  const random = { x25519_sk_c: client.x25519_sk, x25519_sk_s: server.x25519_sk };
  const kem = keyExchange(suite, { kem_seed: client.kem_seed, kem_m: server.kem_m, ...random });
  const { frames, transcript, schedule } = handshakeOf(
    suite,
    {
      prologue,
      client: { ...client, sig_rnd: key_choice.client_sig_rnd },
      server: { ...server, sig_rnd: key_choice.server_sig_rnd },
    },
    keys,
    kem,
    { before: pk },
  );
  return { new_pk: pk, frames, transcript, key_schedule: schedule };
}
