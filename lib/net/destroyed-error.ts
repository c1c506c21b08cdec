/** What a write ends with that a destroyed socket has not sent. As Node's own streams have it. */
export function destroyedError(): Error {
  return Object.assign(new Error('the socket was destroyed'), { code: 'ERR_STREAM_DESTROYED' });
}
