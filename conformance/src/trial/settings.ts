import type { TokenOutcome } from '../adapter/client.ts';
import type { Config } from '../protocol/messages.ts';
import { must } from '../verdict/verdict.ts';
import type { RealmClient } from './clients.ts';
import type { Stage } from './stage.ts';

/** What comes of settings that a client may refuse when it is opened, or when it is asked for a token. */
export async function tokenWith(
  stage: Stage,
  client: RealmClient | { id: string },
  settings: Partial<Config>,
): Promise<TokenOutcome> {
  const opened = await stage.tryOpen(client, settings);
  return opened.outcome.outcome === 'ok' ? opened.client.tryToken() : opened.outcome;
}

/**
 * Settings that contradict each other are told, and nothing is sent.
 *
 * @throws Judgement `fail`
 */
export function mustRefuseSettings(outcome: TokenOutcome, stage: Stage): void {
  must(
    outcome.outcome === 'error' && outcome.error.class === 'config_error',
    'config_error',
    outcome,
  );
  must(stage.wire.length === 0, 'nothing on the wire', stage.wire.length);
}
