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

test('a tab says the label, and the document stays the same when the label changes', () => {
  const uri = expandedUri(file('/a/labelled.wgsl'), 'long', 'K_F16  a/b');
  assert.deepEqual(JSON.parse(uri.query), { variant: 'long', label: 'K_F16  a∕b' });
  assert.equal(expandedUri(file('/a/labelled.wgsl'), 'long', 'other').toString(), uri.toString());
  assert.equal(converters.protocol2Code('wgsl-expanded:/a/labelled.wgsl?variant=long').toString(), uri.toString());
});

test('a document of an earlier window keeps its address', () => {
  const restored = Uri.from({ scheme: 'wgsl-expanded', path: '/a/old.wgsl', query: '{"variant":"v(1)","label":"before"}' });
  const address = converters.code2Protocol(restored as unknown as RealUri);
  assert.equal(address, 'wgsl-expanded:/a/old.wgsl?variant=v(1)');
  // The server writes the same address with more characters encoded.
  assert.equal(converters.protocol2Code('wgsl-expanded:/a/old.wgsl?variant=v%281%29').toString(), restored.toString());
});
