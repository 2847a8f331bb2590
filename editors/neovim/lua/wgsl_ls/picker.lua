-- Choosing one of several labelled things: in Telescope when it is there, in what replaced vim.ui.select, else in a
-- window of our own that fits the screen however long the list is.
local words = require('wgsl_ls.words')
local M = {}

local function telescope(title, items, format, search, choose)
  local pickers = require('telescope.pickers')
  local finders = require('telescope.finders')
  local actions = require('telescope.actions')
  local action_state = require('telescope.actions.state')
  pickers
    .new({}, {
      prompt_title = title,
      finder = finders.new_table({
        results = items,
        entry_maker = function(item)
          return { value = item, display = format(item), ordinal = search(item) }
        end,
      }),
      sorter = require('telescope.config').values.generic_sorter({}),
      attach_mappings = function(prompt)
        actions.select_default:replace(function()
          local entry = action_state.get_selected_entry()
          actions.close(prompt)
          if entry then
            choose(entry.value)
          end
        end)
        return true
      end,
    })
    :find()
end

--- The indexes of the texts that have every word of `query`, in any order.
function M.matching(texts, query)
  local wanted = vim.split(query:lower(), '%s+', { trimempty = true })
  local found = {}
  for index, text in ipairs(texts) do
    local all = true
    for _, word in ipairs(wanted) do
      all = all and text:find(word, 1, true) ~= nil
    end
    if all then
      table.insert(found, index)
    end
  end
  return found
end

--- A label, before it what was asked for and is found elsewhere: what all share is in no label.
local function with_asked(label, text, query)
  local asked = {}
  for _, word in ipairs(vim.split(query:lower(), '%s+', { trimempty = true })) do
    if not label:lower():find(word, 1, true) then
      for known in text:gmatch('%S+') do
        if known:lower():find(word, 1, true) then
          table.insert(asked, known)
          break
        end
      end
    end
  end
  return #asked > 0 and ('%s │ %s'):format(table.concat(asked, ' '), label) or label
end

local function open(buffer, enter, config)
  local window = vim.api.nvim_open_win(buffer, enter, vim.tbl_extend('force', {
    relative = 'editor',
    style = 'minimal',
    border = 'rounded',
  }, config))
  vim.wo[window].wrap = false
  return window
end

local function float(title, items, format, search, choose)
  local labels, known, texts
  local function read()
    labels = vim.tbl_map(format, items)
    known = vim.tbl_map(search, items)
    texts = vim.tbl_map(string.lower, known)
  end
  read()
  local shown = {}
  local widest = 40
  for _, label in ipairs(labels) do
    widest = math.max(widest, vim.fn.strdisplaywidth(label))
  end
  local width = math.min(widest, vim.o.columns - 4)
  local height = math.max(1, math.min(#items, vim.o.lines - 8))
  local left = math.floor((vim.o.columns - width) / 2) - 1
  local function scratch()
    local buffer = vim.api.nvim_create_buf(false, true)
    vim.bo[buffer].bufhidden = 'wipe'
    return buffer
  end
  local list, input = scratch(), scratch()
  local below = open(list, false, { row = 3, col = left, width = width, height = height, focusable = false })
  vim.wo[below].cursorline = true
  local above = open(input, true, { row = 0, col = left, width = width, height = 1, title = ' ' .. words.plain(title) .. ' ' })

  local filled
  local function write()
    vim.api.nvim_buf_set_lines(list, 0, -1, false, vim.tbl_map(function(index)
      return with_asked(labels[index], words.plain(known[index]), filled)
    end, shown))
  end
  local function fill()
    local query = vim.api.nvim_buf_get_lines(input, 0, 1, false)[1] or ''
    if query == filled then
      return
    end
    filled = query
    shown = M.matching(texts, query)
    write()
    vim.api.nvim_win_set_cursor(below, { 1, 0 })
  end
  -- What is judged meanwhile shows in the rows, which stay where they are; verdicts come in many small steps.
  local waits = false
  local news = vim.api.nvim_create_autocmd('User', {
    pattern = 'WgslVariants',
    callback = function()
      if waits then
        return
      end
      waits = true
      vim.defer_fn(function()
        waits = false
        if vim.api.nvim_win_is_valid(below) then
          read()
          write()
        end
      end, 300)
    end,
  })
  local function close()
    pcall(vim.api.nvim_del_autocmd, news)
    vim.cmd.stopinsert()
    for _, window in ipairs({ above, below }) do
      if vim.api.nvim_win_is_valid(window) then
        vim.api.nvim_win_close(window, true)
      end
    end
  end
  local function move(by)
    return function()
      local row = vim.api.nvim_win_get_cursor(below)[1] + by
      vim.api.nvim_win_set_cursor(below, { math.max(1, math.min(row, math.max(1, #shown))), 0 })
    end
  end
  local function map(keys, act)
    for _, key in ipairs(keys) do
      vim.keymap.set({ 'i', 'n' }, key, act, { buffer = input, nowait = true })
    end
  end
  map({ '<Down>', '<C-n>' }, move(1))
  map({ '<Up>', '<C-p>' }, move(-1))
  map({ '<PageDown>', '<C-d>' }, move(height))
  map({ '<PageUp>', '<C-u>' }, move(-height))
  map({ '<Esc>', '<C-c>' }, close)
  map({ '<CR>' }, function()
    -- Who types fast is ahead of TextChangedI.
    fill()
    local index = shown[vim.api.nvim_win_get_cursor(below)[1]]
    close()
    if index then
      choose(items[index])
    end
  end)
  vim.api.nvim_create_autocmd({ 'TextChangedI', 'TextChanged' }, { buffer = input, callback = fill })
  vim.api.nvim_create_autocmd('WinLeave', { buffer = input, once = true, callback = vim.schedule_wrap(close) })
  fill()
  vim.cmd.startinsert()
end

local function is_replaced()
  local source = debug.getinfo(vim.ui.select, 'S').source
  return not source:find('vim/ui', 1, true)
end

--- `search(item)`: the text in which words are looked for; without it the label.
function M.pick(title, items, format, choose, search)
  local wanted = require('wgsl_ls').options.picker
  if (wanted == 'auto' or wanted == 'telescope') and pcall(require, 'telescope') then
    return telescope(title, items, format, search or format, choose)
  end
  if wanted == 'float' or (wanted == 'auto' and not is_replaced()) then
    return float(title, items, format, search or format, choose)
  end
  vim.ui.select(items, { prompt = title, format_item = format, kind = 'wgsl_ls' }, function(item)
    if item then
      choose(item)
    end
  end)
end

return M
