/**
 * The workspace's words, made harmless for what interprets text here. Names of variants, macros and files come from a
 * repository: in a notification `[text](command:…)` is a link that runs a command, and in labels `$(name)` is an icon.
 */

/** For notifications and their progress. */
export function notice(text: string): string {
  return text.replaceAll('](', '] (');
}

/** For labels of the status bar, of pickers and of lenses. */
export function label(text: string): string {
  return text.replaceAll('$(', '$ (');
}
