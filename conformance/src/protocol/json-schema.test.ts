import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { jsonSchemas } from './json-schema.ts';

test.each(Object.entries(jsonSchemas()))(
  '%s is what the harness judges by; "pnpm schemas" writes it anew',
  async (name, schema) => {
    const file = new URL(`../../schemas/${name}`, import.meta.url);
    expect(JSON.parse(await readFile(file, 'utf8'))).toEqual(JSON.parse(JSON.stringify(schema)));
  },
);
