import { requirement, sample } from '../../src/requirements/requirement.ts';
import { CLIENTS } from '../../src/trial/clients.ts';
import { mustPrintToken } from '../../src/trial/sample-output.ts';
import { mustExit } from '../../src/trial/sample-stage.ts';
import { jsonBody } from '../../src/wire/exchange.ts';

export default requirement({
  rule: 'A sample keeps the old refresh token where an answer brings no new one.',
  sources: ['docs/samples.md', 'RFC 6749, section 6'],
  level: 'practice',
  // As of the rule for clients that it follows: `refresh.rotation.keep`.
  tier: 'hardened',
  cases: {
    refresh: sample({
      sample: 'refresh',
      faults: [
        {
          on: { endpoint: 'token', grant: 'refresh_token' },
          change: { json: { refresh_token: undefined } },
        },
      ],
      async run(stage) {
        const run = await stage.run(await stage.settingsWithoutDiscovery(CLIENTS.service));
        mustExit(run, 0);
        const [issued, refreshed] = stage.tokenRequests.map(({ response }) => jsonBody(response));
        const [, second = ''] = /^Refreshed\n([\s\S]*)$/m.exec(run.stdout) ?? [];
        mustPrintToken(second, { ...refreshed, refresh_token: issued?.['refresh_token'] });
      },
    }),
  },
});
