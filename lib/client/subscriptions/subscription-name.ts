/** What a page wants to hear: everything (pipe ''), a pipe (event ''), or one event of a pipe. */
export interface SubscriptionName {
  readonly pipe: string
  readonly event: string
}

const pipePattern = /^[0-9A-Za-z_=+/-]{2,64}$/
const eventPattern = /^[0-9A-Za-z_.=+/-]{0,64}$/

/** Splits `pipe.event` at the first dot: pipes have none. */
export function splitPipeEvent(name: string): SubscriptionName {
  const dot = name.indexOf('.')
  return dot === -1 ? { pipe: name, event: '' } : { pipe: name.slice(0, dot), event: name.slice(dot + 1) }
}

/** Whether the server would take these names. */
export function isValidName({ pipe, event }: SubscriptionName): boolean {
  return pipePattern.test(pipe) && eventPattern.test(event)
}

/**
 * Reads the names given to `subscription`, one a line: `pipe`, `pipe.event`, `msg`, `#pipe` (delivery reports, as
 * `answer_to_pipe`), or '' alone: everything. `invalid` is told each name that is none.
 */
export function parseSubscriptionNames(names: string, invalid: (name: string) => void): SubscriptionName[] {
  if (names === '') return [{ pipe: '', event: '' }]
  return names
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '')
    .flatMap((line) => {
      const name = splitPipeEvent(reportPipe(line))
      // A report's pipe is longer than a pipe may be, by what stands before it.
      if (isValidName({ ...name, pipe: name.pipe.replace(reportPrefix, '') })) return [name]
      invalid(line)
      return []
    })
}

/** Whether messages of this pipe come without subscribing at the server. */
export function isLocalPipe(pipe: string): boolean {
  return pipe === '' || pipe === 'msg' || pipe === 'sys' || pipe.startsWith('_answer')
}

/** Whether messages of this pipe go to who wants everything: not answers, nor the server's own messages. */
export function isForEverybody(pipe: string): boolean {
  return pipe !== 'sys' && !pipe.startsWith('_answer')
}

/** Begins the pipes of reports; the pipe to which a message was sent follows. */
export const reportPrefix = '_answer_to_'

function reportPipe(name: string): string {
  return name.replace(/^(#|_?answer_to_)/, reportPrefix)
}
