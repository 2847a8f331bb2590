/** Other extensions for WGSL: they know no preprocessor, so what they mark in such a file is mostly wrong. */
import * as vscode from 'vscode';

const SHOW = 'Show them';
const NEVER = "Don't say this again";
const KEY = 'conflicts.silent';

interface Manifest {
  displayName?: string;
  main?: string;
  browser?: string;
  contributes?: { languages?: { id?: string; extensions?: string[] }[] };
}

/** Extensions that run code for WGSL files; a grammar or a theme is no conflict. */
export function conflicting(extensions: readonly { id: string; packageJSON: unknown }[], own: string): string[] {
  return extensions.flatMap(({ id, packageJSON }) => {
    const manifest = packageJSON as Manifest;
    const runs = manifest.main !== undefined || manifest.browser !== undefined;
    const languages = manifest.contributes?.languages ?? [];
    const ours = languages.some((one) => one.id === 'wgsl' || one.extensions?.includes('.wgsl') === true);
    return id !== own && runs && ours ? [id] : [];
  });
}

export async function noteConflicts(context: vscode.ExtensionContext): Promise<void> {
  const found = conflicting(vscode.extensions.all, context.extension.id);
  if (found.length === 0 || context.globalState.get(KEY) === found.join()) return;
  const answer = await vscode.window.showInformationMessage(
    `Also for WGSL: ${found.join(', ')}. What it marks in a shader with #if and #include may be wrong; to see only ` +
      'what holds in some variant, disable it in this workspace.',
    SHOW,
    NEVER,
  );
  if (answer === SHOW) await vscode.commands.executeCommand('workbench.extensions.search', found.map((id) => `@id:${id}`).join(' '));
  if (answer === NEVER) await context.globalState.update(KEY, found.join());
}
