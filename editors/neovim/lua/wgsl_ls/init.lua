-- The plugin's face: setup() and statusline(). What the editor shows comes from the language server; each file
-- beside this one draws one thing.
local M = {}

M.defaults = {
  -- The server; nil: wgsl-ls on PATH, else in $VIRTUAL_ENV.
  cmd = nil,
  -- Settings of the server, section "wgsl" (see :help wgsl_ls-settings).
  settings = {},
  inactive = { enabled = true, highlight = 'WgslInactive' },
  -- Move source and expansion together.
  synchronize = true,
  inlay_hints = true,
  code_lens = true,
  -- 'auto': Telescope when it is installed, what replaced vim.ui.select, else a window of the plugin's own. Or
  -- 'telescope', 'select', 'float'.
  picker = 'auto',
}
M.options = vim.deepcopy(M.defaults)

function M.setup(options)
  if vim.fn.has('nvim-0.10') == 0 then
    vim.notify('wgsl_ls needs Neovim 0.10 or newer: nothing of it works here', vim.log.levels.ERROR)
    return
  end
  M.options = vim.tbl_deep_extend('force', vim.deepcopy(M.defaults), options or {})
  vim.api.nvim_set_hl(0, 'WgslInactive', { link = 'DiagnosticUnnecessary', default = true })
  vim.api.nvim_set_hl(0, 'WgslMappedLine', { link = 'CursorLine', default = true })
  require('wgsl_ls.client').enable(M.options)
  require('wgsl_ls.commands').register()
end

--- Active variant and verdict counts of the current buffer, for a statusline; empty in other buffers.
function M.statusline()
  return require('wgsl_ls.variants').statusline(vim.api.nvim_get_current_buf())
end

return M
