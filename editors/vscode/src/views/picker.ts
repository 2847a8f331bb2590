/** The variant picker: failing variants first, filtered by axis or by words in any order over all that is known. */
import * as vscode from 'vscode';
import { Batched } from '../model/batched';
import type { VariantModel } from '../model/variants';
import type { State, VariantEntry, VariantList } from '../protocol';
import { askedFor, axesOf, axesText, countsText, dissent, failingFirst, grouped, matches, searched, variantsText, wrapped } from '../model/verdicts';
import type { AxisFilter } from '../model/verdicts';
import { label } from '../words';

interface VariantItem extends vscode.QuickPickItem {
  variant: string;
}

const ICONS: Record<State, string> = {
  fail: '$(error)',
  pending: '$(circle-outline)',
  unjudged: '$(question)',
  pass: '$(pass)',
};
const HEADINGS: Record<State, string> = {
  fail: 'failing',
  pending: 'being checked',
  unjudged: 'not judged',
  pass: 'passing',
};

export function pickerItems(list: VariantList, filter: AxisFilter, query = ''): (VariantItem | vscode.QuickPickItem)[] {
  const items: (VariantItem | vscode.QuickPickItem)[] = [];
  let heading: State | undefined;
  for (const entry of failingFirst(list.variants.filter((one) => matches(one, filter) && searched(one, query)))) {
    const now = entry.state;
    if (now !== heading) items.push({ label: HEADINGS[now], kind: vscode.QuickPickItemKind.Separator });
    heading = now;
    items.push(variantItem(entry, entry.name === list.active, query));
  }
  return items;
}

/** Characters that fit into a row of the list, which does not grow with the window. */
const ROOM = 58;

/**
 * A row is cut off where it ends, so what a label has beyond goes to the second line. Then come the macros that were
 * asked for and are not in the label, the reason (that it fails, the icon says), and each compiler's verdict where they
 * differ.
 */
function variantItem(entry: VariantEntry, active: boolean, query: string): VariantItem {
  const [head, rest] = wrapped(entry.label, ROOM);
  const asked = askedFor(entry, query).join('  ');
  const verdicts = dissent(entry);
  const said = entry.reason ?? entry.why;
  const more = said === undefined ? [verdicts, entry.label === entry.name ? axesText(entry) : entry.name] : [said, verdicts];
  return {
    variant: entry.name,
    label: `${ICONS[entry.state]} ${active ? '● ' : ''}${label(head)}`,
    detail: label([rest, asked, ...more].filter((part) => part !== '').join(' · ')),
    // Filtering is ours: VS Code's own wants the words in the order of the text.
    alwaysShow: true,
  };
}

const SETTLE_MS = 300;

/** The name of the chosen variant, or undefined when the user left. What is judged meanwhile shows, and the choice stays. */
export function pickVariant(model: VariantModel, opened: VariantList, title: string): Promise<string | undefined> {
  let list = opened;
  let filter: AxisFilter = new Map();
  const pick = vscode.window.createQuickPick<VariantItem | vscode.QuickPickItem>();
  const filterButton: vscode.QuickInputButton = { iconPath: new vscode.ThemeIcon('filter'), tooltip: 'Filter by axis' };
  const fill = (chosenBefore?: string): void => {
    pick.items = pickerItems(list, filter, pick.value);
    const chosen = [...filter].flatMap(([axis, labels]) => [...labels].map((label) => (label === '' ? `without ${axis}` : label)));
    const found = pick.items.filter((item) => 'variant' in item).length;
    const of = found < list.variants.length ? `, ${grouped(found)} shown` : '';
    const counted = `${title}: ${countsText(list.counts)}${of}`;
    pick.title = chosen.length > 0 ? `${counted} (${chosen.join(', ')})` : counted;
    const itemOf = (name: string | undefined) => pick.items.find((item) => 'variant' in item && item.variant === name);
    const first = pick.items.find((item) => 'variant' in item);
    const wanted = itemOf(chosenBefore) ?? (pick.value === '' ? itemOf(list.active) : undefined) ?? first;
    if (wanted !== undefined) pick.activeItems = [wanted];
  };
  const news = new Batched(SETTLE_MS, () => {
    list = model.list(opened.root) ?? list;
    const [at] = pick.activeItems;
    pick.keepScrollPosition = true;
    fill(at !== undefined && 'variant' in at ? at.variant : undefined);
    pick.keepScrollPosition = false;
  });
  const listener = model.onDidChange((root) => root === opened.root && news.add(root));
  pick.placeholder = 'Words in any order: names, macros, verdicts, errors';
  // Before thousands of rows are made: what is typed meanwhile would go into the shader.
  pick.show();
  pick.onDidChangeValue(() => fill());
  pick.buttons = axesOf(list.variants).size > 0 ? [filterButton] : [];
  fill();
  return new Promise((resolve) => {
    let filtering = false;
    pick.onDidTriggerButton(async () => {
      filtering = true;
      filter = (await chooseFilter(list.variants, filter)) ?? filter;
      filtering = false;
      fill();
      pick.show();
    });
    pick.onDidAccept(() => {
      const [item] = pick.selectedItems;
      resolve(item !== undefined && 'variant' in item ? item.variant : undefined);
      pick.hide();
    });
    pick.onDidHide(() => {
      if (filtering) return;
      listener.dispose();
      news.dispose();
      resolve(undefined);
      pick.dispose();
    });
  });
}

interface LabelItem extends vscode.QuickPickItem {
  axis: string;
  value: string;
}

async function chooseFilter(variants: readonly VariantEntry[], now: AxisFilter): Promise<AxisFilter | undefined> {
  const items: (LabelItem | vscode.QuickPickItem)[] = [];
  for (const [axis, labels] of axesOf(variants)) {
    items.push({ label: label(axis), kind: vscode.QuickPickItemKind.Separator });
    for (const value of labels) {
      const count = variants.filter((entry) => entry.axes[axis] === value).length;
      const picked = now.get(axis)?.has(value) ?? false;
      items.push({ axis, value, label: label(value === '' ? `without ${axis}` : value), description: label(`${axis}, ${variantsText(count)}`), picked });
    }
  }
  const chosen = await vscode.window.showQuickPick(items, {
    canPickMany: true,
    title: 'Show only variants with',
    placeHolder: 'No choice in an axis means all of it',
    matchOnDescription: true,
  });
  if (chosen === undefined) return undefined;
  const filter = new Map<string, Set<string>>();
  for (const item of chosen) {
    if (!('axis' in item)) continue;
    filter.set(item.axis, (filter.get(item.axis) ?? new Set()).add(item.value));
  }
  return filter;
}
