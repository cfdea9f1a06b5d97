// Preloaded by `node --import`: changes sources of the core client on their way into memory, before their types are stripped.
import { type LoadHookSync, registerHooks } from 'node:module';
import { z } from 'zod';

const edits = z
  .array(z.strictObject({ url: z.url(), find: z.string().min(1), replace: z.string() }))
  .parse(JSON.parse(process.env['MUTANT'] ?? ''));

registerHooks({
  load(url, context, nextLoad) {
    const loaded = nextLoad(url, context);
    const wanted = edits.filter((edit) => edit.url === url);
    if (wanted.length === 0) return loaded;
    const source = wanted.reduce((text, { find, replace }) => {
      if (!text.includes(find)) throw new Error(`the patch no longer applies to ${url}: ${find}`);
      // A function, because in a text of replace a dollar sign has a meaning of its own.
      return text.replace(find, () => replace);
    }, text(loaded.source));
    return { ...loaded, source };
  },
});

function text(source: ReturnType<LoadHookSync>['source']): string {
  return typeof source === 'string' ? source : new TextDecoder().decode(source);
}
