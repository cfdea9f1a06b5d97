/** One change of a source file of the core client. */
export interface Edit {
  /** Below packages/core/src, or the adapter's path below packages/core. */
  readonly file: string;
  /** A text that stands in the file exactly once. */
  readonly find: string;
  readonly replace: string;
}

/** A client that is wrong on purpose: it must turn its own requirement red, and no other one that is not declared. */
export interface Mutant {
  readonly does: string;
  readonly edits: readonly Edit[];
  /** Requirements that break along with its own; each with a `*` for a whole family. */
  readonly collateral?: readonly string[];
  /** It cannot get (or refresh) a token at all, so that other requirements may be `not-reached`, but none of them may fail. */
  readonly blocks?: boolean;
}

/** The mutants of the requirement whose path the file has, by letter. */
export function mutants(
  definition: Readonly<Record<string, Mutant>>,
): Readonly<Record<string, Mutant>> {
  return definition;
}

/** A mutant of one edit, which most are. */
export function edit(
  file: string,
  find: string,
  replace: string,
  does: string,
  more: Omit<Mutant, 'does' | 'edits'> = {},
): Mutant {
  return { does, edits: [{ file, find, replace }], ...more };
}
