/** An R package that a DESCRIPTION asks for. */
export interface RPackage {
  readonly name: string;
  /** The least version; `0` if any will do. */
  readonly minimum: string;
}

/** What a DESCRIPTION file asks for: R itself (`Depends: R (>= 4.1)`) and the packages of `Imports`. */
export interface Description {
  readonly r: string | undefined;
  readonly imports: readonly RPackage[];
}

/** Reads the two fields in Debian control format: `Name: value`, continued by indented lines. */
export function readDescription(source: string): Description {
  const fields = new Map<string, string>();
  for (const [, name = '', value = ''] of source.matchAll(/^([\w@/-]+):((?:.*)(?:\n[ \t].*)*)/gm)) {
    fields.set(name, value);
  }
  const depends = packageList(fields.get('Depends') ?? '');
  return {
    r: depends.find(({ name }) => name === 'R')?.minimum,
    imports: packageList(fields.get('Imports') ?? ''),
  };
}

function packageList(value: string): RPackage[] {
  return value
    .split(',')
    .map((item) => item.trim())
    .filter((item) => item !== '')
    .map((item) => {
      const [, name = item, minimum = '0'] =
        /^([\w.]+)(?:\s*\(\s*>=\s*([\d.-]+)\s*\))?$/.exec(item) ?? [];
      return { name, minimum };
    });
}
