import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import type { RealmClient } from '../../trial/clients.ts';
import { ownClientsFile } from './files.ts';

const File = z.object({
  clients: z.array(z.object({ clientId: z.string(), secret: z.string() })),
});

const { clients } = File.parse(JSON.parse(await readFile(ownClientsFile, 'utf8')));

function registered(id: string): RealmClient {
  const found = clients.find(({ clientId }) => clientId === id);
  if (!found) throw new Error(`the client ${id} is missing in ${ownClientsFile}`);
  return { id, secret: found.secret };
}

/** The clients that the Django servers have beyond the realm's. */
export const DJANGO_CLIENTS = {
  /** Is told that its access tokens live 1800 s, but they die after 1 s. Password grant. */
  betrayed: registered('korus-betrayed'),
  /** That of django-oidc-provider's documentation: redirect URI http://example.org/, consent asked. */
  documented: registered('651462'),
} as const;

/** Their secrets: none of them may be seen in any output. */
export const DJANGO_SECRETS: readonly string[] = clients.map(({ secret }) => secret);
