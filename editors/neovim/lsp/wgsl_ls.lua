-- For Neovim 0.11's vim.lsp.enable('wgsl_ls'): enough for diagnostics, hover, navigation, lenses and code actions
-- without calling setup().
return {
  cmd = require('wgsl_ls.client').command({}) or { 'wgsl-ls', 'serve' },
  filetypes = { 'wgsl' },
  root_markers = { 'wgsl-ls.toml', '.git' },
}
