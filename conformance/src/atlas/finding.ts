import type { ServerName } from '../servers/server.ts';
import type { Answer } from './answer.ts';
import type { Outcome, Provocation } from './provocation.ts';

/** A setting that was changed, and from what to what. */
export interface ChangedSetting {
  readonly name: string;
  readonly wrong: string | undefined;
  readonly right: string | undefined;
}

/** What came of one provocation by one client, or by a request written by hand. All texts are stable. */
export interface Play {
  /** The language of the client; missing for a request by hand. */
  readonly client?: string;
  /** Missing where nothing refused anything. */
  readonly page?: string;
  /** Missing where nothing was sent. */
  readonly request?: string;
  readonly answer?: Answer;
  /** Whether it is the harness's own API that answered, and not the server. */
  readonly byApi?: boolean;
  readonly outcome?: Outcome;
  readonly changed: readonly ChangedSetting[];
  /** Why the advice of the page does not help. */
  readonly complaint?: string;
}

/** Something did not come about that a page should tell of: the servers or a client have changed. */
export class NotObserved extends Error {
  override name = 'NotObserved';
}

/** A provocation at one server. */
export interface Finding {
  readonly provocation: Provocation;
  readonly server: ServerName;
  /** Empty where it cannot be tried. */
  readonly plays: readonly Play[];
  /** The page to which it belongs; missing where the server does not mind. */
  readonly page?: string;
}

/** @throws NotObserved when a server refuses one client with another word than the next one. */
export function finding(
  provocation: Provocation,
  server: ServerName,
  plays: readonly Play[],
): Finding {
  const pages = new Set(plays.map(({ page }) => page));
  if (pages.size > 1)
    throw new NotObserved(
      `${provocation.title} at ${server}: the clients were answered differently: ${plays
        .map(({ client, page }) => `${client} ${page ?? 'not refused'}`)
        .join(', ')}`,
    );
  const [page] = pages;
  return { provocation, server, plays, ...(page !== undefined && { page }) };
}
