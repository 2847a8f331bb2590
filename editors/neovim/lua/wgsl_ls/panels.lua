-- Texts beside the source: define state (follows the cursor), explanation of a line, smoke report, doctor.
local client = require('wgsl_ls.client')
local words = require('wgsl_ls.words')
local M = {}

local group = vim.api.nvim_create_augroup('wgsl_ls_panels', {})

--- The buffer of a panel, shown in a split of `height` lines; the focus stays where it is.
local function panel(name, filetype, height)
  local buffer = words.scratch(name)
  if #vim.fn.win_findbuf(buffer) == 0 then
    local back = vim.api.nvim_get_current_win()
    vim.cmd('botright ' .. height .. 'split')
    vim.api.nvim_win_set_buf(0, buffer)
    vim.wo.number = false
    vim.wo.wrap = false
    vim.wo.winfixheight = true
    vim.api.nvim_set_current_win(back)
  end
  vim.bo[buffer].filetype = filetype
  vim.api.nvim_buf_call(buffer, function()
    -- Names have underscores, which Markdown's syntax paints as mistakes.
    vim.cmd('silent! syntax clear markdownError')
  end)
  return buffer
end

local function write(buffer, lines)
  vim.bo[buffer].modifiable = true
  vim.api.nvim_buf_set_lines(buffer, 0, -1, false, vim.tbl_map(words.plain, lines))
  vim.bo[buffer].modifiable = false
end

local function origin(macro)
  if not macro.location then
    return macro.locked and 'variant, locked' or 'variant'
  end
  local file = vim.fn.fnamemodify(vim.uri_to_fname(macro.location.uri), ':t')
  return ('%s:%d'):format(file, macro.location.range.start.line + 1)
end

