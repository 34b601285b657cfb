import { ApiError, type Credential, type Problem, type Reason } from '@latchwork/contract'
import { notifications } from '@mantine/notifications'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useNavigate, useSearch } from '@tanstack/react-router'
import { useCallback, useEffect, useRef, useState } from 'react'
import { api } from '../api/client.ts'
import {
  forgetDeparture,
  listenForOutcomes,
  openPopup,
  rememberDeparture,
  returnPath,
} from './oauth-windows.ts'
import { outcomeFromChange, outcomeReason } from './outcome.ts'
import { credentialQuery, showChanged } from './queries.ts'

const lookEveryMs = 1_500

type State =
  | { phase: 'idle'; reason: Reason | null }
  | { phase: 'starting' }
  /** `before`: how the credential stood then. `url` is null after a reload, where nothing is opened again. */
  | { phase: 'waiting'; before: Credential; url: string | null }

/** What the person has confirmed. */
interface Confirmed {
  readonly confirmIdentityChange?: boolean
  /** Of another's credential: the id of its owner. */
  readonly confirmOwner?: string
}

interface AuthorizationOptions {
  /** What is known of an authorization that ended in this window before it came back. */
  initialReason?: Reason | null
  /** The draft whose authorization was under way when the page was loaded again. */
  resumed?: Credential | null
  /** The path to come back to where popups are blocked. */
  returnTo(): string
  /** What the authorization needs is stored, and the other system's page is about to open. */
  onPrepared?(credential: Credential): void
  /** Access was granted. */
  onAuthorized(credential: Credential): void
  /** The request to begin was refused. */
  onRefused(problem: Problem): void
}

/**
 * The three-legged authorization as the page sees it: opens the other system's page in a popup, or in this window
 * where popups are blocked. Then it waits for the end: the popup announces it, or the server's answer shows it.
 */
export function useAuthorization(options: AuthorizationOptions) {
  const { initialReason = null, resumed = null, returnTo } = options
  const [state, setState] = useState<State>(
    resumed === null
      ? { phase: 'idle', reason: initialReason }
      : { phase: 'waiting', before: resumed, url: null },
  )
  /** The popup was closed before its authorization ended. */
  const [isClosed, setClosed] = useState(false)
  const client = useQueryClient()
  const popup = useRef<Window | null>(null)
  const attempt = useRef(0)
  const handlers = useRef(options)
  useEffect(() => {
    handlers.current = options
  })

  /** `prepare` stores what the authorization needs and answers the credential; null if it said itself why not. */
  const start = async (prepare: () => Promise<Credential | null>, confirmed: Confirmed = {}) => {
    const mine = ++attempt.current
    popup.current?.close()
    const opened = openPopup()
    popup.current = opened
    setClosed(false)
    setState({ phase: 'starting' })
    try {
      const prepared = await prepare()
      if (prepared === null || mine !== attempt.current) {
        opened?.close()
        if (mine === attempt.current) setState({ phase: 'idle', reason: null })
        return
      }
      handlers.current.onPrepared?.(prepared)
      const params = { id: prepared.id }
      const { authorizeUrl } = await api.credentials.authorize({
        params,
        body: { display: opened === null ? 'page' : 'popup', returnTo: returnTo(), ...confirmed },
      })
      const before = await api.credentials.get({ params })
      if (mine !== attempt.current) return
      if (opened === null) {
        rememberDeparture(prepared.id, returnTo())
        window.location.assign(authorizeUrl)
      } else opened.location.replace(authorizeUrl)
      setState({ phase: 'waiting', before, url: authorizeUrl })
    } catch (error) {
      opened?.close()
      if (mine !== attempt.current) return
      setState({ phase: 'idle', reason: null })
      if (!(error instanceof ApiError)) throw error
      handlers.current.onRefused(error.problem)
    }
  }

  const cancel = useCallback(() => {
    attempt.current++
    popup.current?.close()
    setState({ phase: 'idle', reason: null })
  }, [])

  const before = state.phase === 'waiting' ? state.before : null
  useEffect(() => {
    if (before === null) return
    const params = { id: before.id }
    let ended = false
    const finish = (result: string, credential: Credential) => {
      if (ended) return
      ended = true
      showChanged(client, credential)
      setState({ phase: 'idle', reason: outcomeReason(result, credential) })
      if (result === 'ok') handlers.current.onAuthorized(credential)
    }
    const look = async (announced: string | null) => {
      try {
        const now = await api.credentials.get({ params })
        const result = announced ?? outcomeFromChange(before, now)
        if (result !== null) finish(result, now)
      } catch {
        // Asked again in a moment; a server that is away says so elsewhere.
      }
    }
    const stop = listenForOutcomes(({ credentialId, result }) => {
      if (credentialId === before.id || (credentialId === null && result !== 'ok')) void look(result)
    })
    const timer = setInterval(() => {
      // A page that isolates itself counts as closed, too: so this is only told, and the wait goes on.
      setClosed(popup.current?.closed ?? false)
      void look(null)
    }, lookEveryMs)
    return () => {
      ended = true
      stop()
      clearInterval(timer)
    }
  }, [before, client])

  const forget = useCallback(
    () => setState((now) => (now.phase === 'idle' ? { phase: 'idle', reason: null } : now)),
    [],
  )
  const reopen = () => {
    if (state.phase !== 'waiting' || state.url === null) return
    popup.current?.close()
    popup.current = openPopup(state.url)
    setClosed(false)
  }
  return { state, isClosed, start, cancel, reopen, forget }
}

