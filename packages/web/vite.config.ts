import react from '@vitejs/plugin-react'
import { defineConfig } from 'vite'

// A server started beside `vite`, to develop the page against.
const target = 'https://localhost:8443'
const proxy = { target, secure: false }

export default defineConfig({
  plugins: [react()],
  // Small files stay files: the server's content security policy allows no data: scripts or fonts.
  build: {
    outDir: 'dist',
    emptyOutDir: true,
    assetsInlineLimit: 0,
    // What several screens share is one file: each of a hundred small ones would be a request.
    rolldownOptions: { output: { codeSplitting: { groups: [{ name: 'shared', minShareCount: 2 }] } } },
  },
  server: { proxy: { '/api': proxy, '/oauth/callback': proxy } },
})
