-- Starts the server in every way that this Neovim knows, and asks it questions.
local M = {}

M.NAME = 'wgsl_ls'
M.CONFIG = 'wgsl-ls.toml'
local MISSING = 'wgsl-ls was not found on PATH or in $VIRTUAL_ENV. Install it from its checkout: pip install "./wgsl-ls[dawn,smoke]"'
local is_011 = vim.fn.has('nvim-0.11') == 1

-- In 0.10 a client's functions do not take the client itself.
local function method(client, name, ...)
  if is_011 then
    return client[name](client, ...)
  end
  return client[name](...)
end

function M.command(options)
  if options.cmd then
    return options.cmd
  end
  local windows = vim.fn.has('win32') == 1
  local folders = vim.split(vim.env.PATH or '', windows and ';' or ':', { plain = true })
  if vim.env.VIRTUAL_ENV then
    table.insert(folders, vim.env.VIRTUAL_ENV .. (windows and '/Scripts' or '/bin'))
  end
  for _, folder in ipairs(folders) do
    -- exepath('wgsl-ls') would also look in the current folder, which is a repository: on Windows always, elsewhere by
    -- a relative entry of PATH.
    local absolute = folder:match('^/') or (windows and folder:match('^%a:[/\\]'))
    local found = absolute and vim.fn.exepath(folder .. '/wgsl-ls' .. (windows and '.exe' or '')) or ''
    if found ~= '' then
      return { found, 'serve' }
    end
  end
end

local function configuration(options, command)
  return {
    name = M.NAME,
    cmd = command,
    settings = { wgsl = options.settings },
    filetypes = { 'wgsl', 'toml' },
    -- The plugin draws inactive code itself, so the server need not also tag it as unnecessary.
    init_options = { inactiveRegions = options.inactive.enabled and 'notification' or nil },
    before_init = function(params)
      params.initializationOptions.activeVariants = require('wgsl_ls.variants').chosen
    end,
    handlers = require('wgsl_ls.notifications'),
    capabilities = vim.tbl_deep_extend('force', vim.lsp.protocol.make_client_capabilities(), {
      -- Neovim asks for lenses only when it is told to, so old counts would stay.
      workspace = { didChangeWatchedFiles = { dynamicRegistration = true }, codeLens = { refreshSupport = true } },
    }),
  }
end

--- The folder that the server works in, or nil for a buffer that is none of its own.
function M.root(buffer)
  local name = vim.api.nvim_buf_get_name(buffer)
  local ours = vim.bo[buffer].filetype == 'wgsl' or vim.fs.basename(name) == M.CONFIG
  if not ours or vim.bo[buffer].buftype ~= '' then
    return nil
  end
  return vim.fs.root(buffer, { M.CONFIG, '.git' }) or vim.fs.dirname(name)
end

--- The first configuration of a folder is news that no file watcher of Neovim brings everywhere.
local function tell_of_configurations()
  vim.api.nvim_create_autocmd('BufWritePost', {
    group = vim.api.nvim_create_augroup('wgsl_ls_configuration', {}),
    pattern = M.CONFIG,
    callback = function(event)
      M.notify('workspace/didChangeWatchedFiles', { changes = { { uri = vim.uri_from_bufnr(event.buf), type = 1 } } })
    end,
  })
end

function M.enable(options)
  local command = M.command(options)
  if not command then
    vim.notify(MISSING, vim.log.levels.WARN)
    return
  end
  local config = configuration(options, command)
  if vim.lsp.config and vim.lsp.enable then
    config.name = nil
    config.root_dir = function(buffer, found)
      local root = M.root(buffer)
      if root then
        found(root)
      end
    end
    vim.lsp.config(M.NAME, config)
    vim.lsp.enable(M.NAME)
  else
    vim.api.nvim_create_autocmd('FileType', {
      group = vim.api.nvim_create_augroup('wgsl_ls_start', {}),
      pattern = { 'wgsl', 'toml' },
      callback = function(event)
        config.root_dir = M.root(event.buf)
        if config.root_dir then
          vim.lsp.start(config, { bufnr = event.buf })
        end
      end,
    })
  end
  tell_of_configurations()
  vim.api.nvim_create_autocmd('LspAttach', {
    group = vim.api.nvim_create_augroup('wgsl_ls_attach', {}),
    callback = function(event)
      local client = vim.lsp.get_client_by_id(event.data.client_id)
      -- The host's C++ is only shown to the server; its features are another server's.
      if client and client.name == M.NAME and vim.bo[event.buf].filetype == 'wgsl' then
        M.attached(client, event.buf, options)
      end
    end,
  })
