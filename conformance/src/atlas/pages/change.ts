// "What to change", for a reader of any language.
import { type ServerName, TITLES } from '../../servers/server.ts';
import type { ChangedSetting, Finding } from '../finding.ts';
import { type Language, LANGUAGES } from '../provocation.ts';
import { code, table } from './markdown.ts';

const READ: Readonly<Record<Exclude<Language, 'curl'>, (variable: string) => string>> = {
  TypeScript: (variable) => `process.env['${variable}']`,
  Python: (variable) => `os.environ["${variable}"]`,
  R: (variable) => `Sys.getenv("${variable}")`,
  Groovy: (variable) => `System.getenv('${variable}')`,
};
// A secret stands in no source.
const FROM_ENVIRONMENT = new Set(['CLIENT_SECRET', 'PASSWORD']);

/** @param findings those of one provocation that belong to the page */
export function changes(findings: readonly Finding[]): string[] {
  const [first] = findings;
  if (!first) return [];
  const { advice, lines = {}, at = {} } = first.provocation.change;
  const settings = first.plays[0]?.changed ?? [];
  const places = Object.entries(at)
    .filter(([server]) => findings.some((finding) => finding.server === server))
    .map(([server, where]) => `- ${TITLES[server as ServerName]}: ${where}`);
  const written = LANGUAGES.flatMap((language) => {
    const line = lines[language];
    return line === undefined ? [] : [[language, code(line)]];
  });
  return [
    `**What to change.** ${advice}`,
    settings.length === 0
      ? ''
      : table(
          ['', 'write', 'instead of'],
          LANGUAGES.map((language) => [
            language,
            settings.map((setting) => line(language, setting.name, setting.right)).join('<br>'),
            settings.map((setting) => before(language, setting)).join('<br>'),
          ]),
        ),
    settings.some(({ name }) => name.endsWith('_url') || name === 'issuer')
      ? `(The values are those of ${TITLES[first.server]}.)`
      : '',
    written.length === 0 ? '' : table(['', 'write'], written),
    places.join('\n'),
  ];
}

function before(language: Language, { name, wrong, right }: ChangedSetting): string {
  if (wrong === right) return 'the other client’s';
  return line(language, name, wrong);
}

function line(language: Language, name: string, value: string | undefined): string {
  if (value === undefined) return 'nothing';
  const variable = name === 'api_url' ? 'API_URL' : `OAUTH_${name.toUpperCase()}`;
  if (language === 'curl') {
    const shown = FROM_ENVIRONMENT.has(value) ? '…' : value;
    return code(`${variable}='${shown}'`);
  }
  const isSecret = FROM_ENVIRONMENT.has(value);
  const quote = language === 'Python' || language === 'R' ? '"' : "'";
  const written = isSecret ? READ[language](variable) : `${quote}${value}${quote}`;
  return code(
    {
      TypeScript: `${name.replaceAll(/_./g, (two) => two.charAt(1).toUpperCase())}: ${written}`,
      Python: `${name}=${written}`,
      R: `${name} = ${written}`,
      Groovy: `${name}: ${written}`,
    }[language],
  );
}
