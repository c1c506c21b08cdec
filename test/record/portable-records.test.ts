/** The tests of records once more, without the addon's AES-GCM, as where a process has none. */
import { portableCipher } from '../../lib/record/portable-cipher.js';
import { recordCipher, useRecordCipher } from '../../lib/record/record-cipher.js';

const FILES = [
  './hardened-channel.test',
  './inbound.test',
  './outbound.test',
  './rekey-crossing.test',
  './rekey.test',
  '../properties/records.test',
  '../net/flow.test',
  '../net/renewal.test',
];

useRecordCipher(portableCipher);
// Each in a describe of its own, so that what it does before each test is done for its tests alone.
describe.each(FILES)('%s', (file) => void jest.requireActual(file));

it('they ran over node:crypto', () => {
  expect(recordCipher()).toBe(portableCipher);
});
