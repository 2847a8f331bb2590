import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';

test('what is bundled is listed with its licence, and packed', () => {
  execFileSync(process.execPath, ['esbuild.mjs'], { stdio: 'inherit' });
  const text = readFileSync('out/third-party.txt', 'utf8');
  const listed = [...text.matchAll(/^(\S+) \d[\w.-]* \(([\w.-]+)\)$/gm)].map(([, name]) => name);
  const bundle = readFileSync('out/extension.js', 'utf8');
  const bundled = [...bundle.matchAll(/^\/\/ node_modules\/(?:.*\/node_modules\/)?((?:@[^/\n]+\/)?[^/\n]+)\//gm)].map(([, name]) => name);
  assert.ok(bundled.length > 0);
  assert.deepEqual([...new Set(listed)].sort(), [...new Set(bundled)].sort());
  assert.ok((text.match(/Permission is hereby granted|Permission to use, copy|Redistribution and use|Blue Oak Model License/g) ?? []).length >= listed.length);
  assert.ok(readFileSync('.vscodeignore', 'utf8').split('\n').includes('!out/third-party.txt'));
});
