/** What a TypeScript project writes; `tsc` says whether the types are found and right. */
import { connect, createServer, Identity, type PqSocket, type ServerOptions } from 'pqsock';
import { Kem, type Secret } from 'pqsock/oqs';

const identity = await Identity.generate();
const options: ServerOptions = { identity, trust: identity.fingerprint };
export const server = createServer(options, (socket: PqSocket) => socket.pipe(socket));
export const socket: PqSocket = connect({ port: 1, identity, trust: identity.fingerprint });
export const secret: Secret = (await new Kem('ML-KEM-1024').keypair()).secretKey;
// @ts-expect-error: it is no number
export const port: number = socket;
