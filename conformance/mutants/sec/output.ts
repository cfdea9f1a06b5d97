import { edit, mutants } from '../../src/mutants/mutant.ts';

const MASKED =
  "    return `${name}=${CHOSEN.has(name) ? '***' : new TokenSecret(value).toString()}`;";
const INSPECT = '  [INSPECT](): string {\n    return this.toString();\n  }';
// The next process that finds the store damaged logs its requests as well.
const stored = { collateral: ['cache.store.crash-safe'] };

export default mutants({
  a: edit('token_endpoint.ts', MASKED, '    return `${name}=${value}`;', 'logs the form', stored),
  'a-secret': edit(
    'token_endpoint.ts',
    MASKED,
    MASKED.replace("'***'", 'value'),
    'logs the client secret',
    stored,
  ),
  'a-header': edit(
    'token_endpoint.ts',
    '${masked(form)} -> ',
    "${masked(form)} ${headers.get('Authorization') ?? ''} -> ",
    'logs the Authorization header',
  ),
  'a-answer': edit(
    'token_endpoint.ts',
    'new TokenSecret(response.accessToken).toString()}',
    'new TokenSecret(response.accessToken).toString()} ${answer.text}',
    'logs the answer',
    stored,
  ),
  'a-part': edit(
    'secret.ts',
    'return `***sha256:${this.digest}`;',
    'return `${this.reveal().slice(-40)} ***sha256:${this.digest}`;',
    'prints the end of a token',
    stored,
  ),
  b: edit(
    'secret.ts',
    INSPECT,
    '  [INSPECT](): string {\n    return `${this.toString()} ${this.reveal()}`;\n  }',
    'shows tokens when an object is printed',
  ),
  'b-text': edit(
    'secret.ts',
    'return `***sha256:${this.digest}`;',
    'return `${this.reveal()} ${this.digest}`;',
    'shows tokens in texts',
    stored,
  ),
  'b-json': edit(
    'secret.ts',
    '  toJSON(): string {\n    return this.toString();',
    '  toJSON(): string {\n    return this.reveal();',
    'shows tokens in JSON',
  ),
  'b-client': edit(
    'token_client.ts',
    'show({ clientId, token',
    'show({ clientId, secret: this.#settings.clientSecret?.reveal(), token',
    'shows the client secret when the client is printed',
    stored,
  ),
  c: edit(
    'token_response.ts',
    'HTTP ${status}, ${why}',
    'HTTP ${status}, ${why}: ${text}',
    'quotes the body in its errors',
  ),
  'c-quoted': edit('printable.ts', 'masked(text, sent)', 'text', 'shows what the server quotes'),
  'c-parser': edit(
    'json.ts',
    '  } catch {\n    return undefined;',
    '  } catch (error) {\n    process.stderr.write(`${text} is not JSON\\n`);\n    return undefined;',
    'prints what it could not parse',
  ),
  'c-basic': edit(
    'client_authentication.ts',
    "  const secret = clientSecret?.reveal() ?? '';",
    "  const secret = clientSecret?.reveal() ?? '';\n  if (method === 'basic') process.stderr.write(`Basic ${basic(clientId, secret)}\\n`);",
    'prints the Basic credentials',
  ),
});
