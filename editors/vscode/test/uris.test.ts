import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Uri } from './vscode';
import { converters, expandedAddress, expandedUri } from '../src/uris';

type RealUri = Parameters<typeof expandedAddress>[0];
const file = (path: string): RealUri => Uri.file(path) as unknown as RealUri;

test('an expanded address has the form that the protocol names', () => {
  const uri = expandedUri(file('/a b/flash.wgsl'), 'kv=f16&d 64');
  assert.equal(converters.code2Protocol(uri), 'wgsl-expanded:/a%20b/flash.wgsl?variant=kv%3Df16%26d%2064');
});

test('an address from the server comes back as the same document', () => {
  const uri = expandedUri(file('/a/flash.wgsl'), 'kv=f16 d=64');
  const back = converters.protocol2Code(converters.code2Protocol(uri));
  assert.equal(back.toString(), uri.toString());
  assert.deepEqual(expandedAddress(back)?.variant, 'kv=f16 d=64');
  assert.equal(expandedAddress(back)?.source.toString(), 'file:///a/flash.wgsl');
});

test('other documents are no expansions', () => {
  assert.equal(expandedAddress(file('/a/flash.wgsl')), undefined);
});
