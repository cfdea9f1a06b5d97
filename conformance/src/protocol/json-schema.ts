import { z } from 'zod';
import { implementationFile } from '../implementations/schema.ts';
import { report } from '../report/model.ts';
import { methods, request, response } from './messages.ts';

/** The published JSON Schemas by file name, made of the zod schemas with which the harness itself judges both directions. */
export function jsonSchemas(): Readonly<Record<string, unknown>> {
  const calls = Object.entries(methods).map(([name, { params, result }]) => [
    name,
    { params: z.toJSONSchema(params, { io: 'input' }), result: z.toJSONSchema(result) },
  ]);
  return {
    'protocol.schema.json': {
      $schema: 'https://json-schema.org/draft/2020-12/schema',
      title: 'The adapter protocol, version 1',
      request: z.toJSONSchema(request),
      response: z.toJSONSchema(response),
      methods: Object.fromEntries(calls) as Record<string, unknown>,
    },
    'report.schema.json': z.toJSONSchema(report),
    'implementation.schema.json': z.toJSONSchema(implementationFile),
  };
}
