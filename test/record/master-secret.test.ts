import { createHash } from 'node:crypto';
import { expandLabel } from '../../lib/crypto/hkdf.js';
import { Secret } from '../../lib/oqs.js';
import { MasterSecret } from '../../lib/record/master-secret.js';
import { checkValue, fillerSecrets, shown } from '../support/check-values.js';
import { lengthsAlive, secretsMade } from '../support/secrets-made.js';

const NOTHING = new Uint8Array(0);
const code = (expected: string) => expect.objectContaining({ code: expected });
const master = () => new MasterSecret(Secret.from(Buffer.alloc(64, 3)));

describe('a master secret', () => {
  it('gives the exporter and the first secret of REKEY that PROTOCOL.md has', () => {
    expect(shown(expandLabel(fillerSecrets().master, 'exp', NOTHING, 64))).toBe(checkValue('exp'));
    const filler = new MasterSecret(fillerSecrets().master);
    expect(filler.export(16, 'test', NOTHING).toString('hex')).toBe(checkValue('exporter("test", none, 16)'));
    expect(shown(filler.takeRekeySecret())).toBe(checkValue('rk_0'));
  });

  it('exports the same before and after REKEY has taken its secret', () => {
    const secret = master();
    const before = secret.export(64, 'label', NOTHING);
    secret.takeRekeySecret();
    expect(secret.export(64, 'label', NOTHING)).toEqual(before);
    const untouched = master();
    untouched.takeRekeySecret();
    expect(untouched.export(64, 'label', NOTHING)).toEqual(before);
  });

  it('exports what EL gives of the hashed context', () => {
    const exp = expandLabel(Secret.from(Buffer.alloc(64, 3)), 'exp', NOTHING, 64);
    const hash = createHash('sha512').update('context').digest();
    expect(master().export(100, 'label', Buffer.from('context'))).toEqual(
      expandLabel(exp, 'exp label', hash, 100).export(),
    );
  });

  it('exports other bytes for another label, context or length', () => {
    const exported = [
      master().export(32, 'a', NOTHING),
      master().export(32, 'b', NOTHING),
      master().export(32, '', NOTHING),
      master().export(32, 'a', Buffer.from('x')),
      master().export(33, 'a', NOTHING),
    ].map((bytes) => bytes.toString('hex', 0, 32));
    expect(new Set(exported).size).toBe(exported.length);
  });

  it.each([1, 64, 65, 16_320])('exports %d bytes', (length) => {
    expect(master().export(length, 'x', NOTHING).length).toBe(length);
  });

  it.each([0, -1, 16_321, 1.5, Number.NaN, Number.POSITIVE_INFINITY, '16' as never, undefined as never])(
    'exports no %p bytes',
    (length) => {
      expect(() => master().export(length, 'x', NOTHING)).toThrow(code('PQ_ERR_INVALID_LENGTH'));
    },
  );

  it.each([0, 243])('takes a label of %d characters', (length) => {
    expect(master().export(16, 'x'.repeat(length), NOTHING).length).toBe(16);
  });

  it.each<[string, unknown, string]>([
    ['of 244 characters', 'x'.repeat(244), 'PQ_ERR_INVALID_LENGTH'],
    ['with a character beyond ASCII', 'ü', 'PQ_ERR_INVALID_ARGUMENT'],
    ['with a line feed', 'x\n', 'PQ_ERR_INVALID_ARGUMENT'],
    ['with a zero', 'a\0b', 'PQ_ERR_INVALID_ARGUMENT'],
    ['with DEL', '\x7f', 'PQ_ERR_INVALID_ARGUMENT'],
    ['as bytes', Buffer.from('x'), 'PQ_ERR_INVALID_ARGUMENT'],
    ['that is missing', undefined, 'PQ_ERR_INVALID_ARGUMENT'],
  ])('takes no label %s', (_, label, expected) => {
    expect(() => master().export(16, label as string, NOTHING)).toThrow(code(expected));
  });

  it('is wiped when REKEY has taken its secret, and the exporter’s with it when it is disposed of', () => {
    const own = Secret.from(Buffer.alloc(64, 3));
    const secret = new MasterSecret(own);
    const made = secretsMade(() => {
      secret.export(1000, 'x', NOTHING);
      expect(own.disposed).toBe(false);
      secret.takeRekeySecret().dispose();
      expect(own.disposed).toBe(true);
    });
    expect(lengthsAlive(made)).toEqual([64]);
    secret.dispose();
    expect(lengthsAlive(made)).toEqual([]);
    expect(() => secret.export(16, 'x', NOTHING)).toThrow(code('PQ_ERR_SECRET_DISPOSED'));
  });

  it('gives nothing once it is disposed of', () => {
    const secret = master();
    secret.dispose();
    expect(() => secret.export(16, 'x', NOTHING)).toThrow(code('PQ_ERR_SECRET_DISPOSED'));
    expect(() => secret.takeRekeySecret()).toThrow(code('PQ_ERR_SECRET_DISPOSED'));
  });
});
