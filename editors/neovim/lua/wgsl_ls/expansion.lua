-- The expansion of a variant in a split: live, with its own diagnostics, its cursor and scroll tied to the source's.
-- Positions are mapped by the server.
local client = require('wgsl_ls.client')
local words = require('wgsl_ls.words')
local M = {}

M.namespace = vim.api.nvim_create_namespace('wgsl_ls_expansion')
local marks = vim.api.nvim_create_namespace('wgsl_ls_mapped_line')
local group = vim.api.nvim_create_augroup('wgsl_ls_expansion', {})

-- expanded address -> { buffer, source, variant, follows, version }
local open = {}
-- Windows that were just moved by us: window -> cursor that was set; their next event is an echo.
local echoes = {}

local function canonical(uri)
  return vim.uri_decode(uri)
end

local function find(uri)
  return open[canonical(uri)]
end

local function window_of(buffer)
  return vim.fn.win_findbuf(buffer)[1]
end

local function fill(view, text)
  local lines = vim.split(text.text, '\n', { plain = true })
  if lines[#lines] == '' then
    table.remove(lines)
  end
  vim.bo[view.buffer].modifiable = true
  vim.api.nvim_buf_set_lines(view.buffer, 0, -1, false, lines)
  vim.bo[view.buffer].modifiable = false
  view.version = (view.version or 0) + 1
  if view.version == 1 then
    local document = { uri = view.uri, languageId = 'wgsl', version = 1, text = text.text }
    client.notify('textDocument/didOpen', { textDocument = document })
  else
    client.notify('textDocument/didChange', {
      textDocument = { uri = view.uri, version = view.version },
      contentChanges = { { text = text.text } },
    })
  end
  client.request(view.buffer, 'textDocument/diagnostic', { textDocument = { uri = view.uri } }, function(report)
    if report.kind == 'full' then
      M.diagnose(view.uri, report.items)
    end
  end, true)
end

function M.diagnose(uri, diagnostics)
  local view = find(uri)
  if not view then
    return
  end
  local shown = {}
  for _, item in ipairs(diagnostics) do
    table.insert(shown, {
      lnum = item.range.start.line,
      col = client.byte_column(view.buffer, item.range.start),
      end_lnum = item.range['end'].line,
      end_col = client.byte_column(view.buffer, item.range['end']),
      severity = item.severity,
      message = item.message,
      source = item.source,
      code = item.code,
    })
  end
  vim.diagnostic.set(M.namespace, view.buffer, shown)
end

local function place(view, target, target_buffer, by)
  local window = window_of(target_buffer)
  if not window or window == vim.api.nvim_get_current_win() then
    return
  end
  local line = math.min(target.line + 1, vim.api.nvim_buf_line_count(target_buffer))
  local column = client.byte_column(target_buffer, { line = line - 1, character = target.character })
  echoes[window] = true
  if by == 'cursor' then
    vim.api.nvim_win_set_cursor(window, { line, column })
    vim.api.nvim_buf_clear_namespace(view.buffer, marks, 0, -1)
    vim.api.nvim_buf_clear_namespace(view.source_buffer, marks, 0, -1)
    vim.api.nvim_buf_set_extmark(target_buffer, marks, line - 1, 0, { line_hl_group = 'WgslMappedLine' })
  else
    vim.api.nvim_win_call(window, function()
      vim.fn.winrestview({ topline = line, lnum = math.max(line, vim.fn.line('.')) })
    end)
  end
end

local function synchronize(view, from_buffer, position, by)
  local to_source = from_buffer == view.buffer
  local params = {
    textDocument = { uri = to_source and view.uri or client.uri(view.source_buffer) },
    position = position,
    variant = view.variant,
    direction = to_source and 'toSource' or 'toExpanded',
  }
  client.request(from_buffer, 'wgsl/mapPosition', params, function(mapped)
    for _, location in ipairs(mapped.locations) do
      if not to_source and canonical(location.uri) == canonical(view.uri) then
        return place(view, location.range.start, view.buffer, by)
      end
      if to_source and vim.uri_to_fname(location.uri) == vim.api.nvim_buf_get_name(view.source_buffer) then
        return place(view, location.range.start, view.source_buffer, by)
      end
    end
  end, true)
end

local function tie(view)
  local function moved(event)
    if not require('wgsl_ls').options.synchronize or not open[canonical(view.uri)] then
      return
    end
    local window = vim.api.nvim_get_current_win()
    if event.event == 'WinScrolled' then
      window = tonumber(event.match) or window
    end
    if not vim.api.nvim_win_is_valid(window) or vim.api.nvim_win_get_buf(window) ~= event.buf then
      return
    end
    if echoes[window] then
      echoes[window] = nil
      return
    end
    if event.event == 'CursorMoved' then
      synchronize(view, event.buf, client.cursor(window), 'cursor')
    elseif window ~= vim.api.nvim_get_current_win() or vim.fn.line('w0', window) ~= view.top then
      view.top = vim.fn.line('w0', window)
      synchronize(view, event.buf, { line = view.top - 1, character = 0 }, 'scroll')
    end
  end
  for _, buffer in ipairs({ view.buffer, view.source_buffer }) do
    vim.api.nvim_create_autocmd('CursorMoved', { group = group, buffer = buffer, callback = moved })
    vim.api.nvim_create_autocmd('WinScrolled', { group = group, buffer = buffer, callback = moved })
  end
end

local function close(view)
  open[canonical(view.uri)] = nil
  client.notify('textDocument/didClose', { textDocument = { uri = view.uri } })
end

-- Encoded as an address is: the name stands in other plugins' status lines.
local function buffer_name(text)
  local address = vim.uri_from_fname(vim.uri_to_fname(text.source)):sub(#'file' + 1)
  local variant = text.variant:gsub('[^%w_.+=,-]', function(byte)
    return ('%%%02X'):format(byte:byte())
  end)
  return 'wgsl-expanded' .. address .. '?variant=' .. variant
end

-- What stands above a window with an expansion.
local function label(window, root, variant)
  local variants = require('wgsl_ls.variants')
  local shown = variants.shortened(variants.label_of(root, variant), 60)
  vim.wo[window].winbar = words.statusline(shown .. ' (expanded)')
end

local function make_view(text, source_buffer, follows)
  local buffer = words.scratch(buffer_name(text))
  vim.bo[buffer].bufhidden = 'wipe'
  vim.b[buffer].wgsl_source = text.source
  local view = {
    buffer = buffer,
    source_buffer = source_buffer,
    uri = text.uri,
    variant = text.variant,
    follows = follows,
    root = text.source,
  }
  open[canonical(text.uri)] = view
  vim.api.nvim_create_autocmd('BufWipeout', {
    group = group,
    buffer = buffer,
    callback = function()
      close(view)
    end,
  })
  return view
end

--- Shows the expansion of the current buffer's root in a split; without a variant the active one, followed.
function M.show(variant)
  local source_buffer = vim.api.nvim_get_current_buf()
  local params = { textDocument = { uri = client.uri(source_buffer) }, variant = variant }
  client.request(source_buffer, 'wgsl/expansion', params, function(text)
    local view = find(text.uri) or make_view(text, source_buffer, variant == nil)
    local source_window = vim.api.nvim_get_current_win()
    if not window_of(view.buffer) then
      vim.cmd('rightbelow vertical sbuffer ' .. view.buffer)
      vim.bo[view.buffer].filetype = 'wgsl'
      label(0, text.source, text.variant)
    end
    fill(view, text)
    tie(view)
    vim.api.nvim_set_current_win(source_window)
    synchronize(view, source_buffer, client.cursor(source_window), 'cursor')
  end)
end

--- The server says that an expanded document has new text.
function M.changed(uri)
  local view = find(uri)
  if not view then
    return
  end
  local params = { textDocument = { uri = view.root }, variant = view.variant }
  client.request(view.buffer, 'wgsl/expansion', params, function(text)
    if vim.api.nvim_buf_is_valid(view.buffer) then
      fill(view, text)
    end
  end, true)
end

--- The root has another active variant: expansions that follow it change in place.
function M.follow(root, variant)
  for _, view in pairs(vim.deepcopy(open)) do
    if view.follows and view.root == root and view.variant ~= variant then
      local window = window_of(view.buffer)
      if window then
        client.request(view.source_buffer, 'wgsl/expansion', { textDocument = { uri = root }, variant = variant }, function(text)
          local next_view = find(text.uri) or make_view(text, view.source_buffer, true)
          vim.api.nvim_win_set_buf(window, next_view.buffer)
          vim.bo[next_view.buffer].filetype = 'wgsl'
          label(window, text.source, text.variant)
          fill(next_view, text)
          tie(next_view)
        end)
      end
    end
  end
end

--- The texts of two variants side by side in a tab, in diff mode.
function M.diff(left, right)
  local source = vim.api.nvim_get_current_buf()
  local params = { textDocument = { uri = client.uri(source) }, left = left, right = right }
  client.request(source, 'wgsl/diffVariants', params, function(both)
    vim.cmd.tabnew()
    for _, side in ipairs({ both.left, both.right }) do
      if side == both.right then
        vim.cmd('rightbelow vertical new')
      end
      local buffer = vim.api.nvim_get_current_buf()
      vim.bo[buffer].buftype = 'nofile'
      vim.bo[buffer].bufhidden = 'wipe'
      vim.api.nvim_buf_set_lines(buffer, 0, -1, false, vim.split(side.text, '\n', { plain = true }))
      vim.bo[buffer].modifiable = false
      vim.bo[buffer].filetype = 'wgsl'
      label(0, side.source, side.variant)
      vim.cmd.diffthis()
    end
  end)
end

return M
