/** The files of vectors, as README.md describes them. Bytes are hexadecimal. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { SuiteName } from '../../lib/crypto/suites.js';
import type { Role } from '../../lib/record/channel.js';
import type { InnerType } from '../../lib/record/inner-type.js';

export interface VectorFile {
  readonly version: number;
  readonly suite: { readonly id: number; readonly name: SuiteName; readonly sigalg: number };
  readonly inputs: {
    readonly prologue: string;
    readonly pad_to: Readonly<Record<Role, number>>;
    readonly client: SideInputs & { readonly kem_seed: string };
    readonly server: SideInputs & { readonly kem_m: string };
    readonly rekey: {
      readonly kem_seed: string;
      readonly kem_m: string;
      readonly x25519_sk_c?: string;
      readonly x25519_sk_s?: string;
    };
    readonly batch: {
      readonly place: number;
      readonly id: string;
      readonly r: readonly string[];
      readonly th_sk: readonly string[];
      readonly nodes: readonly string[];
      readonly client_sig_rnd: string;
      readonly server_sig_rnd: string;
    };
    readonly key_choice: {
      readonly new_sig_seed: string;
      readonly client_sig_rnd: string;
      readonly server_sig_rnd: string;
    };
  };
  readonly identities: Readonly<Record<Role, { readonly pk: string; readonly fingerprint: string }>>;
  readonly frames: readonly FrameVector[];
  readonly transcript: Readonly<Record<'T0' | 'TH_CK' | 'TH_SK' | 'TH_SA' | 'TH_SF' | 'TH_CF', string>>;
  readonly key_schedule: Readonly<Record<string, string>> & { readonly mac_s: string; readonly mac_c: string };
  readonly rekey: Readonly<Record<'kem_pk' | 'kem_ct' | 'ss_prime' | 'x' | 'ctx' | 'rk_1', string>>;
  readonly records: readonly RecordVector[];
  readonly traffic_secrets: Readonly<Record<Role, readonly SecretVector[]>>;
  readonly exporter: readonly {
    readonly label: string;
    readonly context: string;
    readonly length: number;
    readonly output: string;
  }[];
  readonly batch: {
    readonly depth: number;
    readonly nodes: readonly (readonly string[])[];
    readonly proofs: readonly string[];
    readonly signed: string;
    readonly sig_b: string;
  } & Handshake;
  readonly key_choice: { readonly new_pk: string } & Handshake;
}

type Handshake = Pick<VectorFile, 'frames' | 'transcript' | 'key_schedule'>;

interface FrameVector {
  readonly name: string;
  readonly sender: Role;
  readonly frame: string;
}

interface SideInputs {
  readonly sig_seed: string;
  readonly sig_rnd: string;
  readonly random: string;
  readonly x25519_sk?: string;
}

export interface RecordVector {
  readonly sender: Role;
  readonly type: InnerType;
  readonly content: string;
  readonly padding: number;
  readonly generation: number;
  readonly seq: number;
  readonly record: string;
}

interface SecretVector {
  readonly generation: number;
  readonly from: string;
  readonly secret: string;
  readonly key: string;
  readonly iv: string;
  readonly key_log: string;
}

export function readVectors(suite: SuiteName): VectorFile {
  return JSON.parse(readFileSync(join(__dirname, `${suite}.json`), 'utf8'));
}
