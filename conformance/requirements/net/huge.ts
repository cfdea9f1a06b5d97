import { setTimeout as pause } from 'node:timers/promises';
import { provoked, requirement } from '../../src/requirements/requirement.ts';
import { CLIENTS } from '../../src/trial/clients.ts';
import type { Stage } from '../../src/trial/stage.ts';
import { must, reach } from '../../src/verdict/verdict.ts';
import type { Fault } from '../../src/wire/fault.ts';

const MEBIBYTE = 1024 * 1024;
// More than the buffers of two sockets hold, so that a client that stops reading is one that this end sees.
const BODY_BYTES = 64 * MEBIBYTE;
const CLASSES = ['invalid_response', 'network'];

async function askAndLook(stage: Stage) {
  const client = await stage.open(CLIENTS.service);
  const outcome = await client.tryToken();
  // The client may have its answer before this end of the connection has seen what became of it.
  const open = () => stage.wire.some((e) => e.answeredAt === undefined && e.hungUp === undefined);
  for (let tries = 0; open() && tries < 200; tries++) await pause(50);
  return outcome;
}

/** The padded body is still the JSON of a good token: only who stops reading does not get it. */
function rejected(fault: Omit<Fault, 'on'>, hangsUp = false) {
  return provoked({
    needs: ['client_credentials'],
    faults: [{ on: { endpoint: 'token' }, ...fault }],
    flow: askAndLook,
    twin: (outcome) => must(outcome.outcome === 'ok', 'a token', outcome),
    judge(outcome, stage) {
      const [first] = stage.tokenRequests;
      reach(first?.upstream?.status === 200, 'a token from Keycloak', first?.upstream?.status);
      must(
        outcome.outcome === 'error' && CLASSES.includes(outcome.error.class),
        `the error class ${CLASSES.join(' or ')}`,
        outcome,
      );
      if (!hangsUp) return;
      must(
        first.hungUp === true,
        'the connection closed long before the end',
        first.answeredAt === undefined ? 'left open' : `all of ${BODY_BYTES} bytes taken`,
      );
    },
  });
}

export default requirement({
  rule: 'An answer that is far too large is cut off: a body without end (a), a header (b), a body that is small only while it is compressed (c).',
  sources: ['practice: whoever reads all that comes can be brought down by whoever answers'],
  level: 'practice',
  tier: 'hardened',
  cases: {
    a: rejected({ padding: { bytes: BODY_BYTES } }, true),
    b: rejected({ change: { headers: { 'X-Padding': 'x'.repeat(2 * MEBIBYTE) } } }),
    c: rejected({ padding: { bytes: BODY_BYTES, gzip: true } }),
  },
});
