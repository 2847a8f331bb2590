-- The user's commands, and the editor's side of the commands that the server's code lenses name.
local client = require('wgsl_ls.client')
local variants = require('wgsl_ls.variants')
local panels = require('wgsl_ls.panels')
local words = require('wgsl_ls.words')
local M = {}

local function names(prefix)
  local list = variants.of(vim.api.nvim_get_current_buf())
  local found = {}
  for _, entry in ipairs(list and list.variants or {}) do
    if vim.startswith(entry.name, prefix) and words.plain(entry.name) == entry.name then
      table.insert(found, entry.name)
    end
  end
  return found
end

local function choose(title, act)
  variants.load(vim.api.nvim_get_current_buf(), function(list)
    require('wgsl_ls.picker').pick(title, variants.ordered(list), function(entry)
      return variants.label(entry, list.active)
    end, function(entry)
      act(entry, list)
    end, function(entry)
      return variants.search(entry, list.active)
    end)
  end)
end

local function variant(command)
  if command.args == '' then
    choose('Active variant', function(entry, list)
      variants.set_active(list.root, entry.name)
    end)
  else
    variants.load(vim.api.nvim_get_current_buf(), function(list)
      variants.set_active(list.root, command.args)
    end)
  end
end

local function diff(command)
  local function compare(list, other)
    require('wgsl_ls.expansion').diff(list.active, other)
  end
  if command.args == '' then
    choose('Compare the active variant with', function(entry, list)
      compare(list, entry.name)
    end)
  else
    variants.load(vim.api.nvim_get_current_buf(), function(list)
      compare(list, command.args)
    end)
  end
end

local function smoke(command)
  variants.load(vim.api.nvim_get_current_buf(), function(list)
    panels.smoke({ uri = list.root, variant = command.args ~= '' and command.args or list.active })
  end)
end

local function context()
  local buffer = vim.api.nvim_get_current_buf()
  local document = { uri = client.uri(buffer) }
  client.request(buffer, 'wgsl/contexts', { textDocument = document }, function(answer)
    local active = answer.contexts[answer.active + 1]
    require('wgsl_ls.picker').pick('See this file as included by', answer.contexts, function(item)
      return words.plain((item == active and '● ' or '  ') .. item.label)
    end, function(item)
      local params = { textDocument = document, root = item.root, variant = item.variant, instance = item.instance }
      client.request(buffer, 'wgsl/setContext', params, function()
        variants.load(buffer)
      end)
    end)
  end)
end

function M.register()
  local function command(name, act, description, arguments)
    local options = { desc = description, nargs = arguments and '?' or 0 }
    if arguments then
      options.complete = names
    end
    vim.api.nvim_create_user_command(name, act, options)
  end
  command('WgslVariant', variant, 'Choose the active variant', true)
  command('WgslExpand', function(given)
    require('wgsl_ls.expansion').show(given.args ~= '' and given.args or nil)
  end, 'Show the expansion beside the source', true)
  command('WgslDiff', diff, 'Compare a variant with the active one', true)
  command('WgslDefines', panels.defines, 'Show every macro at the cursor')
  command('WgslSmoke', smoke, 'Run a variant on the GPU and judge the numbers', true)
  command('WgslExplain', panels.explain, 'Explain why this line is active or not')
  command('WgslContext', context, 'Choose the root through which this include file is seen')
  command('WgslDoctor', panels.doctor, 'Show what works here')
  command('WgslRestart', client.restart, 'Restart the language server')
  command('WgslLog', function()
    local log = vim.lsp.get_log_path and vim.lsp.get_log_path() or vim.lsp.log.get_filename()
    vim.cmd.tabedit({ log, magic = { file = false, bar = false } })
  end, 'Open the log of the language client')

  vim.lsp.commands['wgsl.showVariants'] = function()
    variant({ args = '' })
  end
  vim.lsp.commands['wgsl.showContexts'] = context
  vim.lsp.commands['wgsl.showExpansion'] = function(given)
    require('wgsl_ls.expansion').show(given.arguments[2])
  end
  vim.lsp.commands['wgsl.smokeRun'] = function(given)
    panels.smoke(given.arguments[1])
  end
  vim.lsp.commands['wgsl.showDefines'] = function(given)
    local position = given.arguments[2]
    vim.api.nvim_win_set_cursor(0, { position.line + 1, client.byte_column(0, position) })
    panels.defines()
  end
end

return M
