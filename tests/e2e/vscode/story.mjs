// One person's first half hour with the extension, in the real workbench with the real server, on a copy of our
// FlashAttention family. Every step asserts what it shows and keeps a picture.
//   story.mjs SCRATCH VSIX WORKSPACE SERVER_FOLDER ARTIFACTS HOST_WORKSPACE
import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { hands, openBrowser, showsLogs, startWorkbench, until } from './workbench.mjs';

const [scratch, vsix, workspace, serverFolder, artifacts, hostWorkspace] = process.argv.slice(2);
const FILE = 'flash_attn_tile.wgsl';
const lineOf = (text, file = FILE) =>
  readFileSync(join(workspace, file), 'utf8').split('\n').findIndex((line) => line.includes(text)) + 1;

const workbench = await startWorkbench({ scratch, vsix, path: [serverFolder, process.env.PATH].join(delimiter) });
const browser = await openBrowser(scratch);
const { page } = browser;
const hand = hands(page, artifacts);
const { keyboard } = page;
const squiggles = () => page.locator('.squiggly-error').count();

const steps = {
  'a shader opens, its variants are judged': async () => {
    await page.goto(workbench.url(workspace));
    await page.locator('.explorer-viewlet .monaco-list-row').first().waitFor();
    await hand.open(FILE);
    await until('the active variant is named', 30_000, async () => (await hand.status()).includes('plain'));
    // "plain ✓ 162" and nothing pending: no second number.
    await until('every variant is judged', 120_000, async () => /^\s*plain\s+\d\d+\s*$/.test(await hand.status()));
    assert.equal(await squiggles(), 0);
  },

  'code that the active variant leaves out is dimmed': async () => {
    await hand.goto(lineOf('#ifdef K_DIRECT'), 1);
    const faint = await until('code is dimmed', 10_000, async () => {
      const lines = await hand.dimmed();
      return lines.length > 0 && lines;
    });
    assert.ok(faint.some((line) => line.includes('read_key(')), faint.join('\n'));
    assert.ok(!faint.some((line) => line.includes('kv_tile[key * QK_CHUNKS')), faint.join('\n'));
    // Or painted in one colour of the theme, which can be seen.
    workbench.configure({ 'wgsl.inactive.style': 'color' });
    const [colour] = await until('code has the colour', 15_000, async () => {
      const found = await hand.colours('let four = read_key(');
      return found.length === 1 && found;
    });
    const [red, green, blue, alpha = 1] = colour.match(/[\d.]+/g).map(Number);
    assert.ok(alpha > 0.3 && red + green + blue > 150, colour);
    await hand.shot('inactive-colour');
    workbench.configure({});
    await until('code is dimmed again', 15_000, async () => (await hand.dimmed()).length > 0);
  },

  'a hover shows the macro in every variant': async () => {
    const line = lineOf('let n_turns =');
    await hand.goto(line, 22);
    await hand.command('Show or Focus Hover');
    const hover = page.locator('.monaco-hover:visible').first();
    await hover.locator('table').first().waitFor();
    const text = await hover.innerText();
    assert.match(text, /Q_TILE/);
    assert.match(text, /\b8\b/);
  },

  'a misspelt name is marked at its line and in Problems': async () => {
    await keyboard.press('Escape');
    await hand.goto(lineOf('start_rows(thread);'), 1);
    await keyboard.press('End');
    await keyboard.press('Enter');
    await keyboard.type('let seeded = n_turn;', { delay: 10 });
    await keyboard.press('Escape');
    await until('the mistake is underlined', 30_000, async () => (await squiggles()) > 0);
    await hand.command('Problems: Focus on Problems View');
    const row = page.locator('.markers-panel .monaco-list-row', { hasText: 'n_turn' }).first();
    await row.waitFor();
    assert.match(await row.innerText(), new RegExp(`Ln ${lineOf('start_rows(thread);') + 1}\\b`));
    await until('the status bar counts failures', 60_000, async () => /^\s*plain\s+\d+\s+\d+/.test(await hand.status()));
  },

  'a quick fix repairs it': async () => {
    await hand.focus();
    await hand.goto(lineOf('start_rows(thread);') + 1, 20);
    const fix = page.locator('.action-widget .monaco-list-row', { hasText: 'n_turns' }).first();
    // The menu closes when anything moves beneath it, so it is asked for again as a person would.
    const isRight = async () => (await hand.lines()).some((line) => line.includes('let seeded = n_turns;'));
    await until('the fix is offered', 30_000, async () => {
      // On a slow machine the second time takes the one fix that the first had asked for.
      if (await isRight()) return true;
      await keyboard.press('Control+Period');
      await fix.waitFor({ timeout: 3_000 });
      return true;
    });
    await hand.shot('quick-fix-offered');
    if (!(await isRight())) await fix.click();
    await until('the name is right', 10_000, isRight);
    await until('the mistake is gone', 60_000, async () => (await squiggles()) === 0);
    await hand.command('View: Toggle Panel Visibility');
    await hand.focus();
    await hand.command('File: Revert File');
    await until('the file is as it was', 60_000, async () => /^\s*plain\s+\d\d+\s*$/.test(await hand.status()));
  },

  'the picker changes the active variant, dimming follows': async () => {
    await hand.command('WGSL: Choose active variant');
    await hand.rows.first().waitFor();
    await hand.shot('picker-offered');
    // Words in any order, of names, macros and verdicts.
    await keyboard.type('overlap k_direct', { delay: 5 });
    await until('only these are listed', 10_000, async () => {
      const shown = (await hand.rows.allInnerTexts()).filter((text) => text.includes('_'));
      return shown.length > 0 && shown.every((text) => text.includes('K_DIRECT') && text.includes('KV_OVERLAP'));
    });
    await hand.shot('picker-words');
    await keyboard.press('Enter');
    await until('another variant is active', 15_000, async () => (await hand.status()).includes('K_DIRECT'));
    await hand.goto(lineOf('#ifdef K_DIRECT'), 1);
    await until('the other branch is dimmed', 15_000, async () => {
      const faint = await hand.dimmed();
      return faint.some((line) => line.includes('kv_tile[key * QK_CHUNKS')) && !faint.some((line) => line.includes('read_key('));
    });
  },

  'the panels show variants and define state': async () => {
    await hand.command('WGSL: Show define state');
    await page.locator('.pane', { hasText: 'Define State' }).locator('.monaco-list-row', { hasText: 'K_DIRECT' }).first().waitFor();
    await page.locator('.pane', { hasText: 'WGSL Variants' }).locator('.monaco-list-row', { hasText: 'HEAD_DIM_QK=192' }).first().waitFor();
    await hand.focus();
    const panel = page.locator('.pane', { hasText: 'Define State' });
    await hand.goto(2, 1);
    await until('the panel follows the cursor', 10_000, async () => (await panel.innerText()).includes('line 2,'));
    await hand.goto(lineOf('let four = read_key'), 1);
    await until('the panel follows the cursor', 10_000, async () => (await panel.innerText()).includes(`line ${lineOf('let four = read_key')},`));
  },

  'the expansion opens beside and both cursors follow': async () => {
    await hand.command('WGSL: Show expansion beside');
    await until('the expansion is there', 30_000, async () => (await hand.lines(1)).some((line) => line.includes('read_key(')));
    assert.ok(!(await hand.lines(1)).some((line) => /^\s*#/.test(line)));
    assert.match(await page.locator('.editor-group-container').nth(1).locator('.tab.active').innerText(), /wgsl ▸ .*K_DIRECT/);
    await hand.focus(0);
    await hand.goto(lineOf('let first_query ='), 9);
    await until('the expansion shows the same line', 15_000, async () =>
      (await hand.lines(1)).some((line) => line.includes('let first_query = group.x *')));
    // From the other side: the end of the expansion is shown, so the source must move to its own end.
    await hand.focus(1);
    await keyboard.press('Control+End');
    // Inlay hints stand between the words of the source.
    await until('the source follows', 15_000, async () => (await hand.lines(0)).some((line) => /outputs\[place\]/.test(line)));
    await hand.focus(0);
    await hand.goto(lineOf('let first_query ='), 9);
    await until('the expansion follows again', 15_000, async () =>
      (await hand.lines(1)).some((line) => line.includes('let first_query = group.x *')));
  },

  'scrolling one side scrolls the other, both ways, from end to end': async () => {
    // A turn of the wheel is three lines, whatever a browser says of pixels; and the lines of an include are one line of
    // the source, which stays there meanwhile. So it is turned until the end is seen, and then the other side is looked at.
    const shows = async (group, words) => (await hand.lines(group)).some((line) => words.test(line));
    const [first, last] = [/^\/\/ FlashAttention with subgroups/, /outputs\[place\]/];
    await hand.focus(0);
    await hand.goto(1, 1);
    for (const group of [0, 1]) await until(`group ${group} begins at its beginning`, 15_000, () => shows(group, first));
    for (const [leader, words, turn] of [[1, last, 120], [1, first, -120], [0, last, 120], [0, first, -120]]) {
      const box = await page.locator('.editor-group-container').nth(leader).boundingBox();
      await page.mouse.move(box.x + 200, box.y + 300);
      await until(`group ${leader} is scrolled`, 60_000, async () => {
        for (let turns = 0; turns < 5; turns += 1) await page.mouse.wheel(0, turn);
        return shows(leader, words);
      });
      // Directives make the source longer: what is last on one side is below the last line of the other.
      for (let turns = 0; turns < 10; turns += 1) await page.mouse.wheel(0, turn);
      await until(`group ${1 - leader} follows`, 15_000, () => shows(1 - leader, words));
      await page.waitForTimeout(500);
      assert.ok(await shows(leader, words), 'the one that was scrolled has not been moved back');
    }
    await hand.goto(lineOf('let first_query ='), 9);
    await until('the cursor leads again', 15_000, () => shows(1, /let first_query = group\.x \*/));
  },

  'the expansion answers, and leads to what was written': async () => {
    await hand.focus(1);
    await keyboard.press('Control+F');
    await page.locator('.find-widget.visible').first().waitFor();
    await keyboard.type('first_query = group', { delay: 10 });
    await keyboard.press('Enter');
    await keyboard.press('Escape');
    await hand.command('Show or Focus Hover');
    await page.locator('.monaco-hover:visible', { hasText: 'group' }).first().waitFor();
    await keyboard.press('Escape');
    await hand.command('WGSL: Go to what was written');
    await until('the source has the focus', 15_000, async () =>
      page.locator('.editor-group-container').nth(0).evaluate((group) => group.classList.contains('active')));
    const line = (await hand.cursor()).match(/Ln (\d+)/)?.[1];
    assert.match(readFileSync(join(workspace, FILE), 'utf8').split('\n')[Number(line) - 1], /let first_query =/);
  },

  'the expansion changes as one types': async () => {
    await hand.focus(0);
    await hand.goto(lineOf('start_rows(thread);'), 1);
    await keyboard.press('End');
    await keyboard.press('Enter');
    await keyboard.type('let live = Q_TILE + undefined_here;', { delay: 10 });
    await keyboard.press('Escape');
    await until('the expansion has the new line', 15_000, async () =>
      (await hand.lines(1)).some((line) => /^ {4}let live = \d+ \+ undefined_here;$/.test(line)));
    await page.waitForTimeout(1000);
    const shown = [...(await hand.lines(0)), ...(await hand.lines(1))].filter((line) => line.includes('undefined_here'));
    assert.ok(shown.length === 2 && shown.every((line) => line.endsWith('+ undefined_here;')), shown.join('\n'));
    await until('the error stands on both sides', 60_000, async () => {
      const count = (group) => page.locator('.editor-group-container').nth(group).locator('.squiggly-error').count();
      return (await count(0)) > 0 && (await count(1)) > 0;
    });
  },

  'an #if is completed with its end': async () => {
    await hand.focus(0);
    await hand.command('File: Revert File');
    await until('the file is as it was', 15_000, async () => !(await hand.lines(0)).some((line) => line.includes('undefined_here')));
    await hand.goto(1, 1);
    await keyboard.press('Enter');
    await keyboard.press('ArrowUp');
    await keyboard.type('#if', { delay: 40 });
    const offered = page.locator('.suggest-widget.visible .monaco-list-row.focused');
    await offered.filter({ hasText: /^if/ }).first().waitFor();
    await keyboard.press('Enter');
    await until('it is written', 15_000, async () => /^#if condition/.test((await hand.lines(0))[0] ?? ''));
    await keyboard.press('Tab');
    await until('the directive ends, and the cursor is in it', 15_000, async () => {
      const [first = '', between, last = ''] = await hand.lines(0);
      return /^#if condition/.test(first) && between === '' && /^#endif/.test(last) && /Ln 2, Col 1$/.test(await hand.cursor());
    });
  },

  'a snippet writes a directive with its end': async () => {
    await hand.command('File: Revert File');
    await hand.goto(1, 1);
    await keyboard.press('Enter');
    await keyboard.press('ArrowUp');
    await keyboard.type('#ifelse', { delay: 40 });
    await page.locator('.suggest-widget.visible .monaco-list-row.focused', { hasText: '#ifelse' }).first().waitFor();
    await keyboard.press('Enter');
    await until('it is written', 15_000, async () => (await hand.lines(0)).slice(0, 5).join('\n').startsWith('#if CONDITION\n\n#else\n\n#endif'));
    await keyboard.press('Escape');
    await hand.command('File: Revert File');
  },

  'two variants are compared': async () => {
    await hand.focus(0);
    await hand.command('File: Revert File');
    await hand.command('View: Close All Editor Groups');
    await hand.open(FILE);
    await hand.command('WGSL: Diff with active variant');
    await hand.rows.first().waitFor();
    await hand.pick('plain');
    await page.locator('.monaco-diff-editor.side-by-side .line-insert').first().waitFor();
    await page.waitForTimeout(500);
  },

  'a macro is renamed across files': async () => {
    await hand.command('View: Close All Editor Groups');
    await hand.open(FILE);
    await hand.goto(lineOf('#define SCORE_TILE'), 12);
    await keyboard.press('F2');
    const box = page.locator('.rename-box input, .monaco-editor .rename-input').first();
    await box.waitFor();
    await box.fill('LOGIT_TILE');
    await hand.shot('rename-asked');
    await keyboard.press('Enter');
    await until('the name is new here', 15_000, async () => (await hand.lines()).some((line) => line.includes('#define LOGIT_TILE scores')));
    await hand.command('File: Save All Files');
    await until('the name is new in the include', 15_000, async () =>
      readFileSync(join(workspace, 'online_softmax.tmpl'), 'utf8').includes('LOGIT_TILE['));
    for (const file of ['online_softmax.tmpl', 'flash_attn.wgsl', FILE]) {
      await until(`${file} says SCORE_TILE no more`, 10_000, async () =>
        !readFileSync(join(workspace, file), 'utf8').replaceAll(/\/\/.*/g, '').includes('SCORE_TILE'));
    }
  },

  'a line is explained': async () => {
    await hand.goto(lineOf('let four = read_key'), 21);
    await hand.command('WGSL: Explain this line');
    await page.locator('.tab', { hasText: `line ${lineOf('let four = read_key')}` }).first().waitFor();
    assert.match(await page.locator('.editor-group-container').nth(0).locator('.tab.active').innerText(), /flash_attn_tile/);
    const frame = page.frameLocator('iframe.webview').frameLocator('iframe');
    await frame.getByText('K_DIRECT').first().waitFor();
  },

  'a smoke run ends in its report': async () => {
    await hand.focus(0);
    await hand.command('WGSL: Smoke run on the GPU');
    await page.locator('.notification-toast', { hasText: 'Smoke run' }).first().waitFor();
    await page.locator('.tab', { hasText: 'Smoke run' }).first().waitFor({ timeout: 120_000 });
    const report = page.frameLocator('iframe.webview.ready >> nth=-1').frameLocator('iframe');
    await report.locator('.banner').waitFor();
    assert.equal(await report.locator('.banner.ok').count(), 1, await report.locator('.banner').innerText());
  },

  'variants are tests, and validating says what came out': async () => {
    await hand.focus(0);
    await hand.command('Testing: Focus on Test Explorer View');
    const root = page.locator('.test-explorer-tree .monaco-list-row', { hasText: FILE }).first();
    await root.waitFor();
    await root.hover();
    await root.locator('.codicon-testing-run-icon').first().click();
    const said = page.locator('.test-output-peek, .panel').getByText(/162 variants/).first();
    await said.waitFor({ timeout: 60_000 });
  },

  'the log says version, compilers and what was checked': async () => {
    if (!showsLogs) return;
    await hand.command('WGSL: Show language server log');
    const shown = page.locator('.panel .view-lines').first();
    await until('the log is there', 15_000, async () => {
      // The view shows a part; the last lines tell of checks, so the filter looks for the others.
      const text = await shown.innerText();
      return /compilers:|answers after|variants checked/.test(text.replaceAll('\u00a0', ' ')) && text;
    });
    await hand.command('View: Toggle Panel Visibility');
  },

  'the server stops, starts with what was chosen and tells of itself, and nothing of that is an error': async () => {
    const told = (words) => page.locator('.notification-toast', { hasText: words }).first();
    await hand.focus(0);
    await hand.command('WGSL: Stop language server');
    await page.waitForTimeout(1500);
    assert.equal(await told('failed').count(), 0);
    await hand.command('WGSL: Start language server');
    await until('it runs, the chosen variant is active', 60_000, async () => /K_DIRECT.*\d\d/s.test(await hand.status()));
    await hand.command('WGSL: Show version of the language server');
    await told(/wgsl-ls \d+\.\d+/).waitFor();
    await hand.command('WGSL: Show memory and statistics');
    await page.locator('.tab', { hasText: 'WGSL statistics' }).first().waitFor();
    await hand.command('WGSL: Open configuration');
    await page.locator('.tab.active', { hasText: 'wgsl-ls.toml' }).first().waitFor();
  },

  'a task validates a folder, and its matcher makes problems of what it prints': async () => {
    // Of shaders that no editor shows: of those that one does, the server tells.
    const wrong = { 'above.wgsl': 'const a: u32 = nowhere_above;\n', 'below.wgsl': '\n\n#define HERE 1\nconst a = HERE;\nconst b: u32 = nowhere_below;\n' };
    for (const folder of ['unseen', '.vscode']) mkdirSync(join(workspace, folder));
    for (const [file, text] of Object.entries(wrong)) writeFileSync(join(workspace, 'unseen', file), text);
    const task = { type: 'wgsl-ls', label: 'what nobody sees', paths: ['unseen'], problemMatcher: '$wgsl-ls' };
    writeFileSync(join(workspace, '.vscode/tasks.json'), JSON.stringify({ version: '2.0.0', tasks: [task] }));
    const problems = page.locator('.markers-panel .monaco-list-row', { hasText: /nowhere_/ });
    await hand.command('Problems: Focus on Problems View');
    await page.waitForTimeout(1500);
    assert.equal(await problems.count(), 0, 'before the task nobody tells of them');
    await keyboard.press('F1');
    await keyboard.type('Tasks: Run Task', { delay: 5 });
    await hand.rows.filter({ hasText: /^Tasks: Run Task(?! )/ }).first().click();
    await hand.pick(task.label);
    await page.locator('.panel', { hasText: 'Task' }).first().waitFor();
    await hand.command('Problems: Focus on Problems View');
    for (const [name, line] of [['nowhere_above', 1], ['nowhere_below', 5]]) {
      const row = problems.filter({ hasText: name }).first();
      await row.waitFor({ timeout: 60_000 });
      assert.match(await row.innerText(), new RegExp(`Ln ${line}, Col 16\\b`));
    }
    for (const folder of ['unseen', '.vscode']) rmSync(join(workspace, folder), { recursive: true });
    await hand.command('View: Toggle Panel Visibility');
  },

  'the walkthrough opens': async () => {
    await hand.focus(0);
    await hand.command('WGSL: Get started');
    await page.getByText('Choose the active variant').first().waitFor();
  },

  "from a macro to the host's C++, and a new macro there is a new variant": async () => {
    await page.goto(workbench.url(hostWorkspace));
    await page.locator('.explorer-viewlet .monaco-list-row').first().waitFor();
    await hand.open('tone.wgsl');
    const tone = readFileSync(join(hostWorkspace, 'kernels/tone.wgsl'), 'utf8').split('\n');
    const line = tone.findIndex((text) => text.includes('#ifdef PACKED')) + 1;
    await until("the host's variants", 60_000, async () => /\d\d/.test(await hand.status()));
    await hand.goto(line, 9);
    await keyboard.press('F12');
    await page.locator('.tab.active', { hasText: 'engine.cpp' }).first().waitFor();
    const engine = join(hostWorkspace, 'engine.cpp');
    const text = readFileSync(engine, 'utf8');
    const given = text.split('\n').findIndex((one) => one.includes('macros.emplace("PACKED", "");')) + 1;
    await until('the cursor is there', 15_000, async () => new RegExp(`Ln ${given}\\b`).test(await hand.cursor()));
    await hand.shot('host-code');
    const found = 'macros.emplace("PACKED", "");';
    writeFileSync(engine, text.replace(found, `${found}\n    macros.emplace("BRAND_NEW", "");`));
    await page.locator('.tab', { hasText: 'tone.wgsl' }).first().click();
    await page.locator('.tab.active', { hasText: 'tone.wgsl' }).first().waitFor();
    await until('the new macro is in a variant', 60_000, async () => {
      await keyboard.press('Escape');
      await hand.command('WGSL: Choose active variant');
      await page.locator('.quick-input-widget input[placeholder*="any order"]').waitFor();
      await keyboard.type('brand_new');
      await page.waitForTimeout(500);
      // Labels leave out what follows from the rest: whoever has PACKED has the new one.
      const rows = (await hand.rows.allInnerTexts()).filter((row) => row.includes('TILE='));
      return rows.length > 0 && rows.every((row) => row.includes('PACKED'));
    });
    await keyboard.press('Escape');
  },

  'a first configuration is written after a yes, and opened': async () => {
    const file = join(hostWorkspace, 'kernels/wgsl-ls.toml');
    rmSync(join(hostWorkspace, 'wgsl-ls.toml'));
    await hand.focus(0);
    await until('none is in force', 60_000, async () => {
      await hand.command('WGSL: Open configuration');
      await page.locator('.notification-toast').getByText('Write it').first().click({ timeout: 5_000 });
      return true;
    });
    await page.locator('.tab.active', { hasText: 'wgsl-ls.toml' }).first().waitFor({ timeout: 60_000 });
    assert.match(readFileSync(file, 'utf8'), /passed when it was written/);
  },
};

let number = 0;
let code = 0;
for (const [name, act] of Object.entries(steps)) {
  number += 1;
  const file = `${String(number).padStart(2, '0')}-${name.replaceAll(/[^\w]+/g, '-')}`;
  const began = Date.now();
  try {
    await act();
    await hand.shot(file);
    console.log(`ok - ${name} (${((Date.now() - began) / 1000).toFixed(1)} s)`);
  } catch (error) {
    await hand.shot(`failed-${file}`).catch(() => undefined);
    console.log(`not ok - ${name}\n${error.stack}`);
    code = 1;
    if (number === 1 || process.env.WGSL_STORY_STOP) break;
    // The next step begins with a calm window.
    for (const key of ['Escape', 'Escape']) await keyboard.press(key);
  }
}
await browser.close();
workbench.stop();
process.exit(code);
