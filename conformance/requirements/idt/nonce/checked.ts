import { provoked, requirement } from '../../../src/requirements/requirement.ts';
import { forging, loginAndAsk, mustAccept, mustRefuse } from '../../../src/trial/id-tokens.ts';

const NEEDS = ['authorization_code', 'openid'] as const;

export default requirement({
  rule: 'The ID token carries the nonce that was sent.',
  sources: ['OpenID Connect Core 1.0, section 3.1.3.7, rule 11'],
  level: 'MUST',
  tier: 'core',
  cases: {
    a: provoked({
      needs: NEEDS,
      faults: forging({ claims: ({ nonce }) => ({ nonce: `${String(nonce)}1` }) }),
      flow: loginAndAsk,
      twin: mustAccept,
      judge: mustRefuse,
    }),
    b: provoked({
      needs: NEEDS,
      faults: forging({ claims: () => ({ nonce: undefined }) }),
      flow: loginAndAsk,
      twin: mustAccept,
      judge: mustRefuse,
    }),
  },
});
