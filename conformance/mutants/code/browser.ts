import { edit, mutants } from '../../src/mutants/mutant.ts';

export default mutants({
  a: edit(
    'authorization_code/callback_requests.ts',
    "page: page(400, 'The login failed', error.message)",
    "page: page(200, 'The login failed', error.message)",
    'shows a failure with status 200',
  ),
  'a-empty': edit(
    'authorization_code/callback_page.ts',
    '<h1>${escaped(title)}</h1><p>${escaped(text)}</p></html>`;',
    '</html>`;',
    'shows an empty page',
  ),
});
