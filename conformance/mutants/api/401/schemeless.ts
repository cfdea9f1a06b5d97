import { edit, mutants } from '../../../src/mutants/mutant.ts';

const REFUSES =
  "return response.status === 401 && challengeOf(response)?.error !== 'insufficient_scope';";

export default mutants({
  a: edit(
    'protected_resource.ts',
    REFUSES,
    "return response.status === 401 && challengeOf(response)?.error === 'invalid_token';",
    'renews only when told so',
  ),
  'a-crash': edit(
    'protected_resource.ts',
    REFUSES,
    "return response.status === 401 && challengeOf(response).error !== 'insufficient_scope';",
    'crashes without a challenge',
  ),
  b: {
    does: 'renews only when told so by the Bearer scheme',
    edits: [
      {
        file: 'protected_resource.ts',
        find: REFUSES,
        replace:
          "return response.status === 401 && (!response.headers.has('WWW-Authenticate') || challengeOf(response)?.error === 'invalid_token');",
      },
      {
        file: 'challenge.ts',
        find: "    all.find((challenge) => challenge.scheme === '' && withError(challenge));",
        replace: '    undefined;',
      },
    ],
  },
});
