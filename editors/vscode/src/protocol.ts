/**
 * The protocol beyond LSP, as types: a mirror of wgsl_ls/server/PROTOCOL.md and nothing else.
 * A name that changes there changes here; no behaviour lives in this file.
 */
import { NotificationType, RequestType, RequestType0 } from 'vscode-languageclient/node';
import type { Location, Position, Range, TextDocumentIdentifier } from 'vscode-languageclient/node';

export type Verdict =
  | 'accepted'
  | 'rejected'
  | 'unsupported'
  | 'crashed'
  | 'timed-out'
  | 'unavailable'
  | 'pending'
  | 'preprocess-failed';

export interface VariantEntry {
  name: string;
  root: string;
  /** Left out by `wgsl/verdictsChanged`. */
  defines?: string[];
  origin: 'declared' | 'imported' | 'inferred' | 'default';
  axes: Record<string, string>;
  verdicts: Record<string, Verdict>;
  problems: number;
}

export interface VariantCounts {
  total: number;
  pass: number;
  fail: number;
  pending: number;
  unjudged: number;
}

export interface VariantList {
  root: string;
  active: string;
  variants: VariantEntry[];
  counts: VariantCounts;
}

export interface Context {
  root: string;
  variant: string;
  instance: number;
  label: string;
  chain: Location[];
}

export interface ContextList {
  contexts: Context[];
  active: number;
}

export interface MacroState {
  name: string;
  value: string;
  expanded: string;
  origin: 'variant' | 'source';
  locked: boolean;
  location?: Location | null;
  through: Location[];
  shadows: { value: string; location?: Location | null }[];
}

export interface DefineState {
  root: string;
  variant: string;
  line: number;
  macros: MacroState[];
}

export interface ExpandedText {
  uri: string;
  source: string;
  variant: string;
  text: string;
  failed: boolean;
  version: number;
}

export interface Site {
  kind: 'macro' | 'include';
  name: string;
  location: Location;
}

export interface MappedPosition {
  locations: Location[];
  stack: Site[];
}

export interface Explanation {
  markdown: string;
  presence: string;
  variants: { name: string; active: boolean; reason: string }[];
}

export interface ServerStatus {
  state: 'starting' | 'indexing' | 'checking' | 'idle' | 'stale' | 'engine-missing';
  done: number;
  total: number;
  message: string;
}

export interface SmokeResult {
  report: unknown;
  html?: string;
  summary: string;
  ok: boolean;
}

interface OfDocument {
  textDocument: TextDocumentIdentifier;
}
interface AtPosition extends OfDocument {
  position: Position;
  variant?: string;
}

export const rootsRequest = new RequestType0<{ roots: string[] }, void>('wgsl/roots');
export const variantsRequest = new RequestType<OfDocument, VariantList, void>('wgsl/variants');
export const setActiveVariantRequest = new RequestType<OfDocument & { variant: string }, VariantList, void>(
  'wgsl/setActiveVariant',
);
export const contextsRequest = new RequestType<OfDocument, ContextList, void>('wgsl/contexts');
export const setContextRequest = new RequestType<
  OfDocument & { root: string; variant?: string; instance: number },
  ContextList,
  void
>('wgsl/setContext');
export const defineStateRequest = new RequestType<AtPosition, DefineState, void>('wgsl/defineState');
export const expansionRequest = new RequestType<OfDocument & { variant?: string }, ExpandedText, void>('wgsl/expansion');
export const mapPositionRequest = new RequestType<
  AtPosition & { direction: 'toExpanded' | 'toSource' },
  MappedPosition,
  void
>('wgsl/mapPosition');
export const explainRequest = new RequestType<AtPosition, Explanation, void>('wgsl/explain');
export const inactiveRegionsRequest = new RequestType<OfDocument, { regions: Range[] }, void>('wgsl/inactiveRegions');

export const inactiveRegionsNotification = new NotificationType<{
  textDocument: { uri: string; version?: number | null };
  regions: Range[];
}>('wgsl/inactiveRegions');
export const verdictsChangedNotification = new NotificationType<VariantList>('wgsl/verdictsChanged');
export const statusNotification = new NotificationType<ServerStatus>('wgsl/status');
export const expansionChangedNotification = new NotificationType<{ uri: string; source: string; variant: string }>(
  'wgsl/expansionChanged',
);