end

function M.attached(client, buffer, options)
  require('wgsl_ls.variants').load(buffer)
  if options.inlay_hints and method(client, 'supports_method', 'textDocument/inlayHint') then
    vim.lsp.inlay_hint.enable(true, { bufnr = buffer })
  end
  if options.code_lens and method(client, 'supports_method', 'textDocument/codeLens') then
    vim.api.nvim_create_autocmd({ 'BufEnter', 'InsertLeave', 'BufWritePost' }, {
      group = vim.api.nvim_create_augroup('wgsl_ls_lens_' .. buffer, {}),
      buffer = buffer,
      callback = function()
        vim.lsp.codelens.refresh({ bufnr = buffer })
      end,
    })
    vim.lsp.codelens.refresh({ bufnr = buffer })
    vim.b[buffer].wgsl_lenses = true
  end
end

--- The running client of a buffer, or of any buffer when that one has none (an expansion, a panel).
function M.of(buffer)
  return vim.lsp.get_clients({ name = M.NAME, bufnr = buffer })[1] or vim.lsp.get_clients({ name = M.NAME })[1]
end

--- Asks; `answer(result)` is called with the result. An error is shown unless `quiet`.
function M.request(buffer, name, params, answer, quiet)
  local client = M.of(buffer)
  if not client then
    if not quiet then
      vim.notify('The WGSL language server is not running.', vim.log.levels.ERROR)
    end
    return
  end
  method(client, 'request', name, params, function(err, result)
    if err then
      if not quiet then
        vim.notify(require('wgsl_ls.words').plain(err.message), vim.log.levels.ERROR)
      end
    elseif result ~= nil and result ~= vim.NIL then
      answer(result)
    end
  end, buffer)
end

function M.notify(name, params)
  local client = M.of(nil)
  if client then
    method(client, 'notify', name, params)
  end
end

function M.restart()
  local clients = vim.lsp.get_clients({ name = M.NAME })
  local buffers = {}
  for _, client in ipairs(clients) do
    vim.list_extend(buffers, vim.tbl_keys(client.attached_buffers))
    method(client, 'stop')
  end
  vim.wait(3000, function()
    return #vim.lsp.get_clients({ name = M.NAME }) == 0
  end, 20)
  for _, buffer in ipairs(buffers) do
    if vim.api.nvim_buf_is_valid(buffer) then
      vim.api.nvim_exec_autocmds('FileType', { buffer = buffer, modeline = false })
    end
  end
end

function M.encoding()
  local client = M.of(nil)
  return client and client.offset_encoding or 'utf-16'
end

--- The byte column of an LSP position in a buffer's line.
function M.byte_column(buffer, position)
  local line = vim.api.nvim_buf_get_lines(buffer, position.line, position.line + 1, false)[1] or ''
  local encoding = M.encoding()
  if is_011 then
    return vim.str_byteindex(line, encoding, position.character, false)
  end
  if encoding == 'utf-8' then
    return math.min(position.character, #line)
  end
  local ok, column = pcall(vim.str_byteindex, line, position.character, encoding == 'utf-16')
  return ok and column or #line
end

--- The cursor of a window as an LSP position.
function M.cursor(window)
  return vim.lsp.util.make_position_params(window, M.encoding()).position
end

--- The address of a written file's buffer.
function M.uri(buffer)
  return vim.uri_from_bufnr(buffer)
end

return M