local function define_lines(state)
  local label = require('wgsl_ls.variants').label_of(state.root, state.variant)
  local lines = { ('line %d, %s'):format(state.line + 1, label), '' }
  if #state.macros == 0 then
    table.insert(lines, 'No macro is defined here.')
  end
  local places = {}
  local width = 0
  for _, macro in ipairs(state.macros) do
    width = math.max(width, #macro.name)
  end
  for _, macro in ipairs(state.macros) do
    local name = macro.name .. (' '):rep(width - #macro.name)
    table.insert(lines, ('%s  %s  [%s]'):format(name, macro.value, origin(macro)))
    places[#lines] = macro.location
    if macro.given then
      table.insert(lines, (' '):rep(width) .. '  ' .. macro.given)
      places[#lines] = macro.location
    end
    if macro.expanded and macro.expanded ~= macro.value then
      table.insert(lines, (' '):rep(width) .. '  → ' .. macro.expanded)
    end
    for _, shadow in ipairs(macro.shadows) do
      table.insert(lines, (' '):rep(width) .. '  hides ' .. shadow.value)
      places[#lines] = shadow.location
    end
  end
  return lines, places
end

local update_defines = function() end

--- What the panel of macros shows is looked at otherwise now.
function M.refresh_defines()
  update_defines()
end

--- The macros at the cursor, in a split that follows it. <CR> there jumps to a definition.
function M.defines()
  local buffer = panel('wgsl-ls://defines', 'wgsldefines', 12)
  if vim.api.nvim_buf_line_count(buffer) == 1 then
    write(buffer, { 'The macros at the cursor, when it is in a shader.' })
  end
  local places = {}
  local function update(event)
    local source = event and event.buf or vim.api.nvim_get_current_buf()
    if vim.bo[source].filetype ~= 'wgsl' or vim.bo[source].buftype ~= '' or #vim.fn.win_findbuf(buffer) == 0 then
      return
    end
    local params = { textDocument = { uri = client.uri(source) }, position = client.cursor(0) }
    client.request(source, 'wgsl/defineState', params, function(state)
      if vim.api.nvim_buf_is_valid(buffer) then
        local lines
        lines, places = define_lines(state)
        write(buffer, lines)
      end
    end, true)
  end
  update_defines = update
  vim.api.nvim_clear_autocmds({ group = group })
  vim.api.nvim_create_autocmd({ 'CursorMoved', 'BufEnter' }, { group = group, callback = update })
  vim.keymap.set('n', '<CR>', function()
    local location = places[vim.api.nvim_win_get_cursor(0)[1]]
    if location then
      vim.cmd.wincmd('p')
      vim.lsp.util.show_document(location, client.encoding(), { focus = true })
    end
  end, { buffer = buffer, desc = 'jump to the definition' })
  update()
end

function M.explain()
  local source = vim.api.nvim_get_current_buf()
  local params = { textDocument = { uri = client.uri(source) }, position = client.cursor(0) }
  client.request(source, 'wgsl/explain', params, function(answer)
    local lines = vim.split(answer.markdown, '\n', { plain = true })
    vim.lsp.util.open_floating_preview(lines, 'markdown', { border = 'rounded', focus_id = 'wgsl_explain' })
  end)
end

function M.doctor()
  client.request(0, 'workspace/executeCommand', { command = 'wgsl.doctor', arguments = {} }, function(answer)
    write(panel('wgsl-ls://doctor', 'markdown', 20), vim.split(answer.markdown, '\n', { plain = true }))
  end)
end

--- What is no number ("inf") stays a word.
local function short(figure)
  return type(figure) == 'number' and ('%.3g'):format(figure) or figure
end

local function run_lines(run, lines)
  local case = run.case ~= '' and (' / ' .. run.case) or ''
  vim.list_extend(lines, { '', ('## %s: %s%s'):format(run.verdict, run.variant, case), '' })
  table.insert(lines, ('- on %s, %s'):format(run.engine, run.adapter))
  for _, check in ipairs(run.failed_checks) do
    local where = check.buffer ~= '' and (check.buffer .. ': ') or ''
    table.insert(lines, ('- **failed: %s**: %s%s'):format(check.name, where, check.message))
  end
  local passed = vim.fn.sort(vim.tbl_keys(run.passed_checks))
  if #passed > 0 then
    table.insert(lines, '- passed: ' .. table.concat(passed, ', '))
  end
  for _, name in ipairs(vim.fn.sort(vim.tbl_keys(run.figures))) do
    local figures = run.figures[name]
    local said = '- `%s`: NMSE %s, largest error %s at %s'
    local at = '[' .. table.concat(vim.tbl_map(tostring, figures.max_absolute_at), ', ') .. ']'
    table.insert(lines, said:format(name, short(figures.nmse), short(figures.max_absolute), at))
  end
  if vim.tbl_isempty(run.figures) then
    table.insert(lines, '- no reference: the numbers are not judged')
  end
  for _, stage in ipairs(vim.fn.sort(vim.tbl_keys(run.gpu_seconds))) do
    table.insert(lines, ('- %s: %.3g ms'):format(stage, run.gpu_seconds[stage] * 1e3))
  end
  vim.list_extend(lines, vim.tbl_map(function(what)
    return '- ' .. what
  end, run.lowered))
  if #run.guessed > 0 then
    table.insert(lines, '- guessed, because `[smoke]` does not say it: ' .. table.concat(run.guessed, '; '))
  end
end

--- Runs a variant on the GPU and shows the report.
function M.smoke(argument)
  vim.notify('Smoke run of ' .. words.plain(argument.variant or 'the active variant') .. ' …')
  local params = { command = 'wgsl.smokeRun', arguments = { argument } }
  client.request(0, 'workspace/executeCommand', params, function(result)
    local level = result.ok and vim.log.levels.INFO or vim.log.levels.ERROR
    -- The report is beside it: a message that does not fit would wait for a key.
    vim.notify(words.fitting('Smoke run: ' .. words.plain(result.summary)), level)
    local lines = { result.summary }
    for _, run in ipairs(type(result.report) == 'table' and result.report.runs or {}) do
      run_lines(run, lines)
    end
    write(panel('wgsl-ls://smoke', 'markdown', math.floor(vim.o.lines / 2)), lines)
  end)
end

return M
