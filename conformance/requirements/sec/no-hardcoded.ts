import { requirement, sample, type SampleCase } from '../../src/requirements/requirement.ts';
import { lineWithCredential } from '../../src/trial/credentials.ts';
import { CLIENT_SECRETS } from '../../src/trial/clients.ts';
import { must } from '../../src/verdict/verdict.ts';

const SAMPLES = [
  'client_credentials',
  'refresh',
  'call_api',
  'authorization_code',
  'authorization_code_confidential',
  'userinfo',
  'password',
] as const;

function holdsNone(name: string): SampleCase {
  return sample({
    sample: name,
    async run(stage) {
      const source = await stage.source();
      const known = CLIENT_SECRETS.some((secret) => source.includes(secret));
      must(!known, "none of the realm's secrets", 'one');
      const line = lineWithCredential(source);
      must(line === 0, 'no credential in the source', `line ${line}`);
      must(
        /OAUTH_CLIENT_ID|settingsFromEnvironment/.test(source),
        'settings from the environment',
        'others',
      );
    },
  });
}

export default requirement({
  rule: 'A sample holds no credential: whoever copies it copies no secret, and sets none by editing it.',
  sources: ['RFC 9700, section 2.6', 'practice: the source documents hold "your-client-secret"'],
  level: 'practice',
  tier: 'core',
  cases: Object.fromEntries(SAMPLES.map((name) => [name, holdsNone(name)])),
});
