-- The host program's C++ files that variants are read from, as the server named them: their buffers are shown to it,
-- so that what is typed there counts at once.
local M = {}

function M.follow(uris, client_id)
  local wanted = {}
  for _, uri in ipairs(uris) do
    wanted[vim.fs.normalize(vim.uri_to_fname(uri))] = true
  end
  local function show(buffer)
    local name = vim.api.nvim_buf_get_name(buffer)
    local ours = name ~= '' and vim.api.nvim_buf_is_loaded(buffer) and wanted[vim.fs.normalize(name)]
    if ours and vim.lsp.get_client_by_id(client_id) then
      vim.lsp.buf_attach_client(buffer, client_id)
    end
  end
  vim.tbl_map(show, vim.api.nvim_list_bufs())
  vim.api.nvim_create_autocmd('BufReadPost', {
    group = vim.api.nvim_create_augroup('wgsl_ls_host_' .. client_id, {}),
    callback = function(event)
      show(event.buf)
    end,
  })
end

return M
