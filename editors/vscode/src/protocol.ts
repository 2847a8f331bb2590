/**
 * The protocol beyond LSP, as types. Written by `python -m wgsl_ls.server.protocol_page` from
 * wgsl_ls/server/messages.py: change a message there. No behaviour lives in this file.
 */
import { NotificationType, RequestType, RequestType0 } from 'vscode-languageclient/node';
import type {
  Location,
  OptionalVersionedTextDocumentIdentifier,
  Position,
  Range,
  TextDocumentIdentifier,
} from 'vscode-languageclient/node';

/** `instance`: as in Context. */
export interface ActivateArgument {
  uri: string;
  root: string;
  variant: string;
  instance: number;
}

export interface AddVariantArgument {
  uri: string;
  variant: string;
}

export interface Applied {
  applied: boolean;
}

/** Without `uri` every root of the workspace. */
export interface CheckAllArgument {
  uri?: string;
}

/** Variants of a root by their state. */
export interface VariantCounts {
  total: number;
  pass: number;
  fail: number;
  pending: number;
  unjudged: number;
}

export interface CheckedCounts {
  counts: VariantCounts;
}

/** `json`: as `wgsl-ls doctor --json` writes it. */
export interface DoctorReport {
  markdown: string;
  json: unknown;
}

export interface OpenDocumentArgument {
  uri: string;
}

/**
 * `engine`, `adapter`: else the first engine that runs shaders, on the adapter it prefers. `case`: a glob over the
 * names of cases; else all small ones. `matrices`: else the device's own subgroup matrices, emulated ones where it
 * has none and is fast enough.
 */
export interface SmokeRunArgument {
  uri: string;
  variant?: string;
  engine?: string;
  adapter?: string;
  case?: string;
  matrices?: 'auto' | 'native' | 'emulated';
}

/**
 * `report`: as `wgsl-ls smoke --format json` writes it; `html`: a page, when matplotlib is there; `ok`: every check
 * of every run passed; `cases`, `engines`: what could be run instead.
 */
export interface SmokeResult {
  report: unknown;
  summary: string;
  ok: boolean;
  cases: string[];
  engines: string[];
  html?: string;
}

/** `version`: left out while the engine has not said it. */
export interface EngineStatistics {
  jobs: number;
  starts: number;
  deaths: number;
  version?: string;
}

/**
 * `idle`: nothing is left to check; `memory`: bytes that the server's own process holds (where the system does not
 * say that, the most it held).
 */
export interface Statistics {
  idle: boolean;
  revision: number;
  memory: number;
  engines: Record<string, EngineStatistics>;
}

export interface DocumentParams {
  textDocument: TextDocumentIdentifier;
}

/**
 * An include file seen through one `#include` path. `instance`: which reading of the file in this root and variant;
 * `chain`: the `#include` sites from the root to the file.
 */
export interface Context {
  root: string;
  variant: string;
  instance: number;
  label: string;
  chain: Location[];
}

/** `active`: index of the chosen one, -1 without any. */
export interface ContextList {
  contexts: Context[];
  active: number;
}

/** `lines`: of each line with code [line, variants in which it is active]. */
export interface CoveredFile {
  uri: string;
  lines: number[][];
}

/** Of every file that some variant of `root` reads; `total`: variants. */
export interface CoverageReport {
  root: string;
  total: number;
  files: CoveredFile[];
}

/** `variant`: instead of the active one. */
export interface PositionParams {
  textDocument: TextDocumentIdentifier;
  position: Position;
  variant?: string;
}

/** A definition that another one hides; `ignored`: it never took effect, because the variant gives the macro. */
export interface Shadow {
  value: string;
  ignored: boolean;
  location?: Location;
}

/**
 * `value` as written, `expanded` fully (left out when that cannot be done); `locked`: a #define or #undef would not
 * change it; `location`: of the name in its #define, or of what gives it in the host's code; `through`: the #include
 * sites that led there, innermost first; `given`: "given by FUNCTION, when CONDITION" of the host's code, where that
 * is known.
 */
