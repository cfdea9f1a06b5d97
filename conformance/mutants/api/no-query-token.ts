import { edit, mutants } from '../../src/mutants/mutant.ts';

const SET = "  headers.set('Authorization', `Bearer ${token.accessToken.reveal()}`);";
const inUrl = (code: string) => `${SET}\n  url = new URL(url);\n  ${code}`;

export default mutants({
  a: edit(
    'protected_resource.ts',
    SET,
    inUrl("url.searchParams.set('access_token', token.accessToken.reveal());"),
    '?access_token=',
  ),
  b: edit(
    'protected_resource.ts',
    SET,
    inUrl("if (url.search !== '') url.searchParams.set('token', token.accessToken.reveal());"),
    'under another name, where there is a query already',
  ),
  c: edit(
    'protected_resource.ts',
    SET,
    inUrl("url.searchParams.set('t', Buffer.from(token.accessToken.reveal()).toString('base64'));"),
    'in Base64',
  ),
});