export type Authorization = ReturnType<typeof useAuthorization>

/** A new authorization of a saved credential. `returnedResult`: how one ended for which the person left this window. */
export function useSignInAgain(credential: Credential, returnedResult: string | null) {
  /** The request to begin was refused. */
  const [refusal, setRefusal] = useState<Problem | null>(null)
  const authorization = useAuthorization({
    initialReason: returnedResult === null ? null : outcomeReason(returnedResult, credential),
    returnTo: () => returnPath(),
    onAuthorized: ({ name, identity }) => {
      setRefusal(null)
      const who = identity === null ? '' : ` as ${identity.userName}, ${identity.organizationName}`
      notifications.show({ message: `“${name}” is signed in again${who}.` })
    },
    onRefused: setRefusal,
  })
  const { id: ownerId } = credential.owner
  const [knowsOwner, setKnowsOwner] = useState(false)
  const begin = (confirmIdentityChange: boolean, confirmsOwner = knowsOwner) => {
    setRefusal(null)
    setKnowsOwner(confirmsOwner)
    const confirmOwner = confirmsOwner ? { confirmOwner: ownerId } : {}
    void authorization.start(async () => credential, { confirmIdentityChange, ...confirmOwner })
  }
  return { authorization, refusal, begin }
}

/** A credential that a page finds in its address, and how its authorization ended; null: the page was only loaded again. */
export interface Returned {
  readonly credential: Credential
  readonly result: string | null
}

export function isAnswered(returned: Returned | null): returned is Returned & { readonly result: string } {
  return returned !== null && returned.result !== null
}

/** Puts a draft into the address before the other system's page opens: a reload finds its form again. */
export function useDraftInAddress(): (id: string, beside?: Readonly<Record<string, string>>) => void {
  const navigate = useNavigate()
  return (id, beside = {}) => {
    void navigate({
      to: '.',
      search: (now: Record<string, unknown>) => ({ ...now, ...beside, draft: id }),
      replace: true,
      state: true,
    })
  }
}

/**
 * The credential for which somebody comes back from another system's page in this same window, or whose form was open
 * when the page was loaded again. Null when there is none; `isGone` says that it no longer exists.
 */
export function useReturned() {
  const search: Record<string, unknown> = useSearch({ strict: false })
  const navigate = useNavigate()
  const id = typeof search['draft'] === 'string' ? search['draft'] : null
  const result = typeof search['result'] === 'string' ? search['result'] : null
  // A draft that a form of this page has just put there is no way back.
  const [loadedWith] = useState(id)
  const isBack = id !== null && (result !== null || id === loadedWith)
  const { data, isError } = useQuery({ ...credentialQuery(id ?? ''), enabled: isBack })
  useEffect(() => {
    if (isBack) forgetDeparture()
  }, [isBack])
  const forget = useCallback(() => {
    void navigate({
      to: '.',
      search: ({ draft: _draft, result: _result, switch: _switch, ...rest }: Record<string, unknown>) => rest,
      replace: true,
      state: true,
    })
  }, [navigate])
  const returned: Returned | null = isBack && data !== undefined ? { credential: data, result } : null
  const isSwitch = typeof search['switch'] === 'string' && typeof search['id'] === 'string'
  const isDraft = !isSwitch && returned?.credential.status === 'draft'
  return {
    /** A new method of the credential that `id` in the address names. */
    returnedSwitch: isSwitch ? returned : null,
    /** A new credential. */
    returnedDraft: isDraft ? returned : null,
    /** A saved credential that was signed in again. */
    returnedSaved: isSwitch || isDraft ? null : returned,
    isGone: isBack && isError,
    forget,
  }
}
