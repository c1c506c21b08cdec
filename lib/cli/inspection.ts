/** What `pqsock inspect` has found out. */
import type { CliError } from './report.js';
import type { Row } from './rows.js';

export interface Inspection {
  /** For people. */
  readonly rows: readonly Row[];
  /** The same for programs. */
  readonly json: object;
  /** What is wrong with it nevertheless. */
  readonly problem?: CliError | undefined;
}
