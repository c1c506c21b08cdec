/** What a peer can bring about in a hardened handshake, or with what it sends behind it. */
export const HANDSHAKE_ERRORS = [
  'PQ_ERR_ALERT',
  'PQ_ERR_AUTH_FAILED',
  'PQ_ERR_BAD_RECORD',
  'PQ_ERR_DECODE',
  'PQ_ERR_NO_COMMON_SUITE',
  'PQ_ERR_NO_COMMON_VERSION',
  'PQ_ERR_TICKET',
  'PQ_ERR_TRUNCATED',
  'PQ_ERR_UNEXPECTED_MESSAGE',
];
