const cheat = (name: string, does: string) => ({
  name: `cheat-${name}`,
  does,
  file: new URL(`../../cheats/${name}.ts`, import.meta.url),
});

/** Adapters that want to look right without being it: none of them may pass a single trial. */
export const CHEATS = [
  cheat('yes-man', 'says yes to everything'),
  cheat('mute', 'shakes hands and says nothing more'),
  cheat('crasher', 'dies at the first request'),
  cheat('parrot', 'repeats the answers of a client that was right'),
  cheat('skipper', 'declares no capability'),
];
