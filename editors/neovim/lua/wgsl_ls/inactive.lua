-- Code that the active variant leaves out, drawn faint by extmarks.
local M = {}

M.namespace = vim.api.nvim_create_namespace('wgsl_ls_inactive')
-- Above semantic tokens (125), below diagnostics.
local PRIORITY = 140

function M.paint(told)
  local options = require('wgsl_ls').options.inactive
  local buffer = require('wgsl_ls.words').buffer_named(vim.uri_to_fname(told.textDocument.uri))
  if not buffer or not vim.api.nvim_buf_is_loaded(buffer) then
    return
  end
  vim.api.nvim_buf_clear_namespace(buffer, M.namespace, 0, -1)
  if not options.enabled then
    return
  end
  local client = require('wgsl_ls.client')
  local last = vim.api.nvim_buf_line_count(buffer)
  for _, region in ipairs(told.regions) do
    -- A region may speak of a version that is a few keystrokes old.
    if region.start.line < last then
      local finish = region['end'].line < last and region['end'] or { line = last - 1, character = 1e6 }
      vim.api.nvim_buf_set_extmark(buffer, M.namespace, region.start.line, client.byte_column(buffer, region.start), {
        end_row = finish.line,
        end_col = client.byte_column(buffer, finish),
        hl_group = options.highlight,
        hl_eol = true,
        priority = PRIORITY,
      })
    end
  end
end

return M