export interface MacroState {
  name: string;
  value: string;
  origin: 'variant' | 'source';
  locked: boolean;
  through: Location[];
  shadows: Shadow[];
  expanded?: string;
  location?: Location;
  given?: string;
}

/** `line`: from 0, that of the position asked about. */
export interface DefineState {
  root: string;
  variant: string;
  line: number;
  macros: MacroState[];
}

/** `left`, `right`: names of variants. */
export interface DiffVariantsParams {
  textDocument: TextDocumentIdentifier;
  left: string;
  right: string;
}

/**
 * `uri`: of the expanded document; `source`: of its root; `failed`: the preprocessor would have stopped; `version`:
 * grows with every change of an input. `segments`: each [expanded start line, column, end line, column, index in
 * `files`, written start line, column, end line, column, kind], kind 0 copied, 1 out of a macro.
 */
export interface ExpandedText {
  uri: string;
  source: string;
  variant: string;
  text: string;
  failed: boolean;
  version: number;
  segments: number[][];
  files: string[];
}

/** `unified`: as `diff -u` writes it. */
export interface VariantDiff {
  left: ExpandedText;
  right: ExpandedText;
  unified: string;
}

/** `textDocument`: a written file, or an expanded document; `variant`: instead of the active one. */
export interface ExpansionParams {
  textDocument: TextDocumentIdentifier;
  variant?: string;
}

export interface PlaceParams {
  textDocument: TextDocumentIdentifier;
  position: Position;
}

/** `reason`: why the line is active or not in this variant. */
export interface VariantPresence {
  name: string;
  active: boolean;
  reason: string;
}

/** `presence`: the shortest macro condition under which the line is active; "" always, left out when none is short. */
export interface Explanation {
  markdown: string;
  variants: VariantPresence[];
  presence?: string;
}

export interface RegionList {
  regions: Range[];
}

/**
 * `textDocument`: the document that `position` is in: the written file for `toExpanded`, the expanded document for
 * `toSource`.
 */
export interface MapPositionParams {
  textDocument: TextDocumentIdentifier;
  position: Position;
  direction: 'toExpanded' | 'toSource';
  variant?: string;
}

/** A macro or an #include on the way from a written to an expanded place. */
export interface Site {
  kind: 'macro' | 'include';
  name: string;
  location: Location;
}

/** `locations`: empty for what maps to nothing. */
export interface MappedPosition {
  locations: Location[];
  stack: Site[];
}

/** `roots`: addresses of every root of the workspace that the server knows. */
export interface RootList {
  roots: string[];
}

export interface SetActiveVariantParams {
  textDocument: TextDocumentIdentifier;
  variant: string;
}

export type State =
  | 'pass'
  | 'fail'
  | 'pending'
  | 'unjudged';

export type Verdict =
  | 'accepted'
  | 'rejected'
  | 'accepted-by-structure'
  | 'rejected-by-structure'
  | 'unsupported'
  | 'crashed'
  | 'timed-out'
  | 'device-lost'
  | 'unavailable'
  | 'pending'
  | 'preprocess-failed';

/**
 * `state`: what is known of it over all engines and our own checks (profiles, lints): the one word that a client
 * shows. `verdicts`: by engine, for details. `problems`: errors in it. `why`: why nobody could judge it, when so.
 * `reason`: its first error. `label`: what tells it from the others of the list, unique there; `axes`: the same by
 * axis ("" for none of its alternatives), derived from the macros where no axes are declared. `asked`: inputs with
 * which the host asks for it. `defines`: NAME or NAME=VALUE.
 */
export interface VariantEntry {
  name: string;
  root: string;
  origin: 'declared' | 'imported' | 'host' | 'inferred' | 'default';
  label: string;
  axes: Record<string, string>;
  state: State;
  verdicts: Record<string, Verdict>;
  problems: number;
  defines: string[];
  why?: string;
  reason?: string;
  asked?: string;
}

/**
 * `root`: address of the root; `active`: name of its active variant; `edition`: another number when the variants
 * themselves are others; `summary`: the counts in words, for a person ("3,200 variants · 352 structures · 3,199 pass
 * · 1 fails: …"); `configuration`: address of the wgsl-ls.toml in force, left out without one.
 */
