/** Why something that was asked of a `CometClient` did not happen. */
export class CometClientError extends Error {
  override readonly name = 'CometClientError'
  /** The server's code, such as "COMET_ERR_DENIED", or "COMET_ERR_CONNECTION" where no answer came. */
  readonly code: string

  constructor(code: string, message: string) {
    super(message)
    this.code = code
  }
}
