/** What a server offers: its ServerHello, and what of it concerns each who gets one. */
import { SIG_ALGORITHMS, sigByNumber } from '../../crypto/suites.js';
import { pqError } from '../../errors.js';
import { parseServerHello, type ServerHello } from '../../wire/hello.js';
import { holdsBatches } from './batch.js';

export type Offer = ServerHello & {
  /** Whether the server may sign for several clients at once. */
  readonly batches: boolean;
};

/**
 * @param body of a ServerHello
 * @throws PQ_ERR_DECODE also if a key of an algorithm that we know has another length
 */
export function parseOffer(body: Uint8Array): Offer {
  const offer = parseServerHello(body);
  for (const { sigalg, publicKey } of offer.keys) {
    const name = sigByNumber(sigalg);
    if (name === undefined || publicKey.length === SIG_ALGORITHMS[name].publicKeyLength) continue;
    throw pqError('PQ_ERR_DECODE', `the peer's ServerHello has a ${name} key of ${publicKey.length} bytes`);
  }
  return { ...offer, batches: holdsBatches('ServerHello', offer.extensions) };
}
