import { edit, mutants } from '../../../src/mutants/mutant.ts';

const DROP = '        this.#refreshToken = undefined;\n      }';
const RENEWED = '    return this.#clientCredentials();\n  }\n';

// It meets a session that has ended there, too.
const session = { collateral: ['api.401.renew-once', 'cache.renew.expired'] };

export default mutants({
  a: edit('token_client.ts', DROP, '        throw error;\n      }', 'gives up', session),
  b: edit(
    'token_client.ts',
    DROP,
    '        return await this.#refresh(this.#refreshToken);\n      }',
    'repeats the same refresh token',
    session,
  ),
  c: edit(
    'token_client.ts',
    RENEWED,
    "    return this.#clientCredentials().catch((error) => {\n      if (error.class !== 'invalid_grant') throw error;\n      return this.#clientCredentials();\n    });\n  }\n",
    'tries the grant twice',
  ),
  d: edit(
    'token_client.ts',
    DROP,
    '        await this.#refresh(this.#refreshToken).catch(() => {});\n        this.#refreshToken = undefined;\n      }',
    'tries the refresh twice before the grant',
  ),
  e: edit(
    'token_client.ts',
    DROP,
    '        this.#refreshToken = undefined;\n        await this.#clientCredentials();\n        this.#refreshToken = undefined;\n      }',
    'asks for two new tokens',
  ),
});
