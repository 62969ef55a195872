import { CometServerApi } from './comet-server-api.ts'
import { callWith } from './subscriptions/dispatch.ts'
import { browserEnvironment } from './environment.ts'
import type { StartOptions } from './options.ts'
import { TabSignal } from './tabs/tab-signal.ts'

/** The script's own address; known only while the script runs for the first time. */
const scriptUrl = (document.currentScript as HTMLScriptElement | null)?.src

// A page may load the script twice, and must not get a second connection by it.
if (!('CometServer' in window)) Object.assign(window, globals(scriptUrl))

/** The names that pages use. */
function globals(scriptUrl: string | undefined): Readonly<Record<string, unknown>> {
  const environment = browserEnvironment(scriptUrl)
  // A function, not a class: old pages call it with and without `new`.
  function cometServerApi(options?: StartOptions): CometServerApi {
    return new CometServerApi(environment, options)
  }
  cometServerApi.prototype = CometServerApi.prototype
  const cometApi = new CometServerApi(environment)
  return {
    CometServer: () => cometApi,
    cometApi,
    cometServerApi,
    _cometServerApi: cometServerApi,
    tabSignal: new TabSignal(
      environment.BroadcastChannel,
      callWith((error) => environment.reportError(error)),
    ),
  }
}
