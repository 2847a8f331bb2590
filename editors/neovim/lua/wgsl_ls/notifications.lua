-- What the server tells without being asked, and who listens; and an answer that Neovim would not show.

--- Neovim (0.10 and 0.11) draws the hints of a line once for a text. Asked to ask again it forgets that, but what is
--- drawn until the answer comes, which are the old ones, it keeps.
local function forget_drawn_hints(buffer)
  for index = 1, 20 do
    local name, states = debug.getupvalue(vim.lsp.inlay_hint.on_inlayhint, index)
    if name == 'bufstates' and states[buffer] then
      states[buffer].applied = {}
    end
  end
end

return {
  ['textDocument/inlayHint'] = function(err, result, context, config)
    if result and context.bufnr then
      pcall(forget_drawn_hints, context.bufnr)
    end
    return vim.lsp.handlers['textDocument/inlayHint'](err, result, context, config)
  end,
  ['wgsl/inactiveRegions'] = function(_, result)
    require('wgsl_ls.inactive').paint(result)
  end,
  ['wgsl/verdictsChanged'] = function(_, result)
    require('wgsl_ls.variants').news(result)
  end,
  ['wgsl/viewsChanged'] = function(_, result)
    for _, uri in ipairs(result.uris) do
      local buffer = vim.uri_to_bufnr(uri)
      if vim.api.nvim_buf_is_loaded(buffer) then
        require('wgsl_ls.variants').load(buffer)
      end
    end
    require('wgsl_ls.panels').refresh_defines()
  end,
  ['wgsl/expansionChanged'] = function(_, result)
    require('wgsl_ls.expansion').changed(result.uri)
  end,
  ['wgsl/status'] = function(_, result)
    require('wgsl_ls.variants').status(result)
  end,
  ['wgsl/hostFiles'] = function(_, result, context)
    require('wgsl_ls.host').follow(result.files, context.client_id)
  end,
  ['wgsl/smokeFinished'] = function() end,
  ['workspace/codeLens/refresh'] = function()
    for _, buffer in ipairs(vim.api.nvim_list_bufs()) do
      if vim.b[buffer].wgsl_lenses then
        vim.lsp.codelens.refresh({ bufnr = buffer })
      end
    end
    return vim.NIL
  end,
  ['workspace/textDocumentContent/refresh'] = function(_, result)
    require('wgsl_ls.expansion').changed(result.uri)
    return vim.NIL
  end,
  ['textDocument/publishDiagnostics'] = function(err, result, context, config)
    if result and vim.startswith(result.uri, 'wgsl-expanded:') then
      return require('wgsl_ls.expansion').diagnose(result.uri, result.diagnostics)
    end
    return vim.lsp.handlers['textDocument/publishDiagnostics'](err, result, context, config)
  end,
}
