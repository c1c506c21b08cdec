/** Options as a table: the names are those of the command line and of the configuration file alike. */

interface OptionText {
  /** What the value is called in the help; a flag has none. */
  readonly value?: string;
  readonly help: string;
}

/** What the file has as text, and the command line, too. */
interface TextOption extends OptionText {
  readonly kind: 'text' | 'path';
  readonly choices?: readonly string[];
}

/** A list in the file; given more than once on the command line. */
interface ListOption extends OptionText {
  readonly kind: 'texts' | 'paths';
}

/** A whole number, or seconds, which may have a fraction. */
interface NumberOption extends OptionText {
  readonly kind: 'count' | 'seconds';
  readonly least: number;
  readonly most: number;
}

interface FlagOption extends OptionText {
  readonly kind: 'flag';
}

export type OptionRow = TextOption | ListOption | NumberOption | FlagOption;
export type OptionTable = Readonly<Record<string, OptionRow>>;

/** What a value of each kind is, once it is checked. */
interface Values {
  readonly text: string;
  readonly path: string;
  readonly texts: readonly string[];
  readonly paths: readonly string[];
  readonly count: number;
  readonly seconds: number;
  readonly flag: boolean;
}

/** The options of a table that were given, checked by themselves. */
export type Choices<Table extends OptionTable> = {
  readonly [Name in keyof Table]?: Values[Table[Name]['kind']] | undefined;
};
