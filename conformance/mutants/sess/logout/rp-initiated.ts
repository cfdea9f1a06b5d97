import { edit, mutants } from '../../../src/mutants/mutant.ts';

const without = (line: string, does: string) => edit('end_session.ts', line, '', does);
const END = 'endSessionUrl(endpoint, { ...options, clientId, idToken: token.idToken })';

export default mutants({
  a: without("set('id_token_hint', idToken?.reveal());", 'no hint, so that the server asks'),
  'a-wrong': edit(
    'logout.ts',
    END,
    'endSessionUrl(endpoint, { ...options, clientId, idToken: token.refreshToken })',
    'the refresh token as a hint',
  ),
  'a-here': without(
    "set('post_logout_redirect_uri', postLogoutRedirectUri);",
    'does not say where to return to',
  ),
  'a-state': without("if (postLogoutRedirectUri !== undefined) set('state', state);", 'no state'),
  'a-local': edit('logout.ts', END, 'undefined', 'leaves the browser logged in'),
});
