import { EVERY_SERVER, provoked, requirement } from '../../../src/requirements/requirement.ts';
import { CLIENTS } from '../../../src/trial/clients.ts';
import type { Stage } from '../../../src/trial/stage.ts';
import { must } from '../../../src/verdict/verdict.ts';
import { form } from '../../../src/wire/exchange.ts';

const WANTED = 'tickets.read tickets.write';
const GRANTED = 'email tickets.read';

async function getAndRefresh(stage: Stage) {
  const client = await stage.open(CLIENTS.service, { scope: WANTED });
  await client.token();
  return client.tryToken({ force_refresh: true });
}

function mustAskForNoMore(stage: Stage, granted: readonly string[]): void {
  must(stage.refreshes.length === 1, 'a refresh', stage.refreshes.length);
  const scope = stage.refreshes.flatMap(({ request }) => form(request).getAll('scope')).join(' ');
  const more = scope.split(' ').filter((name) => name !== '' && !granted.includes(name));
  must(more.length === 0, 'no scope, or a part of what was granted', `scope=${scope}`);
}

export default requirement({
  rule: 'A refresh asks for no scope that was not granted before; without scope it asks for all of them.',
  sources: ['RFC 6749, section 6'],
  level: 'MUST',
  tier: 'core',
  cases: {
    // The server grants less than it was asked for.
    a: provoked({
      needs: ['client_credentials', 'refresh'],
      servers: EVERY_SERVER,
      faults: [
        {
          on: { endpoint: 'token', refresh: false },
          change: { json: { scope: GRANTED } },
        },
      ],
      flow: getAndRefresh,
      twin: (outcome) => must(outcome.outcome === 'ok', 'a refreshed token', outcome),
      judge(outcome, stage) {
        mustAskForNoMore(stage, GRANTED.split(' '));
        must(outcome.outcome === 'ok', 'a refreshed token', outcome);
      },
    }),
  },
});
