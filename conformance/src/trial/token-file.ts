import { z } from 'zod';

const time = z.number().positive();

/** An entry as a sample has to write it: docs/token-file.md, Format. */
const Entry = z.looseObject({
  access_token: z.string().min(1),
  token_type: z.literal('Bearer'),
  issued_at: time,
  expires_at: time.optional(),
  scope: z.string().optional(),
  refresh_token: z.string().min(1).optional(),
  refresh_expires_at: time.optional(),
  id_token: z.string().min(1).optional(),
});
export type TokenFileEntry = z.infer<typeof Entry>;

const TokenFile = z.looseObject({
  format: z.literal('polyglot-tokens'),
  version: z.literal(1),
  tokens: z.record(z.string(), Entry),
});

/** @returns its entries, or what is wrong with the file; nothing of its content. */
export function tokenFileEntries(text: string): TokenFileEntry[] | string {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return 'no JSON';
  }
  const read = TokenFile.safeParse(json);
  if (read.success) return Object.values(read.data.tokens);
  // A key of `tokens` names who logs in.
  return read.error.issues
    .map(({ path, code }) => `${path.filter((_, depth) => depth !== 1).join('.')}: ${code}`)
    .join(', ');
}
