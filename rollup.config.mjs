// @ts-check
/** The modules of dist/ in a few files: to load as many as they are takes Node longer than to run them. */

export default {
  input: { index: 'dist/index.js', oqs: 'dist/oqs.js', main: 'dist/cli/main.js' },
  external: /^(node:|commander$|smol-toml$)/,
  // As deep as dist/native/: the addon is looked for from the file that loads it.
  output: { dir: 'dist/bundle', chunkFileNames: '[name].js' },
};
