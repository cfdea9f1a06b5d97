import { expect, test } from 'vitest';
import { CannotRun } from '../cannot-run.ts';
import { sampleCommand } from './sample-command.ts';

test('the command stands in the first comment, after other lines of it', () => {
  const source =
    '# SPDX-License-Identifier: MIT-0\n#\n# One token.\n# Run: python a.py\n\nimport os\n';
  expect(sampleCommand('/x/a.py', source)).toEqual(['python', 'a.py']);
});

test.each([
  ['a shebang above it', 'a.sh', '#!/bin/sh\n# Run: sh a.sh\n'],
  ['a line comment', 'a.ts', '// MIT-0\n// Run: node a.ts\n'],
  ['a block comment', 'a.ts', '/*\n * One token.\n * Run: node a.ts\n */\nconst a = 1;\n'],
  ['a block comment of one line', 'a.groovy', '/* Run: groovy a.groovy */\nprintln 1\n'],
  ['a docstring', 'a.py', '# MIT-0\n"""One token.\n\nRun: python a.py\n"""\nimport os\n'],
  ['a docstring of one line', 'a.py', '"""Run: python a.py"""\nimport os\n'],
  ['Windows line ends', 'a.R', '# MIT-0\r\n# Run: Rscript a.R\r\n'],
])('it is found in %s', (_, name, source) => {
  expect(sampleCommand(`/x/${name}`, source)).toEqual([expect.stringMatching(/^\w+$/), name]);
});

test('quotes keep words together and are not passed on', () => {
  const words = sampleCommand('/x/my sample.py', `# Run: python -W "ignore all" 'my sample.py'\n`);
  expect(words).toEqual(['python', '-W', 'ignore all', 'my sample.py']);
});

test.each([
  ['there is none', '# One token.\nimport os\n', 'no line "Run: <command for a.py>"'],
  ['it stands below code', 'import os\n# Run: python a.py\n', 'no line "Run: <command for a.py>"'],
  ['a comment of one line ends above it', '"""One."""\nimport os\n# Run: python a.py\n', 'no line'],
  ['it names another file', '# Run: python b.py\n', 'runs "python b.py", which does not name a.py'],
])('an error says if %s', (_, source, message) => {
  const read = (): unknown => sampleCommand('/x/a.py', source);
  expect(read).toThrow(CannotRun);
  expect(read).toThrow(message);
});
