import { edit, mutants } from '../../src/mutants/mutant.ts';

const MASKED =
  "    return `${name}=${name === 'client_secret' ? '***' : new TokenSecret(value).toString()}`;";
const INSPECT = '  [inspect.custom](): string {\n    return this.toString();\n  }';
const UNUSABLE =
  "new OAuthError('invalid_response', `${what}: HTTP ${status}, ${why}`, { httpStatus: status });\n  if (!json)";

export default mutants({
  a: edit('token_endpoint.ts', MASKED, '    return `${name}=${value}`;', 'logs the form'),
  'a-secret': edit(
    'token_endpoint.ts',
    MASKED,
    MASKED.replace("'***'", 'value'),
    'logs the client secret',
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
  ),
  'a-part': edit(
    'secret.ts',
    'return `***sha256:${this.digest}`;',
    'return `${this.reveal().slice(-40)} ***sha256:${this.digest}`;',
    'prints the end of a token',
  ),
  b: edit(
    'secret.ts',
    INSPECT,
    '  [inspect.custom](): string {\n    return `${this.toString()} ${this.reveal()}`;\n  }',
    'shows tokens when an object is printed',
  ),
  'b-text': edit(
    'secret.ts',
    'return `***sha256:${this.digest}`;',
    'return `${this.reveal()} ${this.digest}`;',
    'shows tokens in texts',
  ),
  'b-json': edit(
    'secret.ts',
    '  toJSON(): string {\n    return this.toString();',
    '  toJSON(): string {\n    return this.reveal();',
    'shows tokens in JSON',
  ),
  'b-client': edit(
    'token_client.ts',
    'inspect({ clientId: this.#settings.clientId, token',
    'inspect({ clientId: this.#settings.clientId, secret: this.#settings.clientSecret?.reveal(), token',
    'shows the client secret when the client is printed',
  ),
  c: {
    does: 'quotes the body in its errors',
    edits: [
      {
        file: 'token_response.ts',
        find: UNUSABLE,
        replace: UNUSABLE.replace('${why}', '${why}: ${text}'),
      },
      {
        file: 'token_response.ts',
        find: 'HTTP ${status}${said && `, ${said}`}',
        replace: 'HTTP ${status}${said && `, ${said}`} ${JSON.stringify(json)}',
      },
    ],
  },
  'c-parser': edit(
    'token_response.ts',
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
