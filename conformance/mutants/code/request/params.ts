import { edit, mutants } from '../../../src/mutants/mutant.ts';

const FILE = 'authorization_code/authorization_request.ts';
const SEARCH = "  url.search = [...others, parameters.toString()].join('&');";
const searching = (code: string) => `  url.search = [...others, ${code}].join('&');`;

export default mutants({
  a: edit(
    FILE,
    "response_type: 'code',",
    "response_type: 'code token',",
    'asks for a code and a token',
    {
      blocks: true,
    },
  ),
  'a-none': edit(FILE, "      response_type: 'code',\n", '', 'leaves response_type out', {
    blocks: true,
  }),
  b: edit(
    FILE,
    SEARCH,
    searching(
      'parameters.toString().replace(encodeURIComponent(request.redirectUri), request.redirectUri)',
    ),
    'puts the redirect URI in as it is',
  ),
  'b-twice': edit(
    FILE,
    SEARCH,
    searching("parameters.toString(), 'client_id=' + parameters.get('client_id')"),
    'names the client twice',
    { blocks: true },
  ),
  'b-scope': edit(
    FILE,
    SEARCH,
    searching("parameters.toString().replace(/scope=([^&]*)/, (all) => all.replaceAll('+', ','))"),
    'separates the scopes by commas',
    { blocks: true, collateral: ['idt.requested'] },
  ),
  'b-query': edit(FILE, '[...others, parameters', '[parameters', "drops the endpoint's own query"),
  'b-question': edit(
    FILE,
    SEARCH,
    `${SEARCH} if (endpoint.search) url.search = endpoint.search.slice(1) + '?' + parameters;`,
    'puts a second question mark behind the query that is there',
  ),
});
