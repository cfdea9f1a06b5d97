import { SERVER_NAMES, TITLES } from '../../servers/server.ts';
import type { Observed } from '../observe.ts';
import { errorPage } from './error-page.ts';
import { indexPage, pagesOf } from './index-page.ts';
import { serversPage } from './servers-page.ts';

/** Paths below docs/ and what stands there. */
export type Pages = ReadonlyMap<string, string>;

/** Renders everything. */
export async function render(observed: Observed): Promise<Pages> {
  const { findings, versions } = observed;
  const asked = SERVER_NAMES.map((server) => `${TITLES[server]} ${versions[server]}`).join(', ');
  const generated = `_Generated from what ${asked} answered: \`pnpm atlas\`. Do not edit._`;
  const pages = await Promise.all([
    ...pagesOf(findings).map(
      async (name) => [`errors/${name}.md`, await errorPage(name, findings, generated)] as const,
    ),
    indexPage(findings, generated).then((text) => ['errors/README.md', text] as const),
    serversPage(observed, generated).then((text) => ['servers.md', text] as const),
  ]);
  return new Map(pages);
}
