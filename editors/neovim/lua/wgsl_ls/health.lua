-- :checkhealth wgsl_ls: which server, whether it runs, which compilers it has and what brings a missing one.
local M = {}

local function server(health)
  local command = require('wgsl_ls.client').command(require('wgsl_ls').options)
  if not command then
    health.error('wgsl-ls was not found on PATH or in $VIRTUAL_ENV', {
      'In the folder that holds the checkout: pip install "./wgsl-ls[dawn,smoke]"',
      "Or name it: require('wgsl_ls').setup({ cmd = { '/path/to/wgsl-ls', 'serve' } })",
    })
    return
  end
  local program = command[1]
  local ran = vim.system({ program, '--version' }, { text = true }):wait(20000)
  if ran.code ~= 0 then
    health.error(('%s does not run: %s'):format(program, vim.trim(ran.stderr or '')))
    return
  end
  health.ok(('%s (%s)'):format(vim.trim(ran.stdout), program))
  return program
end

local function engines(health, program)
  local ran = vim.system({ program, 'doctor', '--json' }, { text = true }):wait(60000)
  local ok, found = pcall(vim.json.decode, ran.stdout or '')
  if not ok then
    health.error('wgsl-ls doctor gave no answer', vim.split(vim.trim(ran.stderr or ''), '\n', { plain = true }))
    return
  end
  for _, name in ipairs(vim.fn.sort(vim.tbl_keys(found.engines))) do
    local engine = found.engines[name]
    local compiler = require('wgsl_ls.variants').ENGINES[name] or name
    if engine.available then
      health.ok(('%s: %s on %s'):format(compiler, engine.version, engine.adapter))
    else
      health.warn(('%s (%s): %s'):format(compiler, name, engine.why), { engine.remedy })
    end
  end
end

function M.check()
  local health = vim.health
  health.start('wgsl_ls')
  if vim.fn.has('nvim-0.10') == 1 then
    health.ok('Neovim ' .. tostring(vim.version()))
  else
    health.error('Neovim 0.10 or newer is needed')
  end
  local program = server(health)
  if program then
    engines(health, program)
  end
  local clients = vim.lsp.get_clients({ name = require('wgsl_ls.client').NAME })
  if #clients == 0 then
    health.info('The server is not running; it starts with the first WGSL file.')
  end
  for _, client in ipairs(clients) do
    local version = client.server_info and client.server_info.version or 'of unknown version'
    health.ok(('running: %s, in %s'):format(version, client.root_dir or 'no folder'))
  end
end

return M