export interface VariantList {
  root: string;
  active: string;
  edition: number;
  variants: VariantEntry[];
  counts: VariantCounts;
  summary: string;
  configuration?: string;
}

export interface SetContextParams {
  textDocument: TextDocumentIdentifier;
  root: string;
  instance: number;
  variant?: string;
}

export interface InactiveRegions {
  textDocument: OptionalVersionedTextDocumentIdentifier;
  regions: Range[];
}

/**
 * What is now known of some variants, as in VariantEntry; `why` and `reason` are gone where they are left out.
 * `runs`: which, by their places in the list: so many are passed over, so many meant, so many passed over, and so on
 * ([2, 3] are the third, fourth and fifth).
 */
export interface VerdictChange {
  runs: number[];
  state: State;
  verdicts: Record<string, Verdict>;
  problems: number;
  why?: string;
  reason?: string;
}

/** `changes` are made to the list of `wgsl/variants` with the same `edition`; the rest is as in VariantList. */
export interface VerdictsChanged {
  root: string;
  active: string;
  edition: number;
  changes: VerdictChange[];
  counts: VariantCounts;
  summary: string;
  configuration?: string;
}

/** `uris`: open documents; none: only lists of variants are new. */
export interface ViewsChanged {
  uris: string[];
}

/**
 * `done` of `total` variants; `message`: words for a person, perhaps none; `remedy`: the command for a shell that
 * brings a missing engine.
 */
export interface ServerStatus {
  state: 'starting' | 'indexing' | 'reading' | 'checking' | 'idle' | 'stale' | 'engine-missing';
  done: number;
  total: number;
  message: string;
  remedy?: string;
}

/** `uri`: of the expanded document; `source`: of its root. */
export interface ExpansionChanged {
  uri: string;
  source: string;
  variant: string;
}

/** `files`: addresses of the host program's C++ files that variants are read from, all there are. */
export interface HostFiles {
  files: string[];
}

export const contextsRequest = new RequestType<DocumentParams, ContextList, void>('wgsl/contexts');
export const coverageRequest = new RequestType<DocumentParams, CoverageReport, void>('wgsl/coverage');
export const defineStateRequest = new RequestType<PositionParams, DefineState, void>('wgsl/defineState');
export const diffVariantsRequest = new RequestType<DiffVariantsParams, VariantDiff, void>('wgsl/diffVariants');
export const expansionRequest = new RequestType<ExpansionParams, ExpandedText, void>('wgsl/expansion');
export const explainRequest = new RequestType<PlaceParams, Explanation, void>('wgsl/explain');
export const inactiveRegionsRequest = new RequestType<DocumentParams, RegionList, void>('wgsl/inactiveRegions');
export const mapPositionRequest = new RequestType<MapPositionParams, MappedPosition, void>('wgsl/mapPosition');
export const rootsRequest = new RequestType0<RootList, void>('wgsl/roots');
export const setActiveVariantRequest = new RequestType<SetActiveVariantParams, VariantList, void>(
  'wgsl/setActiveVariant',
);
export const setContextRequest = new RequestType<SetContextParams, ContextList, void>('wgsl/setContext');
export const variantsRequest = new RequestType<DocumentParams, VariantList, void>('wgsl/variants');

export const inactiveRegionsNotification = new NotificationType<InactiveRegions>('wgsl/inactiveRegions');
export const verdictsChangedNotification = new NotificationType<VerdictsChanged>('wgsl/verdictsChanged');
export const viewsChangedNotification = new NotificationType<ViewsChanged>('wgsl/viewsChanged');
export const statusNotification = new NotificationType<ServerStatus>('wgsl/status');
export const expansionChangedNotification = new NotificationType<ExpansionChanged>('wgsl/expansionChanged');
export const hostFilesNotification = new NotificationType<HostFiles>('wgsl/hostFiles');
export const smokeFinishedNotification = new NotificationType<SmokeResult>('wgsl/smokeFinished');
