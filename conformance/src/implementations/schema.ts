import { z } from 'zod';

const text = z.string().min(1);

/**
 * What an `implementation.json` may hold. Strict, because a member that is spelt wrong would otherwise
 * switch off a part of the run without a word.
 */
export const implementationFile = z
  .strictObject({
    $schema: text.optional().describe('Where this schema lies, for editors'),
    name: z
      .string()
      .regex(/^[a-z][a-z0-9-]*$/, 'lower-case letters, digits and hyphens')
      .describe('The name in reports and on the command line'),
    language: text.describe('The language as people write it'),
    adapter: z
      .array(text)
      .min(1)
      .optional()
      .describe('The words that start the adapter, in the folder of this file'),
    samples: z
      .record(z.string().regex(/^[a-z][a-z0-9_]*$/, 'lower-case letters, digits and _'), text)
      .optional()
      .describe('Sample name to file, relative to this file'),
    requirements: z
      .array(text)
      .min(1)
      .optional()
      .describe('The rules that it is tried on, as --requirement names them; default: all'),
    needs: z.strictObject({
      runtime: z.enum(['node', 'python', 'r', 'groovy', 'sh']),
      packages: text
        .optional()
        .describe('The file that lists the packages: requirements.txt, pom.xml or DESCRIPTION'),
    }),
  })
  .refine((file) => file.adapter !== undefined || Object.keys(file.samples ?? {}).length > 0, {
    error: 'needs an adapter or samples',
  });

export type ImplementationFile = z.infer<typeof implementationFile>;
