-- The workspace's words, made harmless for whatever interprets text. Names of variants, macros and files come from a
-- repository: in `winbar` and `statusline` a percent sign starts an item that may run code, file names are patterns to
-- some functions and lead to plugins that unpack archives, and control characters move the cursor of a terminal.
local M = {}

--- One line without control characters, and without the signs that turn the direction of writing.
function M.plain(text)
  text = tostring(text):gsub('[%z\1-\31\127]', ' ')
  -- C1 controls, line and paragraph separators, marks of direction.
  text = text:gsub('\194[\128-\159]', ' '):gsub('\226\128[\142\143\168-\174]', ' '):gsub('\226\129[\166-\169]', ' ')
  return text
end

--- As much of it as the message line shows at once.
function M.fitting(text)
  local room = vim.v.echospace
  return vim.fn.strdisplaywidth(text) <= room and text or vim.fn.strcharpart(text, 0, room - 1) .. '…'
end

--- For `statusline`, `winbar`, `tabline` and `titlestring`.
function M.statusline(text)
  return (M.plain(text):gsub('%%', '%%%%'))
end

--- A buffer without a file, found again by its name. Nothing is read, whatever lies on the disk under that name, and
--- no reader of another plugin starts for the name's ending.
function M.scratch(name)
  local buffer = M.buffer_named(name)
  if not buffer then
    buffer = vim.api.nvim_create_buf(false, true)
    vim.api.nvim_buf_set_name(buffer, name)
  end
  vim.bo[buffer].buftype = 'nofile'
  vim.bo[buffer].swapfile = false
  vim.bo[buffer].modeline = false
  return buffer
end

--- The buffer of exactly this name: vim.fn.bufnr() would take it for a pattern.
function M.buffer_named(name)
  for _, buffer in ipairs(vim.api.nvim_list_bufs()) do
    if vim.api.nvim_buf_get_name(buffer) == name then
      return buffer
    end
  end
end

return M
