/** The few names of `vscode-languageclient/node` that src/ uses, without a client: unit tests bring their own server. */
export class RequestType<P, R, E> {
  declare readonly _types: [P, R, E];
  constructor(readonly method: string) {}
}
export class RequestType0<R, E> {
  declare readonly _types: [R, E];
  constructor(readonly method: string) {}
}
export class NotificationType<P> {
  declare readonly _types: P;
  constructor(readonly method: string) {}
}
export class ResponseError extends Error {}
export class LanguageClient {
  state = 2;
  handleFailedRequest(_type: unknown, _token: unknown, error: Error): unknown {
    throw error;
  }
}
export const State = { Stopped: 1, Running: 2 };
export const Trace = { fromString: () => 0 };
export const TransportKind = { stdio: 0 };
export const ExecuteCommandRequest = { type: new RequestType('workspace/executeCommand') };
