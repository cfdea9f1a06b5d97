import { plain, requirement } from '../../src/requirements/requirement.ts';
import { watchArguments } from '../../src/processes/arguments.ts';
import { CLIENTS } from '../../src/trial/clients.ts';
import { mustNotLeak } from '../../src/trial/leaks.ts';
import { reach } from '../../src/verdict/verdict.ts';

export default requirement({
  rule: "Secrets and tokens never stand in the arguments of the client's process or of one that it starts.",
  sources: ['practice: every user of a machine can list the arguments of all processes'],
  level: 'practice',
  tier: 'hardened',
  cases: {
    a: plain({
      needs: ['client_credentials', 'refresh'],
      async run(stage) {
        const { pid } = stage.adapter;
        reach(pid !== undefined, 'a running adapter', 'none');
        const watched = watchArguments(pid);
        try {
          for (const method of ['post', 'basic'] as const) {
            const client = await stage.open(CLIENTS.service, { client_auth: method });
            await client.token();
            // A short-lived child may live between two looks, so there are several to be seen.
            for (let refresh = 0; refresh < 6; refresh++)
              await client.token({ force_refresh: true });
            await client.call();
          }
        } finally {
          const commandLines = watched();
          reach(
            commandLines.length > 0,
            'to see the arguments of processes',
            'nothing (needs /proc)',
          );
          mustNotLeak(commandLines, 'the arguments of a process', stage.wire);
        }
      },
    }),
  },
});
