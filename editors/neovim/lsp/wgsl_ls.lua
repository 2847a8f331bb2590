-- For Neovim 0.11's vim.lsp.enable('wgsl_ls'): enough for diagnostics, hover, navigation, lenses and code actions
-- without calling setup().
local client = require('wgsl_ls.client')
return {
  cmd = client.command({}) or { 'wgsl-ls', 'serve' },
  filetypes = { 'wgsl', 'toml' },
  root_dir = function(buffer, found)
    local root = client.root(buffer)
    if root then
      found(root)
    end
  end,
}
