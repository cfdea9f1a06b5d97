#!/usr/bin/env node
import { program } from './program.ts';

// Loaded within, where an error has its exit code: a part of it reads the realm.
await program(async () => (await import('./cli/main.ts')).main(process.argv.slice(2)));
