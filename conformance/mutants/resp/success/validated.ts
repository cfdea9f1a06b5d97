import { edit, mutants } from '../../../src/mutants/mutant.ts';

const TOKEN = "const accessToken = nonEmpty(json['access_token']);";
const TYPE = "if (typeof tokenType !== 'string' || tokenType.toLowerCase() !== 'bearer') {";
const READ =
  'const response = readTokenResponse(answer, what, sentSecrets(headers, form, credentials));';
const token = (expression: string, does: string) =>
  edit('token_response.ts', TOKEN, `const accessToken = ${expression};`, does);
const unchecked =
  '(({ access_token, refresh_token, expires_in }) => ({ accessToken: String(access_token), refreshToken: refresh_token, expiresIn: expires_in }))(JSON.parse(answer.text))';

export default mutants({
  a: token("String(json['access_token'])", 'sends Bearer undefined'),
  'a-empty': {
    does: 'takes an empty token',
    edits: [
      {
        file: 'token_response.ts',
        find: TOKEN,
        replace:
          "const accessToken = typeof json['access_token'] === 'string' ? json['access_token'] : undefined;",
      },
      { file: 'token_response.ts', find: '[\\x20-\\x7e]+$', replace: '[\\x20-\\x7e]*$' },
    ],
  },
  b: token(
    "nonEmpty(json['access_token']) ?? (json['access_token'] === null ? 'null' : undefined)",
    'sends Bearer null',
  ),
  'b-number': token(
    "nonEmpty(json['access_token']) ?? (typeof json['access_token'] === 'number' ? String(json['access_token']) : undefined)",
    'takes a number for a token',
  ),
  c: edit(
    'token_response.ts',
    TYPE,
    "if (typeof tokenType !== 'string' || !['bearer', 'mac'].includes(tokenType.toLowerCase())) {",
    'uses mac as Bearer',
  ),
  'c-missing': edit(
    'token_response.ts',
    TYPE,
    "if (tokenType != null && String(tokenType).toLowerCase() !== 'bearer') {",
    'takes a missing type for Bearer',
  ),
  d: edit(
    'token_response.ts',
    "if (json['error'] !== undefined) throw",
    'if (false) throw',
    'reports success although there is an error',
  ),
  e: edit(
    'token_response.ts',
    "if (!json) throw unusable('but not a JSON object');",
    "void json['error'];",
    'crashes untyped',
    { collateral: ['net.broken-response'] },
  ),
  f: edit(
    'token_endpoint.ts',
    READ,
    `const response = grant.grant_type === 'refresh_token' && answer.status === 200 ? ${unchecked} : readTokenResponse(answer, what, sentSecrets(headers, form, credentials));`,
    'checks nothing of a refresh answer',
    {
      collateral: [
        'refresh.rotation.keep',
        'refresh.id-token.continuity',
        'resp.no-refresh-token',
        'cache.refresh-expiry',
      ],
    },
  ),
  g: edit(
    'token_response.ts',
    "oauthError('invalid_response',",
    "oauthError('network',",
    'calls it a network error',
  ),
});
