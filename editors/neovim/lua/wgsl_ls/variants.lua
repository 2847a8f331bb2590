-- The variants of each root as the server last told them, the statusline's text and the change of the active one.
-- What a variant's state is, only the server says.
local client = require('wgsl_ls.client')
local words = require('wgsl_ls.words')
local M = {}

-- root address -> VariantList; buffer -> root address
local lists = {}
local roots = {}
local state = { state = 'starting', message = '' }
--- Root address -> name of the variant that was chosen: a server that begins again is told.
M.chosen = vim.empty_dict()

local MARKS = {
  accepted = '✓',
  rejected = '✗',
  ['accepted-by-structure'] = '✓ by structure',
  ['rejected-by-structure'] = '✗ by structure',
  unsupported = 'not supported',
  crashed = 'crashed',
  ['timed-out'] = 'timed out',
  ['device-lost'] = 'lost its device',
  unavailable = 'not installed',
  pending = '○',
  ['preprocess-failed'] = 'not preprocessed',
}
local STATES = { pass = '✓', fail = '✗', pending = '○', unjudged = '?' }
M.ENGINES = { wgpu = 'naga', dawn = 'Tint' }

--- "✗ K_F16  MASK  naga ✓  Tint ✗  unresolved identifier": what tells it from the others first, so that nothing of it
--- is cut off.
function M.label(entry, active)
  local parts = { (entry.name == active and '● ' or '  ') .. STATES[entry.state] .. ' ' .. entry.label }
  local seen = false
  for _, verdict in pairs(entry.verdicts) do
    seen = seen or verdict ~= 'pending'
  end
  -- Of a variant that no compiler has seen yet, they say nothing that the mark before it does not.
  for _, engine in ipairs(seen and { 'wgpu', 'dawn' } or {}) do
    local verdict = entry.verdicts[engine]
    if verdict then
      table.insert(parts, M.ENGINES[engine] .. ' ' .. MARKS[verdict])
    end
  end
  table.insert(parts, entry.reason or entry.why)
  return words.plain(table.concat(parts, '  '))
end

--- At most `length` bytes of a label, which can be longer than a line: whole parts from both ends, which say most.
function M.shortened(label, length)
  local parts = vim.split(label, '  ', { plain = true })
  local head, tail = { parts[1] }, {}
  if #label <= length or #parts < 3 then
    return label
  end
  for number = 2, #parts do
    local from_end = number % 2 == 0
    local place = math.floor(number / 2)
    local part = from_end and parts[#parts + 1 - place] or parts[place + 1]
    local kept = vim.list_extend(vim.list_extend(vim.list_extend({}, head), { '…', part }), tail)
    if #table.concat(kept, '  ') > length then
      break
    end
    table.insert(from_end and tail or head, from_end and 1 or #head + 1, part)
  end
  return table.concat(vim.list_extend(vim.list_extend(head, { '…' }), tail), '  ')
end

--- What tells a variant of a root from the others; its name where the list is not known.
function M.label_of(root, name)
  for _, entry in ipairs(lists[root] and lists[root].variants or {}) do
    if entry.name == name then
      return entry.label
    end
  end
  return name
end

--- "3,200": as the server writes numbers.
local function grouped(number)
  return (tostring(number):reverse():gsub('(%d%d%d)', '%1,'):reverse():gsub('^,', ''))
end

--- What words are looked for in.
function M.search(entry, active)
  local parts = { M.label(entry, active), entry.name, entry.origin, entry.state, entry.asked or '' }
  vim.list_extend(parts, entry.defines)
  return table.concat(parts, '\n')
end

--- Failing first, then as the server lists them.
function M.ordered(list)
  local failing, others = {}, {}
  for _, entry in ipairs(list.variants) do
    table.insert(entry.state == 'fail' and failing or others, entry)
  end
  return vim.list_extend(failing, others)
end

--- The list with what is now known of some of its variants.
function M.changed(variants, changes)
  for _, change in ipairs(changes) do
    local place = 0
    for number, length in ipairs(change.runs) do
      for row = place + 1, number % 2 == 0 and place + length or place do
        local entry = variants[row]
        entry.state, entry.verdicts, entry.problems = change.state, change.verdicts, change.problems
        entry.why, entry.reason = change.why, change.reason
      end
      place = place + length
    end
  end
  return variants
end

function M.news(news)
  local before = lists[news.root]
  if not before or before.edition ~= news.edition then
    -- Changes of another list than the known one are no use: all of it is asked for.
    local buffer = words.buffer_named(vim.uri_to_fname(news.root))
    return buffer and M.load(buffer)
  end
  news.variants = M.changed(before.variants, news.changes)
  M.merge(news)
end

function M.merge(list)
  local before = lists[list.root]
  lists[list.root] = list
  if before and before.active ~= list.active then
    require('wgsl_ls.expansion').follow(list.root, list.active)
  end
  vim.cmd.redrawstatus({ bang = true })
  vim.api.nvim_exec_autocmds('User', { pattern = 'WgslVariants', modeline = false })
end

function M.status(told)
  state = told
  vim.cmd.redrawstatus({ bang = true })
end

function M.of(buffer)
  return lists[roots[buffer]]
end

--- Asks for the list of a buffer's file; `answer(list)` is optional.
function M.load(buffer, answer)
  local uri = vim.b[buffer].wgsl_source or client.uri(buffer)
  client.request(buffer, 'wgsl/variants', { textDocument = { uri = uri } }, function(list)
    roots[buffer] = list.root
    M.merge(list)
    if answer then
      answer(list)
    end
  end, answer == nil)
end

function M.set_active(root, name)
  local params = { textDocument = { uri = root }, variant = name }
  client.request(0, 'wgsl/setActiveVariant', params, function(list)
    M.chosen[list.root] = list.active
    M.merge(list)
  end)
end

function M.statusline(buffer)
  local list = M.of(buffer)
  if not list then
    return ''
  end
  local active = M.shortened(M.label_of(list.root, list.active), 40)
  local parts = { active, '✓' .. grouped(list.counts.pass) }
  if list.counts.fail > 0 then
    table.insert(parts, '✗' .. grouped(list.counts.fail))
  end
  if list.counts.unjudged > 0 then
    table.insert(parts, '?' .. grouped(list.counts.unjudged))
  end
  if list.counts.pending > 0 then
    table.insert(parts, '○' .. grouped(list.counts.pending))
  end
  if state.state == 'reading' then
    table.insert(parts, state.message)
  end
  if state.state == 'engine-missing' then
    table.insert(parts, 'engine missing')
  end
  return words.statusline(table.concat(parts, ' '))
end

return M
