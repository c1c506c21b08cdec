// @ts-check
/** The modules of dist/ in a few files: to load as many as they are takes Node longer than to run them. */

/** What the command loads with an addon, and what without: each in one file. */
const CHUNKS = {
  report: /\/cli\/(report|terminal|version)\.js$/,
  verbs: /\/cli\/(?!main|build-native).*\.js$|\/metrics\//,
};

export default {
  input: { index: 'dist/index.js', oqs: 'dist/oqs.js', main: 'dist/cli/main.js' },
  external: /^(node:|commander$|smol-toml$)/,
  output: {
    dir: 'dist/bundle', // as deep as dist/native/: the addon is looked for from the file that loads it
    chunkFileNames: '[name].js',
    manualChunks: (/** @type {string} */ id) => Object.entries(CHUNKS).find(([, modules]) => modules.test(id))?.[0],
    onlyExplicitManualChunks: true,
  },
  // What exports mean is in the types; here it would be a third of the bytes.
  plugins: [
    {
      name: 'without-doc-comments',
      renderChunk: (/** @type {string} */ code) => code.replace(/^[ \t]*\/\*\*[\s\S]*?\*\/\n/gm, ''),
    },
  ],
};
