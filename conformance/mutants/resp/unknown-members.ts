import { edit, mutants } from '../../src/mutants/mutant.ts';

const CHECKED = "  if (json['error'] !== undefined)";
const KNOWN =
  "['access_token', 'expires_in', 'refresh_expires_in', 'refresh_token', 'token_type', 'id_token', 'not-before-policy', 'session_state', 'scope', 'error', 'error_description']";

export default mutants({
  a: edit(
    'token_response.ts',
    CHECKED,
    `  if (Object.keys(json).some((name) => !${KNOWN}.includes(name))) throw unusable('strict schema');\n${CHECKED}`,
    'a strict schema',
  ),
  b: edit(
    'token_response.ts',
    CHECKED,
    `  if (Object.values(json).some((value) => typeof value === 'object')) throw unusable('nested');\n${CHECKED}`,
    'refuses nested members',
    { collateral: ['refresh.rotation.keep'] },
  ),
  c: edit(
    'token_response.ts',
    CHECKED,
    `  if (json['not-before-policy'] !== undefined && typeof json['not-before-policy'] !== 'number') throw unusable('typed');\n${CHECKED}`,
    "insists on Keycloak's types of members that it does not need",
  ),
  d: edit(
    'token_response.ts',
    "nonEmpty(json['access_token']);",
    "nonEmpty((JSON.parse(text, (name, value) => (value && typeof value === 'object' && 'access_token' in value && name !== '' ? fail() : value)) as JsonObject)['access_token']);\n  function fail(): never { throw unusable('nested token'); }",
    'stumbles over a nested member of a known name',
  ),
});
