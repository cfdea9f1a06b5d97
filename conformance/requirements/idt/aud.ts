import { provoked, requirement } from '../../src/requirements/requirement.ts';
import { forging, loginAndAsk, mustAccept, mustRefuse } from '../../src/trial/id-tokens.ts';

const NEEDS = ['authorization_code', 'openid'] as const;

export default requirement({
  rule: 'The client is the audience of the ID token, alone or in a list.',
  sources: ['OpenID Connect Core 1.0, section 3.1.3.7, rules 3 to 5'],
  level: 'MUST',
  tier: 'core',
  cases: {
    a: provoked({
      needs: NEEDS,
      faults: forging({ claims: ({ aud }) => ({ aud: `${String(aud)}1` }) }),
      flow: loginAndAsk,
      twin: mustAccept,
      judge: mustRefuse,
    }),
    'a-list': provoked({
      needs: NEEDS,
      faults: forging({ claims: () => ({ aud: ['somebody', 'else'] }) }),
      flow: loginAndAsk,
      twin: mustAccept,
      judge: mustRefuse,
    }),
    'a-missing': provoked({
      needs: NEEDS,
      faults: forging({ claims: () => ({ aud: undefined }) }),
      flow: loginAndAsk,
      twin: mustAccept,
      judge: mustRefuse,
    }),
    b: provoked({
      needs: NEEDS,
      faults: forging({ claims: ({ aud }) => ({ aud: [aud] }) }),
      flow: loginAndAsk,
      twin: mustAccept,
      judge: mustAccept,
    }),
  },
});
