/** The fields of a database credential for the server, and the database, that an address names. */
export function databaseValues(url: URL) {
  return {
    host: url.hostname,
    port: url.port === '' ? '5432' : url.port,
    database: url.pathname.slice(1),
    user: decodeURIComponent(url.username),
    // A server that trusts everybody asks for none, and the form wants one.
    password: decodeURIComponent(url.password) || 'none',
    tls: 'disable',
  }
}
