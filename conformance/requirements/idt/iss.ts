import { provoked, requirement } from '../../src/requirements/requirement.ts';
import { forging, loginAndAsk, mustAccept, mustRefuse } from '../../src/trial/id-tokens.ts';

const NEEDS = ['authorization_code', 'openid'] as const;

export default requirement({
  rule: 'The issuer in the ID token is the very text of the issuer that was configured.',
  sources: ['OpenID Connect Core 1.0, section 3.1.3.7, rule 2'],
  level: 'MUST',
  tier: 'core',
  cases: {
    a: provoked({
      needs: NEEDS,
      faults: forging({ claims: ({ iss }) => ({ iss: `${String(iss)}1` }) }),
      flow: loginAndAsk,
      twin: mustAccept,
      judge: mustRefuse,
    }),
    'a-slash': provoked({
      needs: NEEDS,
      faults: forging({ claims: ({ iss }) => ({ iss: `${String(iss)}/` }) }),
      flow: loginAndAsk,
      twin: mustAccept,
      judge: mustRefuse,
    }),
    'a-shorter': provoked({
      needs: NEEDS,
      faults: forging({ claims: ({ iss }) => ({ iss: String(iss).slice(0, -1) }) }),
      flow: loginAndAsk,
      twin: mustAccept,
      judge: mustRefuse,
    }),
    'a-missing': provoked({
      needs: NEEDS,
      faults: forging({ claims: () => ({ iss: undefined }) }),
      flow: loginAndAsk,
      twin: mustAccept,
      judge: mustRefuse,
    }),
  },
});
