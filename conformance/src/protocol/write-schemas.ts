// `pnpm schemas`: writes conformance/schemas/*.json. A unit test fails while they are stale.
import { writeFile } from 'node:fs/promises';
import { jsonSchemas } from './json-schema.ts';

for (const [name, schema] of Object.entries(jsonSchemas())) {
  const file = new URL(`../../schemas/${name}`, import.meta.url);
  await writeFile(file, `${JSON.stringify(schema, undefined, 2)}\n`);
}
