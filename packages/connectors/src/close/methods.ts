import type { MethodDefinition } from '@latchwork/contract'

const keyDocumentation = {
  label: 'Close: API keys',
  url: 'https://developer.close.com/api/overview/api-key-authentication',
}
const appDocumentation = {
  label: 'Close: creating an OAuth app',
  url: 'https://developer.close.com/integrations/create-an-oauth-app',
}
const scopeDocumentation = {
  label: 'Close: OAuth and its scopes',
  url: 'https://developer.close.com/api/overview/oauth-authentication',
}

/**
 * The API key method: HTTP Basic, the key as user name and an empty password.
 * @see https://developer.close.com/api/overview/api-key-authentication
 */
export function apiKeyMethod(closeAppUrl: string): MethodDefinition {
  const keysPage = {
    label: 'Open API Keys in Close',
    url: `${closeAppUrl}/settings/developer/api-keys/`,
  }
  return {
    id: 'api_key',
    label: 'API Key',
    summary: 'Signs in by HTTP Basic: the key is the user name, the password stays empty.',
    bestFor:
      'Best for server-side integrations, internal tools and scripts that work in one Close organization.',
    flow: 'direct',
    fields: [
      {
        name: 'apiKey',
        label: 'API Key',
        kind: 'secret',
        required: true,
        help: 'Made in Close under Settings > Developer > API Keys. It acts as one user in one organization. Stored encrypted and never shown again.',
        placeholder: 'api_…',
        noInnerSpace: true,
        isKey: true,
        links: [keysPage],
        guideStep: 5,
      },
    ],
    guide: {
      title: 'Get an API key',
      steps: [
        { text: `Sign in to Close at \`${new URL(closeAppUrl).host}\`.`, link: keysPage },
        { text: 'Go to **Settings > Developer > API Keys**.' },
        { text: 'Select **Create New API Key**.' },
        { text: 'Name it, for example `Latchwork`, so that you can tell later what uses it.' },
        { text: 'Select **Generate**.' },
        { text: 'Copy the key at once and paste it into **API Key** here.' },
      ],
      warnings: [
        'Close shows the full key **only once**. If it is gone, make a new one.',
        'Keep it safe: whoever holds the key acts for your organization, with everything its user may do.',
        'Has a key leaked? Delete it in Close, make a new one, and replace it in this credential: sources and destinations that use the credential go on working.',
        'API keys belong to an organization, and each one to **one user in one organization**. They are made and managed in Close’s settings, and a key can do no more than its user.',
      ],
      links: [keyDocumentation],
    },
  }
}

/**
 * The three-legged OAuth 2.0 method. The page adds the redirect URI (from the settings) and the Authorize button.
 * @see https://developer.close.com/api/overview/oauth-authentication
 */
export function oauthMethod(closeAppUrl: string): MethodDefinition {
  const appsPage = {
    label: 'Open OAuth Apps in Close',
    url: `${closeAppUrl}/settings/developer/oauth-apps`,
  }
  return {
    id: 'oauth2',
    label: 'OAuth 2.0 (3-Legged)',
    summary: 'You grant access to your own Close account on Close’s page; no key changes hands.',
    bestFor:
      'Best for user-facing integrations, where each person authorizes their own Close account. Choose it when acting for individual Close users.',
    flow: 'oauth2',
    fields: [
      {
        name: 'clientId',
        label: 'Client ID',
        kind: 'text',
        required: true,
        help: 'Your OAuth app’s public identifier. Find it in Close under Settings > Developer > OAuth Apps. The app must exist there first.',
        noInnerSpace: true,
        links: [appsPage],
        guideStep: 6,
      },
      {
        name: 'clientSecret',
        label: 'Client Secret',
        kind: 'secret',
        required: true,
        help: 'Authenticates your OAuth app when it asks Close for tokens. Shown beside the Client ID when the app is made. Stored encrypted and never shown again.',
        noInnerSpace: true,
        guideStep: 6,
      },
      {
        name: 'scope',
        label: 'Access Scope',
        kind: 'text',
        required: false,
        help: 'Scopes separated by spaces. Leave it blank for the app’s default permissions.',
        placeholder: 'all.full_access offline_access',
        links: [scopeDocumentation],
        guideStep: 7,
      },
    ],
    guide: {
      title: 'Make an OAuth app',
      steps: [
        {
          text: `An OAuth app must exist in Close first. Sign in to Close at \`${new URL(closeAppUrl).host}\`.`,
          link: appsPage,
        },
        { text: 'Go to **Settings > Developer > OAuth Apps** and select **Create App**.' },
        { text: '**App Name**: what people see when they are asked for access, for example `Latchwork`.' },
        { text: '**App Description** (optional): a sentence about what the app is for.' },
        {
          text: '**Redirect URL**: paste the **Redirect URI** shown in this form, to the letter. Close accepts `https` addresses only.',
        },
        { text: 'Select **Save** (Close may call the button **Create**).' },
        { text: 'Copy **Client ID** and **Client Secret** and paste both here.' },
        { text: 'Select **Authorize** here, choose your organization on Close’s page, and allow access.' },
      ],
      warnings: [
        'Close does **not show the Client Secret again**: copy it before you leave the page.',
        'Keep the Client Secret safe: with it, somebody else could pose as your app.',
        'A new app is private: only members of the organization that made it can authorize it.',
      ],
      links: [appDocumentation, scopeDocumentation],
    },
  }
}
